# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lies in bodies: none is taken for another's, none is lost, memory is bounded."""

from __future__ import annotations

import contextlib
import tracemalloc

import pytest

from mailsync.errors import (
    ConnectionLost,
    ConnectionTimedOut,
    MailSyncError,
    MessageGone,
    MessageTooLarge,
    MessageUnreadable,
    ProtocolError,
    ServerUnavailable,
)
from mailsync.provider import Fetched
from mailsync.providers.imap import connect, wire

from .conversation import BODIES, IDS, LIMIT, WHOLE, contents, fetched
from .scripted import MESSAGES, OK, ScriptedServer, body_line


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
