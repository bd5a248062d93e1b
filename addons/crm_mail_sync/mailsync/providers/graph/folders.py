# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The folders of a mailbox (https://learn.microsoft.com/graph/api/resources/mailfolder).

What a folder is for is told by its well-known name. Names that people see are translated and can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ...errors import FolderGone, ProtocolError
from ...mime.charset import one_line
from ...provider import Folder, FolderRole
from .batch import Batcher
from .http import Client, query
from .translate import Answer, error_of

_ROLES: dict[str, FolderRole] = {
    "inbox": "inbox",
    "sentitems": "sent",
    "drafts": "drafts",
    "deleteditems": "trash",
    "junkemail": "junk",
    "archive": "archive",
}
_LISTING = query(select="id,displayName,childFolderCount,isHidden", top=200)
# No mailbox has more; a service that goes on listing has lost its way.
_MOST_FOLDERS = 20_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing of folders is: their parents' names, and the id of the one at the top."""

    path: tuple[str, ...] = ()
    top: str = ""


class _Tree:
    """The folders as they are found, level by level."""

    def __init__(self, client: Client) -> None:
        self.found: dict[str, _Place] = {}
        # What is to be listed next: path below the version → where that is.
        self.waiting: dict[str, _Place] = {}
        self._client = client
        self._root = f"{client.mailbox}/mailFolders"

    def add(self, place: _Place, answer: Answer) -> None:
        """A page of the folders at a place."""
        if not answer.is_ok:
            error = error_of(answer, FolderGone)
            if isinstance(error, FolderGone) and place.path:
                # Deleted since its parent was listed.
                return
            raise error
        body = answer.body if isinstance(answer.body, dict) else {}
        value = body.get("value") or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ProtocolError("a listing of folders that holds something else")
        for item in value:
            self._add_one(place, item)
        following = body.get("@odata.nextLink")
        if isinstance(following, str):
            self.waiting[self._client.relative(following)] = place

    def _add_one(self, place: _Place, item: Mapping[str, Any]) -> None:
        folder_id = str(item.get("id") or "")
        if not folder_id or folder_id in self.found or _is_left_out(item):
            return
        name = one_line(str(item.get("displayName") or "")) or folder_id
        there = _Place((*place.path, name), place.top or folder_id)
        self.found[folder_id] = there
        if len(self.found) > _MOST_FOLDERS:
            raise ProtocolError("folders without end")
        if item.get("childFolderCount"):
            self.waiting[f"{self._root}/{quote(folder_id, safe='')}/childFolders{_LISTING}"] = there


def list_folders(client: Client, batcher: Batcher) -> list[Folder]:
    """All folders but hidden ones and searches, parents before children, the inbox first."""
    root = f"{client.mailbox}/mailFolders"
    named = {name: f"{root}/{name}{query(select='id')}" for name in _ROLES}
    answers = batcher.ask({"": f"{root}{_LISTING}", **named})
    tree = _Tree(client)
    tree.add(_Place(), answers.pop(""))
    asked: set[str] = set()
    while waiting := {path: place for path, place in tree.waiting.items() if path not in asked}:
        tree.waiting = {}
        asked.update(waiting)
        for path, answer in batcher.ask({path: path for path in waiting}).items():
            tree.add(waiting[path], answer)
    if not tree.found:
        raise ProtocolError("a mailbox without a single folder")
    return _folders(tree.found, _roles(answers))


def _folders(found: Mapping[str, _Place], roles: Mapping[str, FolderRole]) -> list[Folder]:
    folders = [Folder(folder_id, place.path, roles.get(folder_id, "")) for folder_id, place in found.items()]
    return sorted(
        folders,
        key=lambda f: (roles.get(found[f.remote_id].top) != "inbox", [name.casefold() for name in f.path]),
    )


def _roles(answers: Mapping[str, Answer]) -> dict[str, FolderRole]:
    """Folder id → role; a mailbox need not have each of them."""
    roles: dict[str, FolderRole] = {}
    for name, answer in answers.items():
        if answer.is_ok and isinstance(answer.body, dict):
            roles[str(answer.body.get("id"))] = _ROLES[name]
        elif not isinstance(error := error_of(answer, FolderGone), FolderGone):
            raise error
    return roles


def _is_left_out(item: Mapping[str, Any]) -> bool:
    """A search folder holds what lies in other folders."""
    return bool(item.get("isHidden")) or str(item.get("@odata.type", "")).endswith("mailSearchFolder")
