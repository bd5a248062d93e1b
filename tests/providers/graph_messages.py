# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import pytest

from mailsync.provider import Fetched
from mailsync.providers.graph import GraphProvider

from .far_end import letter
from .graph_pages import delta, message
from .scripted_graph import Reply, ScriptedGraph

MAILBOX = r"^/me/mailFolders\?"


GATEWAY = Reply(b"<html>Bad gateway</html>", 502, {"Content-Type": "text/html"})


def size(value: int) -> Reply:
    return Reply({"id": "?", "singleValueExtendedProperties": [{"id": "Integer 0xe08", "value": str(value)}]})


def holding(graph: ScriptedGraph, *numbers: int, size_of_each: int = 1000) -> list[str]:
    """Put messages there, in a mailbox that answers; their ids."""
    graph.on(MAILBOX, Reply({"value": []}))
    names = [f"M{number}=" for number in numbers]
    for number in numbers:
        graph.on(rf"^/me/messages/M{number}%3D\?", size(size_of_each))
        graph.on(rf"^/me/messages/M{number}%3D/\$value", Reply(letter(number)))
    return names


def listed(graph: ScriptedGraph, provider: GraphProvider, names: list[str], size_of_each: int = 1000) -> None:
    """Have messages listed, so that their sizes are known."""
    properties = [{"id": "Integer 0xe08", "value": str(size_of_each)}]
    items = [message(name, singleValueExtendedProperties=properties) for name in names]
    graph.on("/messages/delta", delta(graph, *items))
    provider.changes("F", "")


def contents(answers: list[Fetched]) -> dict[str, bytes | None]:
    return {fetched.remote_id: fetched.content for fetched in answers}


def slept(provider: GraphProvider, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr(provider._client, "sleep", waits.append)
    return waits
