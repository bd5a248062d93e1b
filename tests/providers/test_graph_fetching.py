# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages' bytes by Graph: batches, waits between their parts, and what is too large for them."""

from __future__ import annotations

import base64
import tracemalloc
from typing import Any

import pytest

from mailsync.errors import (
    MessageTooLarge,
    RateLimited,
    ServerUnavailable,
)
from mailsync.providers.graph import http

from .far_end import letter
from .graph_messages import contents, holding, listed, slept
from .scripted_graph import Reply, ScriptedGraph, refusal


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
