# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The bytes of messages: mostly those that came with their listing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from ...errors import MessageError
from ...provider import Fetched
from .labels import Labels
from .messages import Messages

# What a session keeps of the messages that it listed (bytes). Never on disk.
_MOST_KEPT = 24 * 1024 * 1024


class Bodies:
    """Messages that came with a listing and have not been asked for yet; the oldest go first."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def keep(self, remote_id: str, content: bytes) -> None:
        self.take(remote_id)
        if len(content) > self._most:
            return
        self._kept[remote_id] = content
        self._size += len(content)
        while self._size > self._most:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)

    def take(self, remote_id: str) -> bytes | None:
        """The message's bytes, which are not kept any longer."""
        content = self._kept.pop(remote_id, None)
        self._size -= len(content or b"")
        return content

    def clear(self) -> None:
        self._kept.clear()
        self._size = 0


class Fetcher:
    """Hands messages out: what is kept costs nothing, the rest is asked for.

    A message is found by its id whatever became of its labels: one that is archived or thrown away while it waits is
    fetched all the same.
    """

    def __init__(self, messages: Messages, bodies: Bodies, labels: Labels) -> None:
        self._messages = messages
        self._bodies = bodies
        self._labels = labels

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        self._labels.require(folder)
        missing: list[str] = []
        for remote_id in dict.fromkeys(remote_ids):
            content = self._bodies.take(remote_id)
            if content is None:
                missing.append(remote_id)
                continue
            fetched = Fetched(remote_id, content)
            del content
            yield fetched
            del fetched
        for remote_id, answer in self._messages.get(missing, "raw"):
            if isinstance(answer, MessageError):
                yield Fetched(remote_id, error=answer)
            else:
                yield Fetched(remote_id, answer.content)
            del answer
