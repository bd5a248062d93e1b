# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages of a folder: their flags, where they lie, and their end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from ...acting import Placed
from ...errors import FolderGone
from .fetching import uid_of
from .grammar import Response, expanded, uid_set
from .listing import message_id
from .mailboxes import Mailboxes, argument
from .translate import act_error, means_gone
from .wire import Completion, Wire

# UIDs of one command; keeps its line below 8,000 bytes, which every server takes (RFC 2683 §3.2.1.5).
_AT_ONCE = 500
# RFC 4315 §3
_COPYUID = re.compile(rb"\[COPYUID (\d{1,10}) ([\d:,]+) ([\d:,]+)\]", re.IGNORECASE)
_FLAG = re.compile(r"\\?[A-Za-z0-9$_.-]{1,60}")


class Changer:
    """Changes the messages of a session's folders."""

    def __init__(self, wire: Wire, mailboxes: Mailboxes, capabilities: Collection[str]) -> None:
        self._wire = wire
        self._mailboxes = mailboxes
        self._has_move = "MOVE" in capabilities
        self._has_uidplus = "UIDPLUS" in capabilities

    def set_flags(self, folder: str, remote_ids: Sequence[str], add: Collection[str], remove: Collection[str]) -> None:
        for uids in self._parts(folder, remote_ids):
            self._store(uids, b"+", add)
            self._store(uids, b"-", remove)

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        placed: dict[str, str] = {}
        name = argument(target)
        if folder == target:
            return Placed(target)
        for uids in self._parts(folder, remote_ids):
            validity = self._mailboxes.opened_validity(folder)
            for old, new in self._moved(uids, name, target):
                placed[message_id(old, validity, folder)] = new
        return Placed(target, placed)

    def remove(self, folder: str, remote_ids: Sequence[str]) -> None:
        """For good."""
        for uids in self._parts(folder, remote_ids):
            self._remove(uids)

    def _parts(self, folder: str, remote_ids: Sequence[str]) -> Iterator[list[int]]:
        """The UIDs that are good in the folder, which is open then; ids of the time before a reset are dead."""
        validity = self._mailboxes.examine(folder, with_unseen=False).validity or 0
        uids = sorted({uid for remote_id in remote_ids if (uid := uid_of(remote_id, validity, folder))})
        for start in range(0, len(uids), _AT_ONCE):
            yield uids[start : start + _AT_ONCE]

    def _store(self, uids: Sequence[int], sign: bytes, flags: Collection[str]) -> None:
        names = b" ".join(sorted(flag.encode() for flag in flags if _FLAG.fullmatch(flag)))
        if not names:
            return
        _, completion = self._wire.run(b"UID STORE " + uid_set(uids) + b" " + sign + b"FLAGS.SILENT (" + names + b")")
        # RFC 2180 §4.2: somebody else removed one of them, the others are done.
        if not completion.is_ok and "[EXPUNGEISSUED]" not in completion.text.upper():
            raise act_error(completion.text)

    def _moved(self, uids: list[int], name: bytes, target: str) -> list[tuple[int, str]]:
        """Old UID and new id of those whose new place the server tells."""
        verb = b"UID MOVE " if self._has_move else b"UID COPY "
        responses, completion = self._wire.run(verb + uid_set(uids) + b" " + name)
        if not completion.is_ok:
            if means_gone(completion.text):
                raise FolderGone(server_text=completion.text)
            # Some servers refuse what names nothing that is there.
            if self._are_there(uids):
                raise act_error(completion.text)
            return []
        if not self._has_move:
            self._remove(uids)
        return _told(responses, completion, target)

    def _are_there(self, uids: Sequence[int]) -> bool:
        return bool(self._mailboxes.search_for(b"UID " + uid_set(uids)))

    def _remove(self, uids: list[int]) -> None:
        self._store(uids, b"+", ["\\Deleted"])
        if self._has_uidplus:
            command = b"UID EXPUNGE " + uid_set(uids)
        elif set(self._deleted()) <= set(uids):
            command = b"EXPUNGE"
        else:
            # It would take along what somebody else has marked. Ours stay marked, and other programs hide them.
            return
        _, completion = self._wire.run(command)
        if not completion.is_ok:
            raise act_error(completion.text)

    def _deleted(self) -> list[int]:
        found = self._mailboxes.search_for(b"DELETED")
        return (expanded(found, 10_000_000) or []) if found else []


def _told(responses: Iterable[Response], completion: Completion, target: str) -> list[tuple[int, str]]:
    for words in (completion.words, *(response.text for response in responses)):
        if match := _COPYUID.search(words):
            # In the order in which they are written: a set may be unsorted, and the two belong together.
            old, new = _in_order(match[2]), _in_order(match[3])
            if len(old) == len(new):
                return [(a, message_id(b, int(match[1]), target)) for a, b in zip(old, new, strict=True)]
    return []


def _in_order(sequence_set: bytes) -> list[int]:
    numbers: list[int] = []
    for part in sequence_set.split(b","):
        run = expanded(part, _AT_ONCE * 2) or []
        first, _, last = part.partition(b":")
        numbers += reversed(run) if last and int(first) > int(last) else run
    return numbers
