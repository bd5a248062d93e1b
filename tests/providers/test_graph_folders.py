# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The folders of a mailbox at Graph."""

from __future__ import annotations

from typing import Any

import pytest

from mailsync.errors import (
    ProtocolError,
)

from .scripted_graph import Reply, ScriptedGraph, refusal


def folder(folder_id: str, name: str, children: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": folder_id, "displayName": name, "childFolderCount": children, **more}


def test_folders_are_found_at_any_depth_and_by_pages(graph: ScriptedGraph) -> None:
    graph.on(
        r"^/me/mailFolders\?",
        Reply({"value": [folder("S", "Gesendet"), folder("A=", "Kunden", 2)], "@odata.nextLink": graph.link("/me/n1")}),
    )
    graph.on("^/me/n1", Reply({"value": [folder("I", "Posteingang", 1)]}))
    graph.on("A%3D/childFolders", Reply({"value": [folder("A1", "b")], "@odata.nextLink": graph.link("/me/n2")}))
    graph.on("^/me/n2", Reply({"value": [folder("A2", "a", 1)]}))
    graph.on("A2/childFolders", Reply({"value": [folder("A3", " Über\nalles ")]}))
    graph.on("I/childFolders", Reply({"value": [folder("I1", "Archiv")]}))
    graph.on(r"mailFolders/inbox\?", Reply({"id": "I"}))
    graph.on(r"mailFolders/sentitems\?", Reply({"id": "S"}))
    with graph.session() as provider:
        folders = provider.folders()
        # Each level and each further page is a round trip, however many folders it has.
        assert provider.traffic.requests == 4
    assert [(f.remote_id, f.path, f.role) for f in folders] == [
        ("I", ("Posteingang",), "inbox"),
        ("I1", ("Posteingang", "Archiv"), ""),
        ("S", ("Gesendet",), "sent"),
        ("A=", ("Kunden",), ""),
        ("A2", ("Kunden", "a"), ""),
        ("A3", ("Kunden", "a", "Über alles"), ""),
        ("A1", ("Kunden", "b"), ""),
    ]


def test_names_decide_nothing(graph: ScriptedGraph) -> None:
    graph.on(r"^/me/mailFolders\?", Reply({"value": [folder("X", "Inbox"), folder("Y", "Sent Items")]}))
    graph.on(r"mailFolders/drafts\?", Reply({"id": "X"}))
    with graph.session() as provider:
        assert {f.remote_id: f.role for f in provider.folders()} == {"X": "drafts", "Y": ""}


def test_hidden_folders_and_searches_are_left_out(graph: ScriptedGraph) -> None:
    found = folder("S", "Unread", 3, **{"@odata.type": "#microsoft.graph.mailSearchFolder"})
    graph.on(r"^/me/mailFolders\?", Reply({"value": [found, folder("H", "Sync", 1, isHidden=True), folder("A", "A")]}))
    with graph.session() as provider:
        assert [f.remote_id for f in provider.folders()] == ["A"]


def test_a_folder_that_goes_while_folders_are_listed_is_no_trouble(graph: ScriptedGraph) -> None:
    graph.on(r"^/me/mailFolders\?", Reply({"value": [folder("A", "A", 1)]}))
    graph.on("A/childFolders", refusal(404, "ErrorItemNotFound"))
    with graph.session() as provider:
        assert [f.remote_id for f in provider.folders()] == ["A"]


def test_folders_that_hold_each_other_end(graph: ScriptedGraph) -> None:
    graph.on(r"^/me/mailFolders\?", Reply({"value": [folder("A", "A", 1)]}))
    graph.on("A/childFolders", Reply({"value": [folder("B", "B", 1)], "@odata.nextLink": graph.link("/me/n")}))
    graph.on("B/childFolders", Reply({"value": [folder("A", "A", 1)]}))
    graph.on("^/me/n", Reply({"value": [], "@odata.nextLink": graph.link("/me/n")}))
    with graph.session() as provider:
        assert [f.remote_id for f in provider.folders()] == ["A", "B"]


@pytest.mark.parametrize("reply", [Reply({"value": []}), Reply({}), Reply({"value": [folder("", "x")]})])
def test_a_mailbox_without_a_folder_is_none(graph: ScriptedGraph, reply: Reply) -> None:
    graph.on(r"^/me/mailFolders\?", reply)
    with graph.session() as provider, pytest.raises(ProtocolError):
        provider.folders()


@pytest.mark.parametrize("value", [["x"], {"a": 1}, "x", [folder("A", "A"), None]])
def test_a_listing_of_folders_that_holds_something_else_is_none(graph: ScriptedGraph, value: Any) -> None:
    graph.on(r"^/me/mailFolders\?", Reply({"value": value}))
    with graph.session() as provider, pytest.raises(ProtocolError):
        provider.folders()
