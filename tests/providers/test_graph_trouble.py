# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Graph refuses while folders are listed: what concerns a message, a folder, or the whole mailbox."""

from __future__ import annotations

from typing import Any

import pytest

from mailsync.errors import (
    ConsentMissing,
    FolderGone,
    FolderUnreadable,
    MailboxDisabled,
    MessageUnreadable,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
)

from .graph_pages import cursor, delta, ids, message, read_on
from .scripted_graph import Reply, ScriptedGraph, refusal

BEGINNING = r"^/me/mailFolders/[^/]+/messages/delta\?\$select"


def test_a_folder_in_trouble_stops_no_other(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph))
    graph.on("^/me/d2", refusal(404, "ErrorItemNotFound"))
    graph.on("^/me/d3", refusal(403, "ErrorAccessDenied"))
    graph.on("^/me/d4", refusal(500, "ErrorInternalServerError"))
    cursors = {f"F{number}": cursor(graph, f"d{number}") for number in (1, 2, 3, 4)}
    with graph.session() as provider:
        assert provider.changed(cursors) == ["F2", "F3", "F4"]
        for folder, error in (("F2", FolderGone), ("F3", FolderUnreadable), ("F4", FolderUnreadable)):
            with pytest.raises(error):
                provider.changes(folder, cursors[folder])


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(403, "ErrorAccessDenied"), ConsentMissing),
        (refusal(404, "MailboxNotEnabledForRESTAPI"), MailboxDisabled),
        (refusal(429, "ApplicationThrottled", Retry_After="120"), RateLimited),
        (refusal(503, "", Retry_After="120"), ServerUnavailable),
    ],
)
def test_trouble_of_the_whole_mailbox_is_said_at_once(graph: ScriptedGraph, reply: Reply, error: type) -> None:
    graph.on(r"^/me/(d1|mailFolders\?)", reply)
    with graph.session() as provider:
        with pytest.raises(error) as caught:
            provider.changed({"F": cursor(graph)})
        assert type(caught.value) is error
        with pytest.raises(error) as caught:
            provider.changes("F", cursor(graph))
        assert type(caught.value) is error
        assert caught.value.retry_after in (None, 120)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"value": None},
        {"value": []},
        {"value": [5], "@odata.deltaLink": "{root}/v1.0/me/x"},
        {"value": [{}], "@odata.deltaLink": "{root}/v1.0/me/x"},
        {"value": [], "@odata.nextLink": 5},
    ],
)
def test_a_page_that_is_none_is_not_taken_for_an_empty_one(graph: ScriptedGraph, body: Any) -> None:
    if "@odata.deltaLink" in body:
        body = {**body, "@odata.deltaLink": body["@odata.deltaLink"].format(root=graph.root)}
    graph.on("^/me/d1", Reply(body))
    with graph.session() as provider:
        assert provider.changed({"F": cursor(graph)}) == ["F"]
        with pytest.raises(ProtocolError):
            provider.changes("F", cursor(graph))


MAILBOX = r"^/me/mailFolders\?"


def not_whole() -> Reply:
    return Reply({name: value for name, value in message("A").items() if name != "internetMessageId"})


@pytest.mark.parametrize("reply", [refusal(403, "ErrorAccessDenied"), refusal(423, "Locked"), not_whole()])
def test_an_update_in_part_of_what_cannot_be_read_is_accounted_for(graph: ScriptedGraph, reply: Reply) -> None:
    graph.on("^/me/d1", delta(graph, {"id": "A", "isRead": True}))
    graph.on("^/me/messages/A", reply)
    with graph.session() as provider:
        [page] = read_on(provider, cursor(graph))
        assert [(li.remote_id, type(li.error)) for li in page.listings] == [("A", MessageUnreadable)]
        # Of one that was listed before only its flags are not known, which is not to say that it has none.
        [page] = read_on(provider, cursor(graph), known=("A",))
        assert (page.listings, page.flags, page.met) == ((), {}, {"A"})


@pytest.mark.parametrize(
    "reply", [Reply(None, 408), Reply(b"<html>", 404), Reply(b"<html>", 403), refusal(500, "ErrorInternalServerError")]
)
def test_an_update_in_part_waits_for_an_answer_of_graph(graph: ScriptedGraph, reply: Reply) -> None:
    graph.on("^/me/d1", delta(graph, {"id": "A", "isRead": True}))
    graph.on("^/me/messages/A", reply)
    with graph.session() as provider, pytest.raises(ServerUnavailable):
        read_on(provider, cursor(graph))


def test_a_mailbox_that_one_message_denies_is_asked_itself(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph, {"id": "A", "isRead": True}))
    graph.on("^/me/messages/A", refusal(404, "ResourceNotFound"))
    graph.on(MAILBOX, Reply({"value": []}), refusal(404, "MailboxNotEnabledForRESTAPI"))
    with graph.session() as provider:
        assert ids(provider.changes("F", cursor(graph))) == ["A"]
        with pytest.raises(MailboxDisabled):
            provider.changes("F", cursor(graph))


@pytest.mark.parametrize("text", ["", "d1"])
def test_a_folder_that_is_asked_first_and_forbidden_is_not_the_mailbox(graph: ScriptedGraph, text: str) -> None:
    graph.on(f"{BEGINNING}|^/me/d1", refusal(403, "ErrorAccessDenied"))
    graph.on(MAILBOX, Reply({"value": []}))
    known = cursor(graph) if text else ""
    with graph.session() as provider:
        assert provider.changed({"F": known}) == ["F"]
        with pytest.raises(FolderUnreadable):
            provider.changes("F", known)


@pytest.mark.parametrize(
    ("reply", "seconds"), [(refusal(500, "UnknownError", Retry_After="120"), 120), (Reply(b"<html>", 502), None)]
)
def test_an_outage_is_not_the_folders(graph: ScriptedGraph, reply: Reply, seconds: float | None) -> None:
    graph.on("^/me/d1", reply)
    graph.on("^/me/d2", delta(graph, message("A")))
    with graph.session() as provider:
        assert provider.changed({"F": cursor(graph), "G": cursor(graph, "d2")}) == ["F", "G"]
        with pytest.raises(ServerUnavailable) as caught:
            provider.changes("F", cursor(graph))
    assert caught.value.retry_after == seconds


def test_the_longest_wait_is_the_one_that_is_told(graph: ScriptedGraph) -> None:
    for number, seconds in enumerate((10, 600, 30)):
        graph.on(f"^/me/d{number}", refusal(429, "ApplicationThrottled", Retry_After=str(seconds)))
    cursors = {f"F{number}": cursor(graph, f"d{number}") for number in range(3)}
    with graph.session() as provider, pytest.raises(RateLimited) as caught:
        provider.changed(cursors)
    assert caught.value.retry_after == 600


def test_the_longest_wait_of_updates_in_part_is_the_one_that_is_told(graph: ScriptedGraph) -> None:
    graph.on("^/me/d0", delta(graph, *({"id": f"A{number}", "isRead": True} for number in range(3))))
    for number, seconds in enumerate((10, 600, 30)):
        graph.on(f"^/me/messages/A{number}", refusal(429, "ApplicationThrottled", Retry_After=str(seconds)))
    with graph.session() as provider, pytest.raises(RateLimited) as caught:
        provider.changes("F", cursor(graph, "d0"))
    assert caught.value.retry_after == 600
