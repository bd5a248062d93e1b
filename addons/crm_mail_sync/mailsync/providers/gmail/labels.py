# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Labels as folders. A message has any number of them; read and starred are labels too, archived is the lack of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...errors import FolderGone
from ...provider import Folder, FolderRole

# Who archives a letter takes its last label away: this folder, which is no label, still holds it.
ALL_MAIL = "ALL_MAIL"
# Left out of every folder but their own, like in Gmail's own views.
PUT_AWAY = frozenset({"SPAM", "TRASH"})
# Chats are no letters, though they are listed among them.
_OUTSIDE = PUT_AWAY | {"CHAT"}

_SYSTEM: dict[str, tuple[str, FolderRole]] = {
    "INBOX": ("Inbox", "inbox"),
    "SENT": ("Sent", "sent"),
    "DRAFT": ("Drafts", "drafts"),
    "STARRED": ("Starred", "flagged"),
    "IMPORTANT": ("Important", "flagged"),
    ALL_MAIL: ("All Mail", "all"),
    "SPAM": ("Spam", "junk"),
    "TRASH": ("Trash", "trash"),
}
_FLAGS = {"STARRED": "\\Flagged", "DRAFT": "\\Draft"}
# A change of these shows in a message's flags.
FLAG_LABELS = frozenset({"UNREAD", *_FLAGS})


def folders_of(labels: Iterable[Mapping[str, Any]]) -> list[Folder]:
    """The answer of labels.list as folders: those with a role, then the user's own with their parents first.

    System labels that are no places (CATEGORY_…, CHAT, UNREAD) are left out.
    """
    names = {str(label["id"]): label for label in labels}
    system = [
        Folder(remote_id, (name,), role)
        for remote_id, (name, role) in _SYSTEM.items()
        if remote_id in names or remote_id == ALL_MAIL
    ]
    own = [Folder(key, _path(str(label["name"]))) for key, label in names.items() if label.get("type") != "system"]
    return system + sorted(own, key=lambda folder: folder.path)


def _path(name: str) -> tuple[str, ...]:
    # JSON can write what no database stores.
    name = name.encode("utf-8", "replace").decode().replace("\0", "")
    parts = tuple(name.split("/"))
    return parts if all(parts) else (name,)


def flags_of(labels: Collection[str]) -> frozenset[str]:
    """The flags of RFC 3501 §2.3.2 that a message's labels say."""
    seen = () if "UNREAD" in labels else ("\\Seen",)
    return frozenset([*seen, *(flag for label, flag in _FLAGS.items() if label in labels)])


def holds(folder: str, labels: Collection[str]) -> bool:
    """Whether a message with these labels lies in the folder."""
    if folder in PUT_AWAY:
        return folder in labels
    if folder == ALL_MAIL:
        return _OUTSIDE.isdisjoint(labels)
    return PUT_AWAY.isdisjoint(labels) and folder in labels


def brings_into(folder: str, added: Collection[str], removed: Collection[str]) -> bool:
    """Whether labels that came and went may have brought a message into the folder."""
    return folder in added or (folder not in PUT_AWAY and not PUT_AWAY.isdisjoint(removed))


def takes_from(folder: str, added: Collection[str], removed: Collection[str]) -> bool:
    """Whether they may have taken it out of the folder."""
    return folder in removed or (folder not in PUT_AWAY and not PUT_AWAY.isdisjoint(added))


def list_arguments(folder: str) -> dict[str, Any]:
    """How messages.list is asked for the folder's messages."""
    arguments: dict[str, Any] = {"q": "-in:chats"} if folder == ALL_MAIL else {"labelIds": [folder]}
    return {**arguments, "includeSpamTrash": True} if folder in PUT_AWAY else arguments


class Labels:
    """Which folders there are, as far as the session has looked."""

    def __init__(self) -> None:
        self._there: frozenset[str] | None = None
        self._gone: set[str] = set()

    def note(self, folders: Iterable[Folder]) -> None:
        self._there = frozenset(folder.remote_id for folder in folders)

    @property
    def is_known(self) -> bool:
        return self._there is not None

    def require(self, folder: str) -> None:
        """Raises FolderGone for what is not, or no longer, a folder."""
        if self._there is not None and folder not in self._there:
            self._gone.add(folder)
        if folder in self._gone:
            raise FolderGone()
