# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers of Graph that end too soon, at every hundredth of their length: half of one is never taken for the whole."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from mailsync.errors import ConnectionLost, ProtocolError
from mailsync.providers.graph import GraphProvider

from .far_end import letter
from .graph_pages import cursor, delta, message
from .scripted_graph import Reply, ScriptedGraph

PACKINGS = ["", "gzip", "chunked", "gzip chunked"]
CUTS = 100


def cuts(reply: Reply) -> Iterator[Reply]:
    """The reply, ending a byte before its end and at every hundredth before that."""
    # With the last chunk, which is empty, all has come.
    length = len(reply.content()) - (len(b"0\r\n\r\n") if "chunked" in reply.packing else 0)
    for number in range(CUTS):
        yield Reply(reply.body, cut=(length - 1) * number // (CUTS - 1), packing=reply.packing)


def lost(provider: GraphProvider, what: str, names: list[str]) -> list[Any]:
    """What came of a call that breaks off."""
    came: list[Any] = []
    with pytest.raises((ConnectionLost, ProtocolError)):
        if what == "fetch":
            came.extend(provider.fetch("F", names))
        elif what == "changes":
            came.append(provider.changes("F", ""))
        else:
            came.append(provider.folders())
    return came


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_message_that_is_cut(graph: ScriptedGraph, packing: str) -> None:
    whole = Reply(letter(1), packing=packing)
    with graph.session() as provider:
        for cut in cuts(whole):
            graph.on(r"\$value", cut)
            assert lost(provider, "fetch", ["A"]) == []
        graph.on(r"\$value", whole)
        assert [f.content for f in provider.fetch("F", ["A"])] == [letter(1)]


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_batch_that_is_cut(graph: ScriptedGraph, packing: str) -> None:
    names = ["A", "B", "C"]
    value = base64.b64encode(letter(1)).decode()
    responses = [{"id": str(number), "status": 200, "body": value} for number in range(len(names))]
    whole = Reply({"responses": responses}, packing=packing)
    graph.on("/messages/delta", delta(graph, *map(message, names)))
    with graph.session() as provider:
        for cut in cuts(whole):
            graph.on(r"^/\$batch", cut)
            # Listed, so that their sizes are known and nothing is asked but the messages.
            provider.changes("F", "")
            assert lost(provider, "fetch", names) == []
        graph.on(r"^/\$batch", whole)
        provider.changes("F", "")
        assert [f.content for f in provider.fetch("F", names)] == [letter(1)] * 3


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_listing_that_is_cut(graph: ScriptedGraph, packing: str) -> None:
    whole = delta(graph, *map(message, "ABCDE"))
    whole.packing = packing
    with graph.session() as provider:
        for cut in cuts(whole):
            graph.on("/messages/delta", cut)
            assert lost(provider, "changes", []) == []
        graph.on("/messages/delta", whole)
        page = provider.changes("F", "")
    assert [listing.remote_id for listing in page.listings] == list("ABCDE")
    assert page.cursor == cursor(graph)


@pytest.mark.parametrize("packing", PACKINGS)
def test_folders_that_are_cut(graph: ScriptedGraph, packing: str) -> None:
    folders = [{"id": name, "displayName": name, "childFolderCount": 0} for name in "ABCDE"]
    absent = {"status": 404, "body": {"error": {"code": "ErrorItemNotFound", "message": ""}}}
    responses = [{"id": "0", "status": 200, "body": {"value": folders}}]
    responses += [{"id": str(number), **absent} for number in range(1, 7)]
    whole = Reply({"responses": responses}, packing=packing)
    with graph.session() as provider:
        for cut in cuts(whole):
            graph.on(r"^/\$batch", cut)
            assert lost(provider, "folders", []) == []
        graph.on(r"^/\$batch", whole)
        assert len(provider.folders()) == 5
