# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lies in listings: the right answer, and every message accounted for."""

from __future__ import annotations

import pytest

from mailsync.errors import MessageUnreadable
from mailsync.providers.imap import connect

from .conversation import CURSOR, IDS, LIMIT, LISTING, listed, session
from .scripted import EXAMINED, HEADERS, OK, Answer, ScriptedServer, header_line


def test_capabilities_are_asked_for_only_if_nobody_told_them() -> None:
    silent = {b"LOGIN": OK}
    with ScriptedServer(silent, greeting=b"* OK ready\r\n").running() as server:
        assert len(session(server, []).listings) == 3
    assert server.commands.count(b"CAPABILITY") == 2
    with ScriptedServer().running() as server:
        session(server, [])
    assert server.commands.count(b"CAPABILITY") == 0


def test_unasked_responses_in_a_listing_change_nothing() -> None:
    noise = b"* 4 EXISTS\r\n* 1 EXPUNGE\r\n* OK still here\r\n* 2 FETCH (FLAGS (\\Flagged))\r\n* XYZ {3}\r\nabc\r\n"
    answer = noise + header_line(1, 11) + noise + header_line(2, 12) + noise + header_line(3, 15) + noise + OK
    page = listed({LISTING: answer})
    assert [item.head.subject for item in page.listings] == ["S15", "S12", "S11"]
    assert {item.flags for item in page.listings} == {frozenset({"\\Seen"})}


def test_items_in_any_order_and_case_are_read() -> None:
    header = HEADERS[11]
    answer = b"* 1 fetch (body[header.fields (subject)] {%d}\r\n%s rfc822.size 80 flags () uid 11)\r\n" % (
        len(header), header,
    )  # fmt: skip
    listing = listed({LISTING: answer + OK}).listings[-1]
    assert (listing.head.subject, listing.size, listing.received) == ("S11", 80, None)


@pytest.mark.parametrize(
    "broken",
    [
        b"* 2 FETCH (UID 12 FLAGS NIL INTERNALDATE NIL RFC822.SIZE NIL BODY[HEADER.FIELDS (X)] NIL)\r\n",
        b"* 2 FETCH (UID 12 BODY[HEADER.FIELDS (X)] NIL)\r\n",
    ],
)
def test_a_message_without_a_header_is_accounted_for(broken: bytes) -> None:
    page = listed({LISTING: header_line(1, 11) + broken + header_line(3, 15) + OK})
    assert [type(item.error) for item in page.listings] == [type(None), MessageUnreadable, type(None)]
    assert page.listings[1].remote_id == IDS[1]


@pytest.mark.parametrize(
    "garbled",
    [
        b'* 2 FETCH (UID 12 FLAGS (\\Seen) INTERNALDATE "23-Nov-2026 BODY[HEADER.FIELDS (X)] {3}\r\nabc)\r\n',
        b"* 2 FETCH (FLAGS () BODY[HEADER.FIELDS (X)] {3}\r\nabc)\r\n",
    ],
)
def test_an_answer_that_breaks_the_syntax_loses_no_message(garbled: bytes) -> None:
    answers: dict[bytes, Answer] = {
        LISTING: header_line(1, 11) + garbled + header_line(3, 15) + OK,
        b"UID FETCH 12 (UID FLAGS": garbled + OK,
    }
    page = listed(answers)
    assert [item.remote_id for item in page.listings] == IDS[::-1]
    assert [type(item.error) for item in page.listings] == [type(None), MessageUnreadable, type(None)]


def test_a_message_that_breaks_the_listing_hides_no_other() -> None:
    answers: dict[bytes, Answer] = {
        LISTING: header_line(1, 11) + b"%T NO [SERVERBUG] Internal error\r\n",
        b"UID FETCH 12 (UID FLAGS": b"%T NO [SERVERBUG] Internal error\r\n",
        b"UID FETCH 15 (UID FLAGS": header_line(3, 15) + OK,
    }
    page = listed(answers)
    assert [(item.remote_id, type(item.error)) for item in page.listings] == [
        (IDS[2], type(None)),
        (IDS[1], MessageUnreadable),
        (IDS[0], type(None)),
    ]


def test_a_message_that_was_not_asked_for_is_left_out() -> None:
    """``n:*`` answers the last message even if its UID is lower (RFC 3501 §6.4.8)."""
    answers = {
        b"UID FETCH 16:16": header_line(3, 15) + OK,
        b"EXAMINE": EXAMINED.replace(b"UIDNEXT 16", b"UIDNEXT 17"),
    }
    assert listed(answers, cursor=CURSOR).listings == ()


def test_a_server_without_uidnext_in_examine_is_asked_for_it() -> None:
    answers = {
        b"EXAMINE": EXAMINED.replace(b"* OK [UIDNEXT 16] ok\r\n", b""),
        b"STATUS": b"* STATUS INBOX (UIDNEXT 16 UNSEEN 0)\r\n" + OK,
    }
    page = listed(answers)
    assert len(page.listings) == 3
    assert "16" in page.cursor


def test_a_server_without_any_uidnext_is_read_by_its_last_message() -> None:
    answers = {
        b"EXAMINE": EXAMINED.replace(b"* OK [UIDNEXT 16] ok\r\n", b""),
        b"STATUS": b"%T NO what is that\r\n",
        b"UID FETCH * (UID)": b"* 3 FETCH (UID 15)\r\n" + OK,
    }
    assert len(listed(answers).listings) == 3


def test_a_uidnext_that_went_back_means_another_folder() -> None:
    page = listed({}, cursor="[1,7,1,99,50,0,40]")
    assert page.reset
    assert len(page.listings) == 3


@pytest.mark.parametrize("cursor", ["nonsense", "[]", "[1,2]", '{"v":1}', "[2,7,1,16,3,0,40]", "[1,7,1,16,3,0,null]"])
def test_a_cursor_that_nobody_wrote_lists_the_folder_anew(cursor: str) -> None:
    page = listed({}, cursor=cursor)
    assert page.reset
    assert len(page.listings) == 3


def test_a_folder_without_modification_sequences_is_read_without() -> None:
    answers = {
        b"EXAMINE": EXAMINED.replace(b"HIGHESTMODSEQ 40", b"NOMODSEQ"),
        b"STATUS": b"* STATUS INBOX (UIDNEXT 16 UNSEEN 2)\r\n" + OK,
        b"UID FETCH 1:15 (UID FLAGS)": b"* 1 FETCH (UID 11 FLAGS ())\r\n* 3 FETCH (UID 15 FLAGS (\\Seen))\r\n" + OK,
    }
    first = listed(answers)
    answers[b"EXAMINE"] = answers[b"EXAMINE"].replace(b"3 EXISTS", b"2 EXISTS")
    second = listed(answers, cursor=first.cursor)
    assert second.flags == {IDS[0]: frozenset(), IDS[2]: frozenset({"\\Seen"})}
    assert second.present == {IDS[0], IDS[2]}


def test_an_old_search_answer_to_a_new_question_is_understood() -> None:
    answers = {
        b"UID SEARCH": b"* SEARCH 11 12\r\n* SEARCH 15\r\n" + OK,
        b"EXAMINE": EXAMINED,
        b"UID FETCH 12:15 (UID FLAGS INTERNALDATE": header_line(2, 12) + header_line(3, 15) + OK,
        b"UID FETCH 11:11 (UID FLAGS INTERNALDATE": header_line(1, 11) + OK,
    }
    with ScriptedServer(answers).running() as server, connect(server.settings()) as provider:
        first = provider.changes("INBOX", "", 2)
        second = provider.changes("INBOX", first.cursor, 2)
    assert [item.head.subject for item in first.listings + second.listings] == ["S15", "S12", "S11"]
    assert (first.remaining, second.remaining, second.more) == (1, 0, False)


def test_a_message_that_a_listing_passes_over_in_silence_is_asked_for_again() -> None:
    answers: dict[bytes, Answer] = {
        LISTING: header_line(1, 11) + header_line(3, 15) + OK,
        b"UID FETCH 12 (UID FLAGS": header_line(2, 12) + OK,
    }
    assert [item.head.subject for item in listed(answers).listings] == ["S15", "S12", "S11"]


def test_a_message_that_never_shows_in_a_listing_is_accounted_for() -> None:
    answers: dict[bytes, Answer] = {
        LISTING: header_line(1, 11) + header_line(3, 15) + OK,
        b"UID FETCH 12 (UID FLAGS": OK,
    }
    page = listed(answers)
    assert [(item.remote_id, type(item.error)) for item in page.listings] == [
        (IDS[2], type(None)),
        (IDS[1], MessageUnreadable),
        (IDS[0], type(None)),
    ]


def test_a_page_of_the_backlog_is_held_against_the_search() -> None:
    answers: dict[bytes, Answer] = {
        b"UID FETCH 12:15 (UID FLAGS INTERNALDATE": header_line(3, 15) + OK,
        b"UID FETCH 12 (UID FLAGS": header_line(2, 12) + OK,
    }
    with ScriptedServer(answers).running() as server, connect(server.settings()) as provider:
        page = provider.changes("INBOX", "", 2)
    assert [item.head.subject for item in page.listings] == ["S15", "S12"]


def test_a_listing_without_gaps_needs_no_search() -> None:
    answers: dict[bytes, Answer] = {
        b"EXAMINE": EXAMINED.replace(b"UIDNEXT 16", b"UIDNEXT 13").replace(b"3 EXISTS", b"2 EXISTS"),
        b"UID FETCH 11:12 (UID FLAGS INTERNALDATE": header_line(1, 11) + header_line(2, 12) + OK,
    }
    with ScriptedServer(answers).running() as server, connect(server.settings()) as provider:
        assert len(provider.changes("INBOX", "[1,7,1,11,0,0,40]", LIMIT).listings) == 2
    assert not [command for command in server.commands if command.startswith(b"UID SEARCH")]


def test_a_message_left_out_when_flags_are_asked_for_is_not_gone() -> None:
    answers: dict[bytes, Answer] = {
        b"EXAMINE": EXAMINED.replace(b"HIGHESTMODSEQ 40", b"NOMODSEQ"),
        b"STATUS": b"* STATUS INBOX (UIDNEXT 16 UNSEEN 2)\r\n" + OK,
        b"UID FETCH 1:15 (UID FLAGS)": b"* 1 FETCH (UID 11 FLAGS ())\r\n* 3 FETCH (UID 15 FLAGS ())\r\n" + OK,
    }
    page = listed(answers, cursor="[1,7,1,16,3,0,0]")
    assert page.present == set(IDS)
