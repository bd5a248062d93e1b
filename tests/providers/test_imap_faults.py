# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that die, cut and fall silent: a typed error in bounded time, and nothing half."""

from __future__ import annotations

import random
import select
import time

import pytest

from mailsync import incoming
from mailsync.errors import (
    ConnectionLost,
    ConnectionTimedOut,
    MailSyncError,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TooSlow,
)
from mailsync.provider import Fetched
from mailsync.providers.imap import connect

from .conversation import BODIES, CURSOR, IDS, LIMIT, LISTING, WHOLE, session
from .scripted import ANSWERS, GREETING, SILENCE, ScriptedServer


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


def test_a_server_that_drips_is_as_good_as_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "_LEAST_RATE", 1000)

    class Dripping(ScriptedServer):
        def _send(self, client, content):  # type: ignore[no-untyped-def]
            if b"FETCH" not in content:
                return super()._send(client, content)
            for byte in content:
                client.sendall(bytes([byte]))
                # Until the client has had enough.
                select.select([client], [], [], 0.005)
            return True

    start = time.monotonic()
    with Dripping().running() as server, pytest.raises(ConnectionTimedOut):
        session(server, [], timeout=0.1)
    assert time.monotonic() - start < 3


def test_a_session_ends_at_its_limit_and_names_the_message_on_its_way() -> None:
    class Slow(ScriptedServer):
        def _send(self, client, content):  # type: ignore[no-untyped-def]
            if b"BODY[] {" not in content:
                return super()._send(client, content)
            client.sendall(content[: content.index(b"UID 12")])
            for _ in range(1000):
                client.sendall(b" " * 100)
                if select.select([client], [], [], 0.01)[0]:
                    return False
            return False

    received: list[Fetched] = []
    start = time.monotonic()
    with Slow().running() as server, pytest.raises(TooSlow) as raised:
        session(server, received, timeout=5, session_limit=0.7)
    assert time.monotonic() - start < 3
    assert [item.remote_id for item in received] == IDS[:1]
    assert raised.value.remote_id == IDS[1]


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
