# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages' bytes, folders and sending, by Graph: batches, their parts' refusals, and what is too large for them."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from mailsync.errors import (
    ConnectionLost,
    ConsentMissing,
    MailboxDisabled,
    MessageGone,
    MessageTooLarge,
    MessageUnreadable,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
)
from mailsync.provider import Fetched
from mailsync.providers.graph import GraphProvider, http

from .contract import letter
from .scripted_graph import Reply, ScriptedGraph, refusal, scripted_graph
from .test_graph_delta import delta, message

MAILBOX = r"^/me/mailFolders\?"
GATEWAY = Reply(b"<html>Bad gateway</html>", 502, {"Content-Type": "text/html"})


@pytest.fixture
def graph() -> Iterator[ScriptedGraph]:
    with scripted_graph() as graph:
        yield graph


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


def test_a_first_import_takes_a_round_trip_for_twenty_messages(graph: ScriptedGraph) -> None:
    numbers = range(100)
    names = holding(graph, *numbers)
    with graph.session() as provider:
        listed(graph, provider, names)
        answers = list(provider.fetch("F", names))
        assert provider.traffic.requests == 6
        assert provider.traffic.requests / len(names) <= 0.15
        assert provider.traffic.units == 101
    assert contents(answers) == {name: letter(number) for name, number in zip(names, numbers, strict=True)}
    for asked in graph.asked:
        assert 'IdType="ImmutableId"' in asked.headers["Prefer"]


def test_sizes_that_are_not_known_are_asked_for(graph: ScriptedGraph) -> None:
    names = holding(graph, *range(40))
    with graph.session() as provider:
        answers = list(provider.fetch("F", [*names, "gone"]))
        assert provider.traffic.requests <= 0.15 * len(names)
    found = contents(answers)
    assert found.pop("gone") is None
    assert len(found) == 40
    assert not any("gone/$value" in path for path in graph.paths())


def test_large_messages_come_alone(graph: ScriptedGraph) -> None:
    small, large = holding(graph, 1, 2), holding(graph, 3, 4, size_of_each=2**21)
    with graph.session() as provider:
        answers = list(provider.fetch("F", [*large, *small]))
    assert len(answers) == 4
    assert [path for path in graph.round_trips if path != "/$batch"] == [
        "/me/messages/M3%3D/$value",
        "/me/messages/M4%3D/$value",
    ]


def test_a_batch_holds_no_more_than_a_few_megabytes(graph: ScriptedGraph) -> None:
    names = holding(graph, *range(20))
    with graph.session() as provider:
        listed(graph, provider, names, size_of_each=2**20)
        before = len(graph.round_trips)
        list(provider.fetch("F", names))
    assert len(graph.round_trips) - before == 5


def test_a_huge_message_is_held_once(graph: ScriptedGraph) -> None:
    huge = 64 * 2**20
    graph.on(r"\$value", Reply(b"x" * huge))
    with graph.session() as provider:
        tracemalloc.start()
        try:
            [fetched] = provider.fetch("F", ["A"])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert len(fetched.content or b"") == huge
    # The growing buffer has an eighth to spare; the server's own copy was there before.
    assert peak < 1.3 * huge


def test_a_message_beyond_all_measure_is_set_aside(graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_MESSAGE", 100_000)
    graph.on(r"\$value", Reply(b"x" * 1_000_000))
    with graph.session() as provider:
        [fetched] = provider.fetch("F", ["A"])
    assert isinstance(fetched.error, MessageTooLarge)


@pytest.mark.parametrize(
    "body",
    [
        base64.urlsafe_b64encode(letter(1, "äöü?>~" * 30)).decode().rstrip("="),
        base64.b64encode(letter(1, "äöü?>~" * 30)).decode(),
    ],
)
def test_either_alphabet_of_base64_is_read(graph: ScriptedGraph, body: str) -> None:
    names = holding(graph, 1, 2)
    graph.on(r"M1%3D/\$value", Reply(body))
    with graph.session() as provider:
        assert contents(list(provider.fetch("F", names)))[names[0]] == letter(1, "äöü?>~" * 30)


@pytest.mark.parametrize("body", [letter(1).decode(), None, {"value": "x"}, "A"])
def test_a_part_that_is_no_base64_is_fetched_alone(graph: ScriptedGraph, body: Any) -> None:
    names = holding(graph, 1, 2)
    graph.on(r"M1%3D/\$value", Reply(body), Reply(letter(1)))
    with graph.session() as provider:
        assert contents(list(provider.fetch("F", names))) == {names[0]: letter(1), names[1]: letter(2)}


def test_parts_that_are_refused_are_asked_again_after_their_wait(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = holding(graph, *range(20))
    busy = refusal(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", Retry_After="2")
    for number in range(4, 20):
        graph.on(rf"M{number}%3D/\$value", busy, Reply(letter(number)))
    with graph.session() as provider:
        listed(graph, provider, names)
        waits = slept(provider, monkeypatch)
        assert len(contents(list(provider.fetch("F", names)))) == 20
    # Smaller portions from then on, those that were refused first.
    assert waits == [2.0]
    values = [path for path in graph.paths() if path.endswith("/$value")]
    assert len(values) == 36
    assert graph.round_trips[1:] == ["/$batch"] * 3


def test_what_was_not_refused_is_given_out_before_a_long_wait(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = holding(graph, *range(10))
    graph.on(r"M[5-9]%3D/\$value", refusal(429, "ApplicationThrottled", Retry_After="90"))
    with graph.session() as provider:
        listed(graph, provider, names)
        waits = slept(provider, monkeypatch)
        came = []
        with pytest.raises(RateLimited) as caught:
            came.extend(provider.fetch("F", names))
    assert caught.value.retry_after == 90
    assert contents(came) == {name: letter(number) for number, name in enumerate(names[:5])}
    assert waits == []


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "0"}, {"Retry_After": "soon"}])
def test_a_storm_without_a_word_about_its_length_is_left_after_few_tries(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    names = holding(graph, *range(8))
    graph.on(r"/\$value", refusal(503, "", **headers))
    with graph.session() as provider:
        listed(graph, provider, names)
        waits = slept(provider, monkeypatch)
        with pytest.raises(ServerUnavailable):
            list(provider.fetch("F", names))
    assert waits == sorted(waits)
    assert 0 < sum(waits) < 10
    assert len(waits) <= 3


def test_a_message_that_cannot_be_read_takes_no_other_with_it(graph: ScriptedGraph) -> None:
    names = holding(graph, *range(6))
    graph.on(r"M1%3D/\$value", refusal(500, "ErrorInternalServerError"))
    graph.on(r"M3%3D/\$value", refusal(403, "ErrorAccessDenied"))
    graph.on(r"M4%3D/\$value", Reply(b""))
    with graph.session() as provider:
        listed(graph, provider, names)
        answers = {f.remote_id: f for f in provider.fetch("F", names)}
    assert {name: type(f.error) for name, f in answers.items() if f.error} == dict.fromkeys(
        [names[1], names[3], names[4]], MessageUnreadable
    )
    assert len(answers) == 6


def refused_first(graph: ScriptedGraph, provider: GraphProvider, reply: Reply, count: int = 1) -> list[Fetched]:
    """Fetch five messages together, of which the first ones are refused."""
    names = holding(graph, *range(5))
    for number in range(count):
        graph.on(rf"M{number}%3D/\$value", reply)
    listed(graph, provider, names)
    return list(provider.fetch("F", names))


REFUSALS = [
    refusal(403, "ErrorAccessDenied"),
    refusal(404, "ResourceNotFound"),
    refusal(500, "ErrorInternalServerError"),
    Reply(None, 502),
    Reply(None, 404),
]


@pytest.mark.parametrize("reply", REFUSALS)
def test_messages_that_are_refused_before_others_come_are_unreadable(graph: ScriptedGraph, reply: Reply) -> None:
    with graph.session() as provider:
        answers = refused_first(graph, provider, reply, count=4)
    assert [type(f.error) for f in answers[:4]] == [MessageUnreadable] * 4
    assert answers[4].content == letter(4)


@pytest.mark.parametrize("reply", [*REFUSALS, GATEWAY])
def test_a_message_that_is_refused_alone_is_unreadable_where_the_mailbox_answers(
    graph: ScriptedGraph, reply: Reply
) -> None:
    [name] = holding(graph, 1)
    graph.on(r"/\$value", reply)
    with graph.session() as provider:
        [fetched] = provider.fetch("F", [name])
    assert isinstance(fetched.error, MessageUnreadable)


@pytest.mark.parametrize(
    ("reply", "of_mailbox", "error"),
    [
        (GATEWAY, GATEWAY, ServerUnavailable),
        (Reply(None, 404), GATEWAY, ServerUnavailable),
        (refusal(500, "UnknownError"), refusal(429, "ApplicationThrottled"), RateLimited),
        (refusal(403, "ErrorAccessDenied"), refusal(403, "ErrorAccessDenied"), ConsentMissing),
        (refusal(404, "ResourceNotFound"), refusal(404, "MailboxNotEnabledForRESTAPI"), MailboxDisabled),
    ],
)
@pytest.mark.parametrize("numbers", [[1], [1, 2]])
def test_trouble_of_the_mailbox_sets_no_message_aside(
    graph: ScriptedGraph, reply: Reply, of_mailbox: Reply, error: type, numbers: list[int]
) -> None:
    names = holding(graph, *numbers)
    graph.on(r"/\$value", reply)
    graph.on(MAILBOX, of_mailbox)
    with graph.session() as provider:
        listed(graph, provider, names)
        with pytest.raises(error) as caught:
            list(provider.fetch("F", names))
    assert type(caught.value) is error


@pytest.mark.parametrize("status", [500, 502])
@pytest.mark.parametrize("numbers", [[1], [1, 2]])
def test_a_wait_that_is_named_is_kept(graph: ScriptedGraph, status: int, numbers: list[int]) -> None:
    names = holding(graph, *numbers)
    graph.on(r"M1%3D/\$value", refusal(status, "UnknownError", Retry_After="120"))
    with graph.session() as provider:
        listed(graph, provider, names)
        with pytest.raises(ServerUnavailable) as caught:
            list(provider.fetch("F", names))
    assert caught.value.retry_after == 120


@pytest.mark.parametrize("path", [r"%3D/\$value", r"%3D\?"])
def test_the_longest_wait_is_the_one_that_is_told(graph: ScriptedGraph, path: str) -> None:
    names = holding(graph, *range(3))
    for number, seconds in enumerate((10, 600, 30)):
        graph.on(f"M{number}{path}", refusal(429, "ApplicationThrottled", Retry_After=str(seconds)))
    with graph.session() as provider, pytest.raises(RateLimited) as caught:
        list(provider.fetch("F", names))
    assert caught.value.retry_after == 600


def test_those_that_were_not_asked_for_wait_as_long_as_any(graph: ScriptedGraph) -> None:
    names = holding(graph, *range(30))
    for number, seconds in enumerate((10, 600, 30)):
        graph.on(rf"M{number}%3D\?", refusal(429, "ApplicationThrottled", Retry_After=str(seconds)))
    with graph.session() as provider:
        answers = provider._batcher.ask({name: f"/me/messages/{name[:-1]}%3D?" for name in names})
    assert {answers[name].retry_after for name in names[20:]} == {600}


def test_a_permission_that_lacks_bodies_is_told_as_such(graph: ScriptedGraph) -> None:
    names = holding(graph, *range(6))
    graph.on(r"/\$value", refusal(403, "ErrorAccessDenied"))
    with graph.session() as provider:
        listed(graph, provider, names)
        with pytest.raises(ConsentMissing):
            list(provider.fetch("F", names))


def test_failures_of_many_messages_are_the_services(graph: ScriptedGraph) -> None:
    names = holding(graph, *range(6))
    graph.on(r"/\$value", refusal(500, "ErrorInternalServerError"))
    with graph.session() as provider:
        listed(graph, provider, names)
        with pytest.raises(ServerUnavailable):
            list(provider.fetch("F", names))


def test_a_message_that_is_gone_says_so_alone_and_in_company(graph: ScriptedGraph) -> None:
    [name] = holding(graph, 1)
    graph.on("nonsense", refusal(400, "ErrorInvalidIdMalformed"))
    with graph.session() as provider:
        for wanted in (["gone"], ["nonsense"], ["gone", name, "nonsense"]):
            for fetched in provider.fetch("F", wanted):
                assert fetched.remote_id == name or isinstance(fetched.error, MessageGone)


def test_a_message_whose_end_nobody_could_tell_is_not_taken(graph: ScriptedGraph) -> None:
    graph.on(r"\$value", Reply(letter(1), headers={"Content-Length": ""}, cut=100))
    with graph.session() as provider, pytest.raises((ProtocolError, ConnectionLost)):
        list(provider.fetch("F", ["A"]))


# Folders


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


# Sending


def test_a_message_is_sent_as_it_is(graph: ScriptedGraph) -> None:
    graph.on("^/me/sendMail$", Reply(None, 202))
    with graph.session() as provider:
        assert provider.send(letter(1)) == ""
    [asked] = graph.asked
    assert base64.b64decode(asked.content) == letter(1)
    assert asked.headers["Content-Type"] == "text/plain"


def test_what_is_too_large_is_not_sent(graph: ScriptedGraph) -> None:
    with graph.session() as provider, pytest.raises(MessageTooLarge):
        provider.send(b"x" * (3 * 2**20 + 1))
    assert graph.asked == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(403, "ErrorAccessDenied"), ConsentMissing),
        (refusal(429, "ApplicationThrottled"), RateLimited),
        (refusal(400, "ErrorInvalidRecipients"), ProtocolError),
        (Reply(None, 202, cut=-1), ConnectionLost),
    ],
)
def test_a_message_that_was_not_taken_is_not_sent_again(graph: ScriptedGraph, reply: Reply, error: type) -> None:
    graph.on("sendMail", reply)
    with graph.session() as provider, pytest.raises(error):
        provider.send(letter(1))
    assert len(graph.asked) == 1
