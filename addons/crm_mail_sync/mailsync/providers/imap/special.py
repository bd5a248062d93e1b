# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The folders that letters go to: archive, trash, drafts, sent. One that is missing is made."""

from __future__ import annotations

from collections.abc import Collection

from ...provider import FolderRole
from .folders import list_folders, remote_id
from .grammar import Item, quoted
from .translate import act_error
from .wire import Wire

_NAMES: dict[FolderRole, str] = {"archive": "Archive", "trash": "Trash", "drafts": "Drafts", "sent": "Sent"}


class SpecialFolders:
    """The folders of a session by their roles."""

    def __init__(self, wire: Wire, capabilities: Collection[str]) -> None:
        self._wire = wire
        self._capabilities = capabilities
        self._known: dict[str, str] = {}

    def of(self, role: FolderRole) -> str:
        """The remote id of the folder with this role."""
        if not self._known:
            folders = list_folders(self._wire, self._capabilities)
            self._known = {f.role: f.remote_id for f in reversed(folders) if f.role and f.selectable}
        if role == "archive" and role not in self._known and "X-GM-EXT-1" in self._capabilities:
            # Gmail's folders are labels: what lies in All Mail only is archived.
            role = "all"
        if role not in self._known:
            self._known[role] = self._made(role)
        return self._known[role]

    def _made(self, role: FolderRole) -> str:
        name = self._prefix() + _NAMES[role].encode()
        use = b" (USE (\\%s))" % _NAMES[role].encode() if "CREATE-SPECIAL-USE" in self._capabilities else b""
        _, completion = self._wire.run(b"CREATE " + quoted(name) + use)
        if not completion.is_ok and use:
            _, completion = self._wire.run(b"CREATE " + quoted(name))
        if not completion.is_ok and "[ALREADYEXISTS]" not in completion.text.upper():
            raise act_error(completion.text)
        self._wire.run(b"SUBSCRIBE " + quoted(name))
        return remote_id(name)

    def _prefix(self) -> bytes:
        """What a server that keeps everything below the inbox wants before a new name (RFC 2342)."""
        if "NAMESPACE" not in self._capabilities:
            return b""
        responses, _ = self._wire.run(b"NAMESPACE")
        for response in responses:
            items = response.items() or []
            if len(items) > 1 and items[0] == b"NAMESPACE":
                return _first_prefix(items[1])
        return b""


def _first_prefix(personal: Item) -> bytes:
    if isinstance(personal, list) and personal and isinstance(personal[0], list) and personal[0]:
        prefix = personal[0][0]
        return prefix if isinstance(prefix, bytes) else b""
    return b""
