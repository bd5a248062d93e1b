# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that Graph refuses: whether that concerns the message, the mailbox or the service."""

from __future__ import annotations

import pytest

from mailsync.errors import (
    ConnectionLost,
    ConsentMissing,
    MailboxDisabled,
    MessageGone,
    MessageUnreadable,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
)
from mailsync.provider import Fetched
from mailsync.providers.graph import GraphProvider

from .far_end import letter
from .graph_messages import GATEWAY, MAILBOX, holding, listed
from .scripted_graph import Reply, ScriptedGraph, refusal


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
