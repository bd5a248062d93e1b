# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that die, cut, lie and forget: a typed error in bounded time and memory, or the right answer."""

from __future__ import annotations

import contextlib
import random
import time
import tracemalloc

import pytest

from mailsync.errors import (
    ConnectionLost,
    ConnectionTimedOut,
    FolderGone,
    FolderUnreadable,
    MailSyncError,
    MessageGone,
    MessageTooLarge,
    MessageUnreadable,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
)
from mailsync.provider import Fetched, Page
from mailsync.providers.imap import connect, wire

from .scripted import (
    ANSWERS,
    EXAMINED,
    GREETING,
    HEADERS,
    MESSAGES,
    OK,
    SILENCE,
    Answer,
    ScriptedServer,
    body_line,
    header_line,
)

LISTING = b"UID FETCH 11:15 (UID FLAGS INTERNALDATE"
# Below the range that a page holds, the server is not searched first.
LIMIT = 10
BODIES = b"UID FETCH 11:12,15 (UID BODY"
IDS = [f"{uid}.7@INBOX" for uid in MESSAGES]
CURSOR = "[1,7,1,16,3,0,40]"


def session(server: ScriptedServer, received: list[Fetched], **changes: object) -> Page:
    """A whole session: log-in, folders, the question for news, a listing, the bodies."""
    with connect(server.settings(**changes)) as provider:
        folders = provider.folders()
        assert folders[0].remote_id == "INBOX"
        assert provider.changed({"INBOX": CURSOR}) in ([], ["INBOX"])
        page = provider.changes("INBOX", "", LIMIT)
        received.extend(provider.fetch("INBOX", [listing.remote_id for listing in page.listings]))
        return page


def listed(answers: dict[bytes, Answer], cursor: str = "") -> Page:
    with ScriptedServer(answers).running() as server, connect(server.settings(timeout=1)) as provider:
        return provider.changes("INBOX", cursor, LIMIT)


def fetched(answers: dict[bytes, Answer], ids: list[str] = IDS, timeout: float = 1) -> dict[str, Fetched]:
    with ScriptedServer(answers).running() as server, connect(server.settings(timeout=timeout)) as provider:
        answered = list(provider.fetch("INBOX", ids))
    assert len(answered) == len({item.remote_id for item in answered}), "answered twice"
    return {item.remote_id: item for item in answered}


def contents(answered: dict[str, Fetched]) -> dict[str, bytes | None]:
    return {remote_id: item.content for remote_id, item in answered.items()}


WHOLE = dict(zip(IDS, MESSAGES.values(), strict=True))


def test_the_scripted_server_is_read_rightly() -> None:
    received: list[Fetched] = []
    with ScriptedServer().running() as server:
        page = session(server, received)
    assert [listing.head.subject for listing in page.listings] == ["S15", "S12", "S11"]
    assert page.listings[0].received == 1795424400.0
    assert {item.remote_id: item.content for item in received} == WHOLE
    assert not [c for c in server.commands if c.startswith((b"SELECT", b"STORE", b"UID STORE"))]


def test_replies_in_segments_of_one_byte_are_read() -> None:
    received: list[Fetched] = []
    with ScriptedServer(segment=1).running() as server:
        assert len(session(server, received).listings) == 3
    assert {item.remote_id: item.content for item in received} == WHOLE


@pytest.mark.slow
def test_a_cut_after_any_byte_is_a_typed_error_and_nothing_half_is_taken() -> None:
    with ScriptedServer().running() as server:
        session(server, [])
        total = server.sent
    assert total > 1200
    outcomes = set()
    with ScriptedServer().running() as server:
        for cut in range(total):
            server.cut = cut
            received: list[Fetched] = []
            try:
                session(server, received)
            except MailSyncError as error:
                outcomes.add(type(error))
            for item in received:
                assert item.content == WHOLE[item.remote_id], f"half a message at byte {cut}"
    # A farewell that is cut harms nobody; everything before it is a lost connection.
    assert outcomes == {ConnectionLost}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300))
def test_a_mutated_conversation_never_raises_anything_else(seed: int) -> None:
    chance = random.Random(seed)
    key = chance.choice([*ANSWERS, b"greeting"])
    answer = GREETING if key == b"greeting" else ANSWERS[key]
    assert isinstance(answer, bytes)
    mutated = bytearray(answer)
    for _ in range(chance.choice([1, 1, 2, 5])):
        position = chance.randrange(len(mutated))
        kind = chance.randrange(4)
        if kind == 0:
            mutated[position] = chance.randrange(256)
        elif kind == 1:
            del mutated[position : position + chance.randrange(1, 9)]
        elif kind == 2:
            mutated[position:position] = chance.choice(
                [b"(", b")", b'"', b"{5}\r\n", b"{99999999999}\r\n", b"\r\n", b"NIL", b"[", b"]", b"\0", b"* ", b"\\"]
            )
        else:
            mutated[position:position] = bytes(mutated[: chance.randrange(1, len(mutated) + 1)])
        if not mutated:
            break
    server = ScriptedServer({} if key == b"greeting" else {key: bytes(mutated)})
    if key == b"greeting":
        server.greeting = bytes(mutated)
    start = time.monotonic()
    with server.running():
        try:
            with connect(server.settings(timeout=0.2)) as provider:
                provider.folders()
                provider.changed({"INBOX": CURSOR})
                page = provider.changes("INBOX", "", LIMIT)
                list(provider.fetch("INBOX", [item.remote_id for item in page.listings]))
        except MailSyncError as error:
            assert "secret-canary" not in str(error) + error.server_text
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("command", [b"LOGIN", b'LIST "" "*"', b'LIST "" (', b"EXAMINE", LISTING, BODIES])
def test_silence_ends_in_time(command: bytes) -> None:
    answers = {command: SILENCE}
    if command == b'LIST "" "*"':
        answers = {b'LIST "" "*" RETURN (SPECIAL-USE)': SILENCE}
    start = time.monotonic()
    with ScriptedServer(answers).running() as server, pytest.raises(ConnectionTimedOut):
        session(server, [], timeout=0.3)
    assert time.monotonic() - start < 3


@pytest.mark.slow
def test_a_server_that_drips_is_as_good_as_silent() -> None:
    class Dripping(ScriptedServer):
        def _send(self, client, content):  # type: ignore[no-untyped-def]
            if b"FETCH" not in content:
                return super()._send(client, content)
            for byte in content:
                client.sendall(bytes([byte]))
                time.sleep(0.15)
            return True

    start = time.monotonic()
    with Dripping().running() as server, pytest.raises(ConnectionTimedOut):
        session(server, [], timeout=0.5)
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("farewell", "error"),
    [
        (b"* BYE Server shutting down\r\n", ServerUnavailable),
        (b"* BYE [ALERT] Account exceeded command or bandwidth limits.\r\n", RateLimited),
        (b"* BYE Too many simultaneous connections. (Failure)\r\n", RateLimited),
        (b"* BYE\r\n", MailSyncError),
        (None, ConnectionLost),
    ],
)
@pytest.mark.parametrize("command", [b"LOGIN", b"EXAMINE", BODIES])
def test_a_farewell_at_any_time_has_a_meaning(
    command: bytes, farewell: bytes | None, error: type[MailSyncError]
) -> None:
    with ScriptedServer({command: farewell}).running() as server, pytest.raises(error):
        session(server, [], timeout=1)


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"* BYE Too many connections from your address\r\n", RateLimited),
        (b"* BYE temporarily unavailable\r\n", ServerUnavailable),
        (b"* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n", ProtocolError),
        (b"SSH-2.0-OpenSSH_9.2 secret-banner\r\n", ProtocolError),
        (b"220 smtp secret-banner\r\n", ProtocolError),
        (b"HTTP/1.1 400 secret-banner\r\n\r\n", ProtocolError),
        (b"\x00\xff\xfe\r\n", ProtocolError),
        (b"* OK [CAPABILITY POP4] hello\r\n", ProtocolError),
        (b"", ConnectionTimedOut),
    ],
)
def test_what_greets_otherwise_is_no_imap_server_and_not_quoted(greeting: bytes, error: type[MailSyncError]) -> None:
    with ScriptedServer(greeting=greeting).running() as server, pytest.raises(error) as raised:
        session(server, [], timeout=0.5)
    assert "secret-banner" not in str(raised.value) + raised.value.server_text


# Lies in listings


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
    [listing] = listed({LISTING: answer + OK}).listings
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


@pytest.mark.parametrize(
    ("examine", "existing", "error"),
    [
        (b"%T NO [NONEXISTENT] Unknown Mailbox\r\n", b"", FolderGone),
        (b"%T NO Mailbox doesn't exist: x\r\n", b"", FolderGone),
        (b"%T NO Postfach nicht vorhanden\r\n", b"", FolderGone),
        (b"%T NO Postfach gesperrt\r\n", b'* LIST () "/" INBOX\r\n', FolderUnreadable),
        (b"%T NO [NOPERM] Permission denied\r\n", b'* LIST () "/" INBOX\r\n', FolderUnreadable),
        (b"%T NO [UNAVAILABLE] backend\r\n", b'* LIST () "/" INBOX\r\n', FolderUnreadable),
        (b"%T NO [THROTTLED] slow down\r\n", b"", RateLimited),
        (EXAMINED.replace(b"UIDVALIDITY 7", b"UIDNOTSTICKY"), b"", FolderUnreadable),
    ],
)
def test_a_folder_that_does_not_open_says_why(examine: bytes, existing: bytes, error: type[MailSyncError]) -> None:
    with pytest.raises(error):
        listed({b"EXAMINE": examine, b'LIST "" "INBOX"': existing + OK})


def test_folder_names_of_all_kinds_are_listed_and_sent_back_unchanged() -> None:
    names = [b"Gel\xf6scht", "Привет".encode(), b"&Jjo-", b"&junk", b"&AAAAAA-", b'q"\\uote', b"NIL", b"10", b"a/b{3}"]
    answer = (
        b"".join(b'* LIST () "/" {%d}\r\n%s\r\n' % (len(name), name) for name in names)
        + b'* LIST (\\Noselect) NIL "Flat"\r\n* LIST () "/" NIL\r\n* LIST ((broken\r\n* LIST () "/"\r\n'
    )
    answers = {b'LIST "" "*" RETURN (SPECIAL-USE)': b'* LIST () "/" inbox\r\n' + answer + OK}
    with ScriptedServer(answers).running() as server, connect(server.settings()) as provider:
        folders = provider.folders()
        for folder in folders:
            for part in folder.path:
                assert part.isprintable()
                part.encode("utf-8")
        provider.changed({folder.remote_id: CURSOR for folder in folders})
    question = server.commands[-2]
    assert b'"INBOX"' in question
    for name in names:
        assert name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') in question
    assert ("Привет",) in {folder.path for folder in folders}


def test_a_name_without_end_and_flags_that_cannot_be_stored_are_left_out() -> None:
    listing = b'LIST "" "*" RETURN (SPECIAL-USE)'
    answers: dict[bytes, Answer] = {
        listing: b'* LIST () "/" INBOX\r\n* LIST () "/" "' + b"x" * 1001 + b'"\r\n' + OK,
        LISTING: header_line(1, 11).replace(b"\\Seen", b"\\Seen a\0b") + OK,
    }
    with ScriptedServer(answers).running() as server, connect(server.settings(timeout=1)) as provider:
        assert [folder.remote_id for folder in provider.folders()] == ["INBOX"]
    assert listed(answers).listings[0].flags == frozenset({"\\Seen"})


@pytest.mark.parametrize("name", ["A\r\nA1 DELETE INBOX", "a\nb", "a\0b", "日本"])
def test_a_name_that_no_server_has_listed_is_never_sent(name: str) -> None:
    with ScriptedServer().running() as server, connect(server.settings()) as provider:
        with pytest.raises(FolderGone):
            provider.changes(name, "")
        with pytest.raises(FolderGone):
            list(provider.fetch(name, ["1.1@" + name]))
        assert provider.changed({name: CURSOR}) == [name]
    assert not [c for c in server.commands if b"DELETE" in c or c.startswith(b"EXAMINE")]


@pytest.mark.slow
def test_a_hundred_thousand_folders_are_listed_in_bounded_memory() -> None:
    many = b"".join(b'* LIST (\\HasNoChildren) "/" "Folder %d"\r\n' % number for number in range(100_000))
    answers = {b'LIST "" "*" RETURN (SPECIAL-USE)': b'* LIST () "/" INBOX\r\n' + many + OK}
    with ScriptedServer(answers).running() as server, connect(server.settings(timeout=20)) as provider:
        assert len(provider.folders()) == 100_001


def test_a_line_without_end_is_given_up() -> None:
    with pytest.raises(ProtocolError):
        listed({b"EXAMINE": b"* OK " + b"x" * (17 * 2**20) + b"\r\n" + EXAMINED})
    page = listed({b"EXAMINE": b"* OK " + b"[" * 2**20 + b"\r\n" + EXAMINED})
    assert len(page.listings) == 3


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_MAX_RESPONSES", 1000)
    with pytest.raises(ProtocolError):
        fetched({BODIES: b"* OK still here\r\n" * 2000})


FLOOD = b"* OK still here\r\n" * 100_000


def test_a_flood_at_log_in_is_given_up() -> None:
    with ScriptedServer({b"LOGIN": FLOOD}).running() as server, pytest.raises(ProtocolError):
        connect(server.settings(timeout=2))


def test_a_flood_at_log_out_is_left_alone() -> None:
    with ScriptedServer({b"LOGOUT": FLOOD}).running() as server:
        start = time.monotonic()
        connect(server.settings(timeout=2)).close()
        assert time.monotonic() - start < 2


def test_braces_in_prose_announce_nothing() -> None:
    page = listed({b"EXAMINE": b"* OK [ALERT] see paragraph {5}\r\n" + EXAMINED})
    assert len(page.listings) == 3


def test_an_extension_that_is_offered_and_not_understood_is_done_without() -> None:
    def examine(command: bytes) -> bytes:
        return b"%T BAD syntax\r\n" if b"CONDSTORE" in command else EXAMINED

    assert len(listed({b"EXAMINE": examine}).listings) == 3


# Lies in bodies


def test_unasked_responses_among_bodies_change_nothing() -> None:
    noise = b"* 4 EXISTS\r\n* 9 EXPUNGE\r\n* 2 FETCH (FLAGS (\\Flagged) UID 12)\r\n* 3 FETCH (MODSEQ (5))\r\n"
    answer = noise + body_line(1, 11) + noise + body_line(2, 12) + noise + body_line(3, 15) + noise + OK
    assert contents(fetched({BODIES: answer})) == WHOLE


def test_a_body_may_stand_before_its_uid_or_in_quotes() -> None:
    content = MESSAGES[11]
    answer = (
        b"* 1 FETCH (FLAGS () BODY[] {%d}\r\n%s UID 11)\r\n" % (len(content), content)
        + b'* 2 FETCH (UID 12 BODY[] "short \\"quoted\\"")\r\n'
        + b'* 3 FETCH (UID 15 BODY[] "x")\r\n'
        + OK
    )
    found = contents(fetched({BODIES: answer}))
    assert found == {IDS[0]: content, IDS[1]: b'short "quoted"', IDS[2]: b"x"}


def test_a_refused_batch_is_fetched_one_by_one() -> None:
    answers = {
        BODIES: body_line(1, 11) + b"%T NO [UNAVAILABLE] one of them\r\n",
        b"UID FETCH 12 (UID BODY": b"%T NO [UNAVAILABLE] cannot be read\r\n",
    }
    found = fetched(answers)
    assert isinstance(found[IDS[1]].error, MessageUnreadable)
    assert found[IDS[1]].error.server_text == "[UNAVAILABLE] cannot be read"
    assert (found[IDS[0]].content, found[IDS[2]].content) == (MESSAGES[11], MESSAGES[15])


def test_a_server_that_refuses_every_message_for_now_is_the_one_that_is_ill() -> None:
    refusal = b"%T NO [UNAVAILABLE] try again later\r\n"
    with pytest.raises(ServerUnavailable):
        fetched({BODIES: refusal, **{b"UID FETCH %d (UID BODY" % uid: refusal for uid in MESSAGES}})


@pytest.mark.parametrize("nothing", [b"NIL", b'""', b"{0}\r\n"])
def test_a_message_missing_from_an_ok_is_gone_only_if_its_uid_is(nothing: bytes) -> None:
    answers = {
        BODIES: body_line(1, 11) + OK,
        b"UID FETCH 12 (UID BODY": OK,
        b"UID FETCH 12 (UID)": OK,
        b"UID FETCH 15 (UID BODY": b"* 3 FETCH (UID 15 BODY[] " + nothing + b")\r\n" + OK,
        b"UID FETCH 15 (UID)": b"* 3 FETCH (UID 15)\r\n" + OK,
    }
    found = fetched(answers)
    assert found[IDS[0]].content == MESSAGES[11]
    assert isinstance(found[IDS[1]].error, MessageGone)
    assert isinstance(found[IDS[2]].error, MessageUnreadable)


def test_ids_of_another_folder_or_time_are_never_asked_for() -> None:
    dead = [
        "11.6@INBOX",
        "11.7@Sent",
        "x.7@INBOX",
        "11",
        "",
        "-1.7@INBOX",
        "0.7@INBOX",
        "99999999999.7@INBOX",
        "１.7@INBOX",
    ]
    with ScriptedServer().running() as server, connect(server.settings()) as provider:
        answers = list(provider.fetch("INBOX", dead))
    assert [item.remote_id for item in answers] == dead
    assert {type(item.error) for item in answers} == {MessageGone}
    assert not [c for c in server.commands if c.startswith(b"UID FETCH")]


def test_an_absurd_literal_is_told_at_once_and_costs_no_memory() -> None:
    announced = b"* 1 FETCH (UID 11 BODY[] {2147483647}\r\n" + b"x" * 1_000_000
    tracemalloc.start()
    try:
        with ScriptedServer({BODIES: announced}).running() as server, connect(server.settings(timeout=0.3)) as provider:
            answers = provider.fetch("INBOX", IDS)
            first = next(answers)
            with pytest.raises((ConnectionTimedOut, ConnectionLost)):
                next(answers)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (first.remote_id, type(first.error)) == (IDS[0], MessageTooLarge)
    assert peak < 20_000_000


def test_a_message_beyond_the_limit_is_passed_over_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_LITERAL", 1000)
    large = b"* 1 FETCH (UID 11 BODY[] {5000}\r\n" + b"y" * 5000 + b" FLAGS ())\r\n"
    found = fetched({BODIES: large + body_line(2, 12) + body_line(3, 15) + OK})
    assert isinstance(found[IDS[0]].error, MessageTooLarge)
    assert (found[IDS[1]].content, found[IDS[2]].content) == (MESSAGES[12], MESSAGES[15])


def test_a_fetch_that_is_left_at_an_oversized_message_does_not_disturb_what_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "MAX_LITERAL", 1000)
    large = b"* 1 FETCH (UID 11 BODY[] {5000}\r\n" + b"y\r\n) " * 1000 + b" FLAGS ())\r\n"
    with ScriptedServer({BODIES: large + OK}).running() as server, connect(server.settings()) as provider:
        answers = provider.fetch("INBOX", IDS)
        assert isinstance(next(answers).error, MessageTooLarge)
        answers.close()  # type: ignore[attr-defined]
        assert len(provider.changes("INBOX", "", LIMIT).listings) == 3


@pytest.mark.parametrize("difference", [-5, 5, 500])
def test_a_literal_of_another_length_than_announced_costs_no_other_message(difference: int) -> None:
    """Announced shorter, its end is read as something else, and never as a message."""
    content = MESSAGES[12]
    lie = b"* 2 FETCH (UID 12 BODY[] {%d}\r\n%s)\r\n" % (len(content) + difference, content)
    received: list[Fetched] = []
    with ScriptedServer({BODIES: body_line(1, 11) + lie + body_line(3, 15) + OK}).running() as server:
        provider = connect(server.settings(timeout=0.3))
        with contextlib.suppress(MailSyncError):
            received.extend(provider.fetch("INBOX", IDS))
        provider.close()
    assert {item.remote_id: item.content for item in received}[IDS[0]] == MESSAGES[11]
    for item in received:
        assert item.remote_id == IDS[1] or item.content in (WHOLE[item.remote_id], None)


@pytest.mark.parametrize("answer", [b"Z9 OK done\r\n", b"+ go on\r\n", b"garbage\r\n", b"\r\n", b"%T MAYBE\r\n"])
def test_an_answer_to_nothing_that_was_asked_ends_the_session(answer: bytes) -> None:
    with pytest.raises(ProtocolError):
        fetched({BODIES: answer})


def test_a_fetch_that_nobody_reads_to_the_end_does_not_disturb_what_follows() -> None:
    with ScriptedServer().running() as server, connect(server.settings()) as provider:
        answers = provider.fetch("INBOX", IDS)
        assert next(answers).content == MESSAGES[11]
        answers.close()  # type: ignore[attr-defined]
        assert len(provider.changes("INBOX", "", LIMIT).listings) == 3
        assert contents({item.remote_id: item for item in provider.fetch("INBOX", IDS)}) == WHOLE
