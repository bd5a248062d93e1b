# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folders' changes as Graph tells them: in pieces, twice, out of order, and sometimes not at all any more."""

from __future__ import annotations

import itertools

import pytest

from mailsync.errors import (
    FolderUnreadable,
    ProtocolError,
    ServerUnavailable,
)
from mailsync.providers.graph.cursor import Cursor

from .graph_pages import cursor, delta, ids, message, read_on, removed
from .scripted_graph import Reply, ScriptedGraph, refusal

BEGINNING = r"^/me/mailFolders/[^/]+/messages/delta\?\$select"


def test_links_are_followed_as_they_came(graph: ScriptedGraph) -> None:
    graph.on(BEGINNING, delta(graph, message("A"), following="n1"))
    graph.on("^/me/n1", delta(graph, following="n2"))
    graph.on("^/me/n2", delta(graph, message("B"), message("A"), message("A", subject="Other")))
    with graph.session() as provider:
        pages = read_on(provider)
    assert [ids(page) for page in pages] == [["A"], [], ["B", "A"]]
    assert pages[2].listings[1].head.subject == "Other"
    assert graph.paths()[1:] == ["/me/n1?%24skiptoken=a%2Fb", "/me/n2?%24skiptoken=a%2Fb"]
    for asked in graph.asked:
        assert 'IdType="ImmutableId"' in asked.headers["Prefer"]
        assert "odata.maxpagesize=500" in asked.headers["Prefer"]
    assert "orderby=receivedDateTime%20desc" in graph.paths()[0]


def test_a_folder_id_may_hold_what_means_something_in_a_path(graph: ScriptedGraph) -> None:
    graph.on("^/me/mailFolders/A%2Fb%2BC%3D/messages/delta", delta(graph, message("x/y+Z=")))
    graph.on("^/me/messages/x%2Fy%2BZ%3D/%24value|^/me/messages/x%2Fy%2BZ%3D/\\$value", Reply(b"Subject: x\r\n\r\n"))
    with graph.session() as provider:
        assert ids(provider.changes("A/b+C=", "")) == ["x/y+Z="]
        assert [f.content for f in provider.fetch("A/b+C=", ["x/y+Z="])] == [b"Subject: x\r\n\r\n"]


def test_ids_that_differ_in_case_only_are_different(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph, message("AAa="), message("AaA="), removed("aAA="), removed("AAA=")))
    with graph.session() as provider:
        page = provider.changes("F", cursor(graph))
    assert ids(page) == ["AAa=", "AaA="]
    assert page.gone == {"aAA=", "AAA="}


def test_the_last_word_about_a_message_counts(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph, message("A"), removed("A"), removed("B", "changed"), message("B"), removed("C")))
    with graph.session() as provider:
        page = provider.changes("F", cursor(graph))
    assert (ids(page), page.gone) == (["B"], {"A", "C"})


def test_a_removal_in_a_first_round_is_one(graph: ScriptedGraph) -> None:
    graph.on(BEGINNING, delta(graph, removed("A"), message("B")))
    with graph.session() as provider:
        page = provider.changes("F", "")
    assert (ids(page), page.gone, page.reset) == (["B"], {"A"}, False)


def test_an_update_in_part_tells_all_flags_of_what_was_listed_before(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph, {"id": "A", "isRead": True}, {"id": "gone", "isRead": True}))
    graph.on("^/me/messages/A", Reply(message("A", isRead=True, flag={"flagStatus": "flagged"})))
    with graph.session() as provider:
        [page] = read_on(provider, cursor(graph), known=("A", "gone"))
    assert page.flags == {"A": {"\\Seen", "\\Flagged"}}
    assert page.listings == ()


def test_an_update_in_part_of_what_was_never_listed_lists_it(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph, {"id": "A", "isRead": True}))
    graph.on("^/me/messages/A", Reply(message("A", isRead=True)))
    with graph.session() as provider:
        [page] = read_on(provider, cursor(graph))
    assert ids(page) == ["A"]
    assert page.listings[0].head.message_id == "A@example.com"
    assert page.flags == {}


def test_an_update_in_part_does_not_take_from_the_whole(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph, message("A"), {"id": "A", "isRead": True, "subject": None}))
    with graph.session() as provider:
        [listing] = provider.changes("F", cursor(graph)).listings
    assert listing.head.subject == "Offer A"
    assert listing.flags == {"\\Seen"}


def test_a_draft_that_was_sent_is_listed_though_it_is_known(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph, {"id": "A", "isDraft": False}))
    graph.on("^/me/messages/A", Reply(message("A")))
    with graph.session() as provider:
        [page] = read_on(provider, cursor(graph), known=("A",))
    assert (ids(page), page.flags) == (["A"], {})


def test_many_updates_in_part_take_one_round_trip_for_twenty(graph: ScriptedGraph) -> None:
    names = [f"A{number}" for number in range(60)]
    graph.on("^/me/d1", delta(graph, *({"id": name, "isRead": True} for name in names)))
    graph.on("^/me/messages/", Reply(message("?", isRead=True)))
    with graph.session() as provider:
        [page] = read_on(provider, cursor(graph), known=tuple(names))
        assert page.flags == dict.fromkeys(names, {"\\Seen"})
        assert provider.traffic.requests == 4
        assert provider.traffic.units == 61


EXPIRED = [
    refusal(410, "SyncStateNotFound", "The sync state generation is not found; generation=3"),
    refusal(410, "resyncRequired", Location="https://graph.microsoft.com/v1.0/me/elsewhere"),
    refusal(410),
    refusal(400, "syncStateNotFound"),
    refusal(404, "ResyncRequired"),
]


@pytest.mark.parametrize("expired", EXPIRED)
@pytest.mark.parametrize("is_listing", [False, True])
def test_an_expired_bookmark_lists_that_folder_anew(graph: ScriptedGraph, expired: Reply, is_listing: bool) -> None:
    graph.on("^/me/old", expired)
    graph.on(BEGINNING, delta(graph, message("A"), following="n1"))
    graph.on("^/me/n1", delta(graph, message("B")))
    text = Cursor(graph.link("/me/old?x"), is_listing=is_listing, is_first=is_listing).text()
    with graph.session() as provider:
        assert provider.changed({"F": text}) == ["F"]
        pages = read_on(provider, text)
    assert [page.reset for page in pages] == [True, False]
    assert [ids(page) for page in pages] == [["A"], ["B"]]
    assert not any("elsewhere" in path for path in graph.paths())


def test_a_listing_that_has_expired_when_it_begins_waits(graph: ScriptedGraph) -> None:
    graph.on("delta|^/me/", EXPIRED[0])
    with graph.session() as provider, pytest.raises(ServerUnavailable):
        provider.changes("F", cursor(graph))
    assert len(graph.asked) == 2


@pytest.mark.parametrize("text", ["nonsense", "[]", "[0]", '[1, 5, true, true, 0, 0, "", 0]', '{"link": "x"}', "[2]"])
def test_a_cursor_of_another_kind_is_a_reset(graph: ScriptedGraph, text: str) -> None:
    graph.on(BEGINNING, delta(graph, message("A")))
    with graph.session() as provider:
        assert provider.changed({"F": text}) == ["F"]
        assert provider.changes("F", text).reset


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/me/x",
        "//evil.example/v1.0/me/x",
        "{root}.evil.example/v1.0/me/x",
        "{root}@evil.example/v1.0/me/x",
        "{root}:1/v1.0/me/x",
        "{root}/elsewhere",
        "{root}/v1.0",
        "{root}/v1.0evil/x",
        "/v1.0/me/x",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["@odata.nextLink", "@odata.deltaLink"])
def test_a_link_that_leads_elsewhere_is_not_followed(graph: ScriptedGraph, link: str, kind: str) -> None:
    foreign = link.format(root=graph.root)
    graph.on(BEGINNING, Reply({"value": [], kind: foreign}))
    with graph.session() as provider:
        with pytest.raises(ProtocolError):
            provider.changes("F", "")
        # Nor when it comes out of the database.
        if foreign:
            with pytest.raises(ProtocolError):
                provider.changes("F", Cursor(foreign).text())
    assert len(graph.asked) == 1


@pytest.mark.parametrize("period", [1, 2, 3, 7])
def test_links_that_lead_in_a_circle_end(graph: ScriptedGraph, period: int) -> None:
    """Begun anew once, then the folder is given up for this scan; sessions in between do not hide it."""
    graph.on(BEGINNING, delta(graph, message("A"), following="n0"))
    for number in range(period):
        graph.on(f"^/me/n{number}", delta(graph, message("A"), following=f"n{(number + 1) % period}"))
    pages = []
    text = ""
    with pytest.raises(FolderUnreadable):
        while len(graph.asked) < 200:
            with graph.session() as provider:
                pages.append(provider.changes("F", text))
            text = pages[-1].cursor
    assert sum(page.reset for page in pages) == 1
    assert len(graph.asked) < 20 * (period + 1)


def test_empty_pages_without_end_end(graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailsync.providers.graph.cursor._MOST_EMPTY", 50)
    numbers = itertools.count()
    graph.on("", Reply(lambda: {"value": [], "@odata.nextLink": graph.link(f"/me/n{next(numbers)}")}))
    text = ""
    with graph.session() as provider, pytest.raises(FolderUnreadable):
        while len(graph.asked) < 500:
            text = provider.changes("F", text).cursor
    # Fifty, and fifty again after the restart.
    assert len(graph.asked) == 100


def test_a_listing_may_hold_a_thousand_empty_pages_but_no_more() -> None:
    cursor = Cursor("", is_listing=True)
    for number in range(999):
        cursor = cursor.followed(f"n{number}", is_empty=True)
    assert not cursor.is_endless
    assert cursor.followed("n999", is_empty=True).is_endless
    assert not cursor.followed("n999", is_empty=False).is_endless


def test_a_circle_that_was_mended_is_forgotten(graph: ScriptedGraph) -> None:
    graph.on(BEGINNING, delta(graph, following="n0"), delta(graph, message("A")))
    graph.on("^/me/n0", delta(graph, following="n0"))
    with graph.session() as provider:
        pages = read_on(provider)
    assert ids(pages[-1]) == ["A"]
    assert pages[-1].reset
    assert Cursor.read(pages[-1].cursor) == Cursor(graph.link("/me/d1?$deltatoken=x"))


def test_nothing_new_is_one_request_a_folder_in_one_round_trip(graph: ScriptedGraph) -> None:
    graph.on("^/me/d", delta(graph))
    cursors = {f"F{number}": cursor(graph, f"d{number}") for number in range(12)}
    with graph.session() as provider:
        assert provider.changed(cursors) == []
        assert (provider.traffic.requests, provider.traffic.units) == (1, 12)
    for asked in graph.asked:
        assert 'IdType="ImmutableId"' in asked.headers["Prefer"]


def test_what_changed_was_told_is_not_asked_again(graph: ScriptedGraph) -> None:
    graph.on("^/me/d1", delta(graph))
    graph.on("^/me/d2", delta(graph, message("A"), final="d4"))
    graph.on("^/me/d3", delta(graph, following="n1"))
    graph.on("^/me/d4", delta(graph, final="d5"))
    cursors = {f"F{number}": cursor(graph, f"d{number}") for number in (1, 2, 3)}
    with graph.session() as provider:
        assert provider.changed(cursors) == ["F2", "F3"]
        page = provider.changes("F2", cursors["F2"])
        assert ids(page) == ["A"]
        assert provider.traffic.requests == 1
        # Used up: the next question is a new one.
        assert provider.changes("F2", page.cursor).listings == ()
        assert ids(provider.changes("F2", cursors["F2"])) == ["A"]
        assert provider.traffic.requests == 3


def test_a_shared_mailbox_is_read_by_its_address(graph: ScriptedGraph) -> None:
    graph.on("^/users/office@example.com/mailFolders/F/messages/delta", delta(graph, {"id": "A", "isRead": True}))
    graph.on("^/users/office@example.com/messages/A", Reply(message("A")))
    with graph.session(mailbox="office@example.com") as provider:
        assert ids(provider.changes("F", "")) == ["A"]


def test_what_changed_was_told_is_no_news_after_a_later_look(graph: ScriptedGraph) -> None:
    """Moved from G to F in between: what G said before would bring it back there."""
    graph.on("^/me/d1", delta(graph, message("A")), delta(graph, removed("A")))
    graph.on(BEGINNING, delta(graph, message("A")))
    with graph.session() as provider:
        provider.changed({"F": "", "G": cursor(graph)})
        assert ids(provider.changes("F", "")) == ["A"]
        page = provider.changes("G", cursor(graph))
    assert (page.listings, page.gone) == ((), {"A"})
