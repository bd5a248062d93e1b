# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The bytes of messages: small ones several in a batch, large ones alone.

What ``$value`` gives is MIME that Exchange builds anew each time, out of a message that it keeps in another form: the
bytes differ from one time to the next, and from those that were once received.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from ... import plan
from ...errors import (
    ConsentMissing,
    MailboxDisabled,
    MailSyncError,
    MessageError,
    MessageGone,
    MessageTooLarge,
    MessageUnreadable,
    ServerUnavailable,
    SignInFailed,
    TooSlow,
)
from ...provider import Fetched, Listing
from .batch import Batcher
from .http import Client
from .listing import SIZE_ONLY, size_of
from .translate import PASSING, Answer, error_of, longest

# Bytes. What is larger comes alone, and not as Base64 within JSON.
_SMALL = 2**20
_AT_ONCE = 4 * 2**20
_PARTS = 20
# Sizes remembered of what was listed; those of others are asked for.
_REMEMBERED = 5_000
# So many failures in a row are the service's and not the messages'.
_FAILURES = 3
_URL_SAFE = str.maketrans("-_", "+/")


class Fetcher:
    """Fetches messages of the mailbox, whichever folder they lie in by now."""

    def __init__(self, client: Client, batcher: Batcher) -> None:
        self._client = client
        self._batcher = batcher
        self._sizes: dict[str, int] = {}
        self._new_mail: set[str] = set()
        self._has_fetched = False
        self._failures = 0

    def note(self, listing: Listing, is_new_mail: bool) -> None:
        """Remember what is worth knowing when the message is fetched."""
        if len(self._sizes) >= _REMEMBERED:
            self._sizes.clear()
            self._new_mail.clear()
        self._sizes[listing.remote_id] = listing.size
        if is_new_mail:
            self._new_mail.add(listing.remote_id)

    def fetch(self, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        wanted = list(dict.fromkeys(remote_ids))
        urgent = self._new_mail.issuperset(wanted)
        self._new_mail.difference_update(wanted)
        sizes = {remote_id: self._sizes.pop(remote_id, 0) for remote_id in wanted}
        if len(wanted) > 1:
            yield from self._without_gone(sizes, urgent=urgent)
        small = {remote_id: size for remote_id, size in sizes.items() if 0 < size <= _SMALL}
        for portion in plan.batches(small, _AT_ONCE, _PARTS):
            yield from self._together(portion, urgent=urgent)
        for remote_id in sizes:
            if remote_id not in small:
                yield self._alone(remote_id, urgent=urgent)

    def _without_gone(self, sizes: dict[str, int], *, urgent: bool) -> Iterator[Fetched]:
        """Ask for the sizes that are not known; what is found gone is answered, and taken out."""
        paths = {i: f"{self._message(i)}{SIZE_ONLY}" for i, size in sizes.items() if not size}
        answers = self._batcher.ask(paths, urgent=urgent)
        if busy := [answer for answer in answers.values() if answer.status in PASSING]:
            raise error_of(longest(busy))
        for remote_id, answer in answers.items():
            if answer.is_ok and isinstance(answer.body, dict):
                sizes[remote_id] = size_of(answer.body)
            elif isinstance(error := error_of(answer, MessageGone), MessageGone):
                del sizes[remote_id]
                yield Fetched(remote_id, error=error)

    def _together(self, portion: Sequence[str], *, urgent: bool) -> Iterator[Fetched]:
        if len(portion) == 1:
            yield self._alone(portion[0], urgent=urgent)
            return
        answers = self._batcher.ask({i: f"{self._message(i)}/$value" for i in portion}, urgent=urgent)
        # Wherever in the batch the messages stand: where one could be read, what was refused are the others.
        is_answering = any(answer.is_ok for answer in answers.values())
        self._has_fetched = self._has_fetched or is_answering
        refused: list[Answer] = []
        for remote_id in portion:
            answer = answers.pop(remote_id)
            if answer.is_passing:
                refused.append(answer)
            elif not answer.is_ok:
                yield self._failed(remote_id, answer, urgent=urgent, is_answering=is_answering)
            elif (content := _decoded(answer)) is None:
                yield self._alone(remote_id, urgent=urgent)
            else:
                del answer
                yield self._fetched(remote_id, content)
        if refused:
            raise error_of(longest(refused))

    def _alone(self, remote_id: str, *, urgent: bool) -> Fetched:
        try:
            content = self._client.download(f"{self._message(remote_id)}/$value", urgent=urgent)
        except MessageTooLarge as error:
            return Fetched(remote_id, error=error)
        except TooSlow as error:
            error.remote_id = remote_id
            raise
        if isinstance(content, bytes):
            return self._fetched(remote_id, content)
        return self._failed(remote_id, content, urgent=urgent)

    def _fetched(self, remote_id: str, content: bytes) -> Fetched:
        if not content:
            return Fetched(remote_id, error=MessageUnreadable("an empty message"))
        self._has_fetched = True
        self._failures = 0
        return Fetched(remote_id, content)

    def _failed(self, remote_id: str, answer: Answer, *, urgent: bool, is_answering: bool = False) -> Fetched:
        """What a refusal says of the message; raises what it says of the mailbox.

        :param is_answering: whether other messages came with it, so that there is no trouble but its own.
        """
        error = error_of(answer, MessageGone)
        if isinstance(error, MessageError):
            return Fetched(remote_id, error=error)
        # A message may be forbidden, or denied with the words for a mailbox that there is not.
        is_forbidden = isinstance(error, (ConsentMissing, MailboxDisabled))
        if answer.is_passing or (isinstance(error, SignInFailed) and not is_forbidden):
            raise error
        if not is_answering:
            self._client.make_sure(urgent=urgent)
            self._count_failure(error)
        return Fetched(remote_id, error=MessageUnreadable(server_text=error.server_text))

    def _count_failure(self, error: MailSyncError) -> None:
        self._failures += 1
        if self._failures < _FAILURES:
            return
        # Some permissions let messages be listed but not read.
        if isinstance(error, ConsentMissing) and not self._has_fetched:
            raise error
        raise ServerUnavailable(server_text=error.server_text)

    def _message(self, remote_id: str) -> str:
        return f"{self._client.mailbox}/messages/{quote(remote_id, safe='')}"


def _decoded(answer: Answer) -> bytes | None:
    """The bytes of a part's body, which is Base64 of either alphabet; None for anything else."""
    if not isinstance(answer.body, str):
        return None
    text = answer.body.translate(_URL_SAFE).rstrip("=")
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
