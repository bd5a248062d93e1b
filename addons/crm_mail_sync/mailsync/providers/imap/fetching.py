# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The bytes of messages, as they come from the wire, one held at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...errors import MailSyncError, MessageGone, MessageTooLarge, MessageUnreadable, ProtocolError, ServerUnavailable
from ...provider import Fetched
from .grammar import Response, number, uid_set
from .listing import fetched_items
from .mailboxes import Mailboxes
from .translate import is_passing, message_error
from .wire import Completion, Wire

# UIDs of one command; keeps its line below 8,000 bytes, which every server takes (RFC 2683 §3.2.1.5).
_AT_ONCE = 500
# So many failures in a row, each of them passing by its own words, are the server's and not the messages'.
_PASSING_FAILURES = 3


class Fetcher:
    """Fetches messages of the session's folders."""

    def __init__(self, wire: Wire, mailboxes: Mailboxes) -> None:
        self._wire = wire
        self._mailboxes = mailboxes

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        wanted = dict.fromkeys(remote_ids)
        if not wanted:
            return
        validity = self._mailboxes.opened_validity(folder)
        by_uid: dict[int, str] = {}
        for remote_id in wanted:
            uid = uid_of(remote_id, validity, folder)
            if uid is None:
                yield Fetched(remote_id, error=MessageGone())
            else:
                by_uid[uid] = remote_id
        uids = sorted(by_uid)
        for start in range(0, len(uids), _AT_ONCE):
            some = {uid: by_uid[uid] for uid in uids[start : start + _AT_ONCE]}
            yield from self._together(some)

    def _together(self, wanted: dict[int, str]) -> Iterator[Fetched]:
        """One command for all; what it leaves out is looked after singly."""
        missing = dict(wanted)
        refused = None
        try:
            for answer in self._wire.stream(b"UID FETCH " + uid_set(wanted) + b" (UID BODY.PEEK[])"):
                if isinstance(answer, Completion):
                    refused = None if answer.is_ok else answer
                    break
                # Built and handed on in one expression: nothing here holds on to the message.
                yield from _taken(answer, missing)
        except MailSyncError as error:
            # Servers answer in ascending order, whatever the order of the question.
            error.remote_id = missing[min(missing)] if missing else ""
            raise
        if not missing:
            return
        if refused and refused.status == "BAD":
            raise ProtocolError("the server does not understand FETCH")
        if refused and len(missing) == 1:
            [(_, remote_id)] = missing.items()
            yield Fetched(remote_id, error=message_error(refused.text))
        else:
            yield from self._singly(missing)

    def _singly(self, missing: dict[int, str]) -> Iterator[Fetched]:
        """Each on its own: gone, broken, or only hidden by the failure of another."""
        passing = 0
        for uid, remote_id in list(missing.items()):
            alone = {uid: remote_id}
            completion = None
            for answer in self._wire.stream(b"UID FETCH %d (UID BODY.PEEK[])" % uid):
                if isinstance(answer, Completion):
                    completion = answer
                else:
                    yield from _taken(answer, alone)
            if not alone:
                passing = 0
            elif completion and not completion.is_ok:
                passing = passing + 1 if is_passing(completion.text) else 0
                if passing >= _PASSING_FAILURES:
                    raise ServerUnavailable(server_text=completion.text)
                yield Fetched(remote_id, error=message_error(completion.text))
            else:
                yield Fetched(remote_id, error=self._why_missing(uid))

    def _why_missing(self, uid: int) -> MessageGone | MessageUnreadable:
        """An OK without the message: it is gone only if the server does not know its UID any more."""
        responses, completion = self._wire.run(b"UID FETCH %d (UID)" % uid)
        known = any(number(fetched_items(r).get(b"UID")) == uid for r in responses)
        if known or not completion.is_ok:
            return MessageUnreadable(server_text=completion.text if not completion.is_ok else "")
        return MessageGone()


def _taken(response: Response | Completion, missing: dict[int, str]) -> Iterable[Fetched]:
    """The answer that a response holds to one of the missing, which it then no longer is."""
    if isinstance(response, Completion):
        return ()
    if response.oversized:
        return _too_large(response, missing)
    values = fetched_items(response)
    uid = number(values.get(b"UID"))
    content = values.get(b"BODY")
    response.literals.clear()
    # Nothing, NIL or an empty string is what servers say of messages that are gone or that they cannot read.
    if uid not in missing or not isinstance(content, bytes) or not content:
        return ()
    return (Fetched(missing.pop(uid), content),)


def _too_large(response: Response, missing: dict[int, str]) -> Iterable[Fetched]:
    """The response ends where its literal was announced; the UID stands before it, or only one was asked for."""
    response.text = response.text.rpartition(b" ")[0].rpartition(b" ")[0] + b")"
    uid = number(fetched_items(response).get(b"UID"))
    if uid is None and len(missing) == 1:
        [uid] = missing
    if uid not in missing:
        return ()
    return (Fetched(missing.pop(uid), error=MessageTooLarge()),)


def uid_of(remote_id: str, validity: int, folder: str) -> int | None:
    """The UID in an id of this folder under this UIDVALIDITY; None for any other, dead or foreign."""
    head, at, name = remote_id.partition("@")
    uid, _, told = head.partition(".")
    if not at or name != folder or told != str(validity) or not uid.isdecimal():
        return None
    return int(uid) if uid.isascii() and 0 < int(uid) < 2**32 else None
