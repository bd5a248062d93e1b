# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages of a mailbox: their marks, the folders they lie in, and their end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ...acting import ANSWERED, FLAGGED, SEEN, Placed
from ...errors import FolderGone, MessageGone
from .batch import Batcher, Part
from .http import Client, query
from .translate import Answer, error_of

# PidTagLastVerbExecuted, PidTagIconIndex: that a message was answered ([MS-OXOMSG] §2.2.1.21, [MS-OXOMSG] §2.2.1.20)
_ANSWERED = [{"id": "Integer 0x1081", "value": "102"}, {"id": "Integer 0x1080", "value": "261"}]


class Changer:
    """Changes the messages of a mailbox, each on its own and twenty at a time."""

    def __init__(self, client: Client, batcher: Batcher) -> None:
        self._client = client
        self._batcher = batcher
        self._ids: dict[str, str] = {}

    def set_flags(self, remote_ids: Sequence[str], add: Collection[str], remove: Collection[str]) -> None:
        if body := _marks(add, remove):
            self._run({i: Part("PATCH", self.path(i), body) for i in remote_ids})

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        """:param folder: "" if it does not matter where they lie. :param target: an id, or a well-known name."""
        place = self.id_of(target)
        if folder != place:
            body = {"destinationId": place}
            moved = self._run({i: Part("POST", f"{self.path(i)}/move", body) for i in remote_ids})
            if folder and len(moved) < len(set(remote_ids)):
                # What is missing may have gone with its folder.
                self.id_of(folder)
        return Placed(place)

    def remove(self, remote_ids: Sequence[str]) -> None:
        """What lies among the deleted items goes for good; anything else would be laid there."""
        self._run({i: Part("DELETE", self.path(i)) for i in remote_ids})

    def id_of(self, folder: str) -> str:
        """The id of a folder by its id or well-known name; raises FolderGone."""
        if folder not in self._ids:
            answer = self._client.get(
                f"{self._client.mailbox}/mailFolders/{quote(folder, safe='')}{query(select='id')}", urgent=True
            )
            if not answer.is_ok:
                raise error_of(answer, FolderGone)
            body = answer.body if isinstance(answer.body, dict) else {}
            self._ids[folder] = str(body.get("id") or folder)
        return self._ids[folder]

    def path(self, remote_id: str) -> str:
        """Of a message, below the version."""
        return f"{self._client.mailbox}/messages/{quote(remote_id, safe='')}"

    def _run(self, parts: Mapping[str, Part]) -> dict[str, Answer]:
        """What was done, without those that have gone; raises the first refusal."""
        done = {}
        for remote_id, answer in self._batcher.run(parts, urgent=True).items():
            if answer.is_ok:
                done[remote_id] = answer
            elif not isinstance(error := error_of(answer, MessageGone), MessageGone):
                raise error
        return done


def _marks(add: Collection[str], remove: Collection[str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if SEEN in add or SEEN in remove:
        body["isRead"] = SEEN in add
    if FLAGGED in add or FLAGGED in remove:
        body["flag"] = {"flagStatus": "flagged" if FLAGGED in add else "notFlagged"}
    if ANSWERED in add:
        body["singleValueExtendedProperties"] = _ANSWERED
    return body
