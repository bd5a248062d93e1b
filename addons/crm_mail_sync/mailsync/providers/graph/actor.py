# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session with a mailbox at Graph that changes what lies in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import final

from ... import html
from ...acting import Actor, Placed
from ...acting import sending as about_sending
from ...errors import MessageGone
from ...provider import Traffic
from . import sending
from .batch import Batcher
from .changing import Changer
from .drafts import Drafts
from .http import Client, query
from .settings import GraphSettings
from .translate import error_of

_PREVIEW = query(select="bodyPreview")


def connect_to_act(settings: GraphSettings) -> GraphActor:
    """Make sure of a valid token; raises what ``TokenSource.renewed`` does."""
    client = Client(settings)
    client.sign_in()
    return GraphActor(client)


@final
class GraphActor(Actor):
    """Changes a mailbox; a message keeps its id wherever it is moved, but for a draft that is written anew."""

    def __init__(self, client: Client) -> None:
        self.traffic: Traffic = client.traffic
        self._client = client
        self._batcher = Batcher(client)
        self._changer = Changer(client, self._batcher)
        self._drafts = Drafts(client, self._changer)

    def set_flags(
        self, folder: str, remote_ids: Sequence[str], add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        self._changer.set_flags(remote_ids, add, remove)

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        return self._changer.move(folder, remote_ids, target)

    def archive(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        return self._changer.move(folder, remote_ids, "archive")

    def delete(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        if folder != self._changer.id_of("deleteditems"):
            return self._changer.move(folder, remote_ids, "deleteditems")
        self._changer.remove(remote_ids)
        return Placed()

    def save_draft(self, message: bytes, replacing: str = "", thread_id: str = "") -> str:
        return self._drafts.save(message, replacing)

    def discard_draft(self, remote_id: str) -> None:
        self._drafts.discard(remote_id)

    def send(self, message: bytes, thread_id: str = "") -> str:
        """Which conversation it belongs to Exchange sees by its header. "": no id is told."""
        with about_sending():
            sending.send(self._client, message)
        return ""

    def keep_sent(self, message: bytes) -> str:
        """Exchange keeps what it sends."""
        return ""

    def snippets(self, folder: str, remote_ids: Sequence[str]) -> Mapping[str, str]:
        found = {}
        paths = {i: f"{self._changer.path(i)}{_PREVIEW}" for i in remote_ids}
        for remote_id, answer in self._batcher.ask(paths, urgent=True).items():
            if answer.is_ok and isinstance(answer.body, dict):
                found[remote_id] = html.snippet(str(answer.body.get("bodyPreview") or ""))
            elif not isinstance(error := error_of(answer, MessageGone), MessageGone):
                raise error
        return found

    def close(self) -> None:
        self._client.close()
