# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages of ours that the mailbox keeps: drafts, and what was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...envelope import with_crlf
from ...errors import FolderGone
from ...mime import read_head
from .grammar import expanded, quoted
from .listing import message_id
from .mailboxes import Mailboxes, argument
from .translate import act_error, means_gone
from .wire import Wire

# RFC 4315 §3
_APPENDUID = re.compile(rb"\[APPENDUID (\d{1,10}) (\d{1,10})\]", re.IGNORECASE)


class Keeper:
    """Lays messages into the session's folders."""

    def __init__(self, wire: Wire, mailboxes: Mailboxes) -> None:
        self._wire = wire
        self._mailboxes = mailboxes

    def append(self, folder: str, message: bytes, flags: Sequence[bytes]) -> str:
        """The new message's id; "" if the server does not tell and it is not found."""
        content = with_crlf(message)
        command = b"APPEND " + argument(folder) + b" (" + b" ".join(flags) + b")"
        _, completion = self._wire.run_with(command, content)
        if not completion.is_ok:
            raise FolderGone() if means_gone(completion.text) else act_error(completion.text)
        if match := _APPENDUID.search(completion.words):
            return message_id(int(match[2]), int(match[1]), folder)
        return self.find(folder, message)

    def find(self, folder: str, message: bytes) -> str:
        """The newest message of the folder with the Message-ID of this one; "" if there is none."""
        own_id = read_head(message).message_id
        if not own_id or not own_id.isascii() or not own_id.isprintable():
            return ""
        validity = self._mailboxes.examine(folder, with_unseen=False).validity or 0
        found = self._mailboxes.search_for(b"HEADER MESSAGE-ID " + quoted(own_id.encode()))
        uids = expanded(found, 1_000_000) if found else None
        return message_id(uids[-1], validity, folder) if uids else ""
