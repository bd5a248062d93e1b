# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A selected folder: opening it, for reading only unless it is to be changed, and asking for the status of many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ...errors import FolderError, FolderGone, FolderUnreadable, NotPermitted
from .cursor import Status
from .folders import listed_names, raw_name, remote_id
from .grammar import Response, number, pairs, quoted
from .translate import means_gone
from .wire import Completion, Wire

_CODE = re.compile(rb"OK \[(UIDVALIDITY|UIDNEXT|HIGHESTMODSEQ|NOMODSEQ)(?: (\d{1,19}))?\]", re.IGNORECASE)
_EXISTS = re.compile(rb"(\d{1,10}) EXISTS", re.IGNORECASE)
# Named one by one up to here; a command line has its limits with every server.
_MOST_PATTERNS = 100
_AT_ONCE = 50


class Mailboxes:
    """The folders as a session sees them; at most one is open.

    ``to_change``: by SELECT, which a session that only reads never sends. Then what cannot be changed is not opened.
    """

    def __init__(self, wire: Wire, capabilities: Iterable[str], *, to_change: bool = False) -> None:
        self._wire = wire
        self._capabilities = frozenset(capabilities)
        self.has_condstore = "CONDSTORE" in self._capabilities or "QRESYNC" in self._capabilities
        self.has_esearch = "ESEARCH" in self._capabilities
        self._opened: tuple[str, int] | None = None
        self._verb = b"SELECT " if to_change else b"EXAMINE "

    def opened_validity(self, folder: str) -> int:
        """The UIDVALIDITY of a folder, which is opened if it is not the open one."""
        if self._opened is None or self._opened[0] != folder:
            self.examine(folder, with_unseen=False)
        assert self._opened is not None
        return self._opened[1]

    def examine(self, folder: str, with_unseen: bool) -> Status:
        """Open a folder and read its status; raises FolderGone or FolderUnreadable.

        :param with_unseen: ask for what EXAMINE does not tell (UNSEEN, and UIDNEXT where a server leaves it out).
        """
        self._opened = None
        name = argument(folder)
        examine = self._verb + name + (b" (CONDSTORE)" if self.has_condstore else b"")
        commands = [b"STATUS " + name + b" (UIDNEXT UNSEEN)", examine] if with_unseen else [examine]
        responses, completions = self._wire.run_all(commands)
        if completions[-1].status == "BAD" and self.has_condstore:
            # It offers an extension that it does not understand: from here on without.
            self.has_condstore = False
            return self.examine(folder, with_unseen=True)
        if not completions[-1].is_ok:
            raise self._refused(folder, name, completions[-1])
        if self._verb == b"SELECT " and "[READ-ONLY]" in completions[-1].text.upper():
            raise NotPermitted(server_text=completions[-1].text)
        asked = _statuses(responses).get(folder, Status())
        status = _examined(responses, asked)
        if status.next is None:
            if not with_unseen:
                return self.examine(folder, with_unseen=True)
            status = self._without_uidnext(status)
        if status.validity is None or status.messages is None:
            raise FolderUnreadable("the server does not number its messages durably")
        self._opened = (folder, status.validity)
        return status

    def statuses(self, folders: Sequence[str]) -> Mapping[str, Status]:
        """The status of these folders; one that is missing in the answer could not be asked."""
        items = b"MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
        if self.has_condstore:
            items += b" HIGHESTMODSEQ"
        names = [argument(folder) for folder in folders if _is_sendable(folder)]
        if {"LIST-STATUS", "LIST-EXTENDED"} <= self._capabilities:
            pattern = b"(" + b" ".join(names) + b")" if len(names) <= _MOST_PATTERNS else b'"*"'
            command = b'LIST "" ' + pattern + b" RETURN (STATUS (" + items + b"))"
            responses, completion = self._wire.run(command)
            if completion.is_ok:
                return _statuses(responses)
        found: dict[str, Status] = {}
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            responses, _ = self._wire.run_all([b"STATUS " + n + b" (" + items + b")" for n in some])
            found.update(_statuses(responses))
        return found

    def search(self, low: int, high: int | None) -> bytes | None:
        """Which UIDs of the open folder lie in [low, high], as a sequence-set; None if the server will not say."""
        return self.search_for(b"UID %d:%s" % (low, b"*" if high is None else b"%d" % high))

    def search_for(self, criteria: bytes) -> bytes | None:
        """Which UIDs of the open folder these criteria of SEARCH hold for; None if the server will not say."""
        command = b"UID SEARCH RETURN (ALL) " if self.has_esearch else b"UID SEARCH "
        responses, completion = self._wire.run(command + criteria)
        if not completion.is_ok:
            return None
        found = []
        for response in responses:
            word, _, rest = response.text.partition(b" ")
            # Some servers offer ESEARCH and answer in the old way.
            if word.upper() == b"SEARCH":
                found += [uid for uid in rest.split() if uid.isdigit()]
            elif word.upper() == b"ESEARCH" and (match := re.search(rb" ALL ([\d:,]+)", response.text)):
                found.append(match[1])
        return b",".join(found)

    def _without_uidnext(self, status: Status) -> Status:
        """Courier tells UIDNEXT nowhere in EXAMINE, some tell it nowhere at all: it lies behind the last message."""
        last = 0
        if status.messages:
            responses, _ = self._wire.run(b"UID FETCH * (UID)")
            for response in responses:
                items = response.items() or []
                if len(items) == 3 and isinstance(items[2], list):
                    last = max(last, number(pairs(items[2]).get(b"UID")) or 0)
        return Status(status.validity, last + 1, status.messages, status.unseen, status.modseq)

    def _refused(self, folder: str, name: bytes, completion: Completion) -> FolderError:
        """Why EXAMINE failed; servers without response codes are asked whether the folder exists."""
        if means_gone(completion.text):
            return FolderGone(server_text=completion.text)
        responses, listed = self._wire.run(b'LIST "" ' + name)
        if listed.is_ok and not listed_names(responses).get(folder, False):
            return FolderGone(server_text=completion.text)
        return FolderUnreadable(server_text=completion.text)


def _is_sendable(folder: str) -> bool:
    try:
        quoted(raw_name(folder))
    except ValueError:
        return False
    return True


def argument(folder: str) -> bytes:
    """A folder's name as an argument; what no server can have listed does not exist."""
    try:
        return quoted(raw_name(folder))
    except ValueError as error:
        raise FolderGone("not a name that this server has listed") from error


def _examined(responses: Iterable[Response], asked: Status) -> Status:
    values: dict[bytes, int | None] = {}
    messages = None
    for response in responses:
        if match := _CODE.match(response.text):
            values[match[1].upper()] = int(match[2]) if match[2] else None
        elif match := _EXISTS.fullmatch(response.text):
            messages = int(match[1])
    modseq = None if b"NOMODSEQ" in values else values.get(b"HIGHESTMODSEQ")
    following = values.get(b"UIDNEXT") or asked.next
    return Status(values.get(b"UIDVALIDITY"), following, messages, asked.unseen, modseq)


def _statuses(responses: Iterable[Response]) -> dict[str, Status]:
    found: dict[str, Status] = {}
    for response in responses:
        if response.text[:7].upper() != b"STATUS ":
            continue
        items = response.items()
        if items is None or len(items) < 3:
            continue
        name, values = items[1], items[2]
        if isinstance(name, bytes) and isinstance(values, list):
            told = {key: number(value) for key, value in pairs(values).items()}
            found[remote_id(name)] = Status(
                validity=told.get(b"UIDVALIDITY"),
                next=told.get(b"UIDNEXT"),
                messages=told.get(b"MESSAGES"),
                unseen=told.get(b"UNSEEN"),
                modseq=told.get(b"HIGHESTMODSEQ"),
            )
    return found
