# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folders of any name and number, and answers out of all proportion."""

from __future__ import annotations

import pytest

from mailsync.errors import FolderGone, FolderUnreadable, MailSyncError, ProtocolError, RateLimited
from mailsync.providers.imap import connect, wire

from .conversation import BODIES, CURSOR, LISTING, fetched, listed
from .scripted import EXAMINED, OK, Answer, ScriptedServer, header_line


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
    assert listed(answers).listings[-1].flags == frozenset({"\\Seen"})


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
        provider = connect(server.settings(timeout=2))
        provider.close()
        assert provider.traffic.bytes_received < len(FLOOD)


def test_braces_in_prose_announce_nothing() -> None:
    page = listed({b"EXAMINE": b"* OK [ALERT] see paragraph {5}\r\n" + EXAMINED})
    assert len(page.listings) == 3


def test_an_extension_that_is_offered_and_not_understood_is_done_without() -> None:
    def examine(command: bytes) -> bytes:
        return b"%T BAD syntax\r\n" if b"CONDSTORE" in command else EXAMINED

    assert len(listed({b"EXAMINE": examine}).listings) == 3
