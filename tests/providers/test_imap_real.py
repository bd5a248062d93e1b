# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What only a real server can show: tokens, certificates, round trips, memory, and that nothing is touched."""

from __future__ import annotations

import dataclasses
import datetime
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsync.errors import CertificateInvalid, TokenRevoked, WrongCredentials
from mailsync.providers.imap import connect
from mailsync.providers.imap.transport import Connection
from sandbox.services import dovecot
from sandbox.services.certificates import Authority

from .far_end import letter, read_on
from .imap_server import ImapServer
from .test_imap_dovecot import USERS, new_account, serving

pytestmark = pytest.mark.slow

DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def running() -> Iterator[dovecot.Dovecot]:
    with serving() as server:
        yield server


@pytest.fixture
def account(running: dovecot.Dovecot) -> Iterator[ImapServer]:
    account = new_account(running, "ssl")
    yield account
    account.close()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All that is sent to the server from here on."""
    sent: list[bytes] = []
    send = Connection.send

    def recorded(self: Connection, data: bytes) -> None:
        sent.append(data)
        send(self, data)

    monkeypatch.setattr(Connection, "send", recorded)
    return sent


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_token_signs_in_and_a_dead_one_is_told_apart(running: dovecot.Dovecot, security: str) -> None:
    account = new_account(running, security)
    user = account.settings.username
    valid = dataclasses.replace(account.settings, password="", access_token=running.token(user))
    with connect(valid) as provider:
        assert provider.folders()
    for token in (running.token(user, valid_for=-10), "nonsense"):
        with pytest.raises(TokenRevoked):
            connect(dataclasses.replace(valid, access_token=token))


def test_a_wrong_password_is_told(account: ImapServer) -> None:
    with pytest.raises(WrongCredentials) as raised:
        connect(dataclasses.replace(account.settings, password="wrong-canary"))
    assert "wrong-canary" not in raised.value.server_text


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize(
    ("names", "begins", "ends"),
    [(["localhost"], -9 * DAY, -8 * DAY), (["other.example", "more.example"], -DAY, DAY)],
)
def test_a_refused_certificate_is_described(
    names: list[str], begins: datetime.timedelta, ends: datetime.timedelta, security: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        authority = Authority(root / "tls")
        certificate = authority.issue(names, begins, ends)
        with dovecot.running(root, USERS, authority=authority, certificate=certificate) as server:
            settings = new_account(server, security).settings
            with pytest.raises(CertificateInvalid) as raised:
                connect(settings)
            if ends > 0 * DAY:
                return
            with pytest.raises(CertificateInvalid):
                connect(dataclasses.replace(settings, extra_ca=""))
    end = (datetime.datetime.now(datetime.timezone.utc) + ends).date().isoformat()
    for word in (*names, end):
        assert word in raised.value.server_text
        assert word in str(raised.value)


def test_reading_touches_nothing(account: ImapServer, commands: list[bytes]) -> None:
    """No \\Seen, no \\Recent taken away, no change of any kind: the same HIGHESTMODSEQ before and after."""
    ids = [account.deliver(letter(number)) for number in range(1, 6)]
    with account.admin() as client:
        before = client.folder_status("INBOX", ["MESSAGES", "RECENT", "UNSEEN", "UIDNEXT", "HIGHESTMODSEQ"])
    with account.session() as provider:
        provider.folders()
        _, cursor = read_on(provider, "INBOX", limit=2)
        assert all(fetched.error is None for fetched in provider.fetch("INBOX", ids))
        provider.changed({"INBOX": cursor})
    with account.admin() as client:
        after = client.folder_status("INBOX", ["MESSAGES", "RECENT", "UNSEEN", "UIDNEXT", "HIGHESTMODSEQ"])
    assert before == after
    assert after[b"RECENT"] == after[b"UNSEEN"] == 5
    words = {command.split()[1] for command in commands}
    assert words <= {b"LOGIN", b"LIST", b"EXAMINE", b"UID", b"LOGOUT", b"CAPABILITY"}
    for command in commands:
        if b"UID FETCH" in command:
            assert b"BODY[" not in command
        elif b" UID " in command:
            assert b" UID SEARCH " in command


def test_nothing_new_in_ten_folders_costs_three_round_trips(account: ImapServer) -> None:
    folders = [account.add_folder(f"Folder {number}") for number in range(10)]
    with account.session() as provider:
        cursors = {folder: read_on(provider, folder)[1] for folder in folders}
    provider = account.session()
    traffic = provider.traffic
    assert provider.changed(cursors) == []
    provider.close()
    assert traffic.requests <= 3
    assert traffic.bytes_received < 5_000


def test_without_list_status_ten_folders_are_asked_at_once() -> None:
    capabilities = "IMAP4rev1 LITERAL+ UNSELECT UIDPLUS CONDSTORE"
    with serving(f"protocol imap {{\n  imap_capability = {capabilities}\n}}") as server:
        account = new_account(server)
        folders = [account.add_folder(f"Folder {number}") for number in range(10)]
        with account.session() as provider:
            cursors = {folder: read_on(provider, folder)[1] for folder in folders}
        account.deliver(letter(1), folders[3])
        with account.session() as provider:
            assert provider.changed(cursors) == [folders[3]]
            assert provider.traffic.requests <= 2
        account.close()


def test_a_first_listing_costs_three_round_trips_and_two_for_a_small_folder(account: ImapServer) -> None:
    account.deliver_all([letter(number) for number in range(1, 31)])
    with account.session() as provider:
        before = provider.traffic.requests
        provider.changes("INBOX", "", limit=100)
        assert provider.traffic.requests - before == 2
        before = provider.traffic.requests
        page = provider.changes("INBOX", "", limit=10)
        assert provider.traffic.requests - before == 3
        before = provider.traffic.requests
        provider.changes("INBOX", page.cursor, limit=10)
        assert provider.traffic.requests - before == 2


def test_a_batch_is_one_round_trip(account: ImapServer) -> None:
    ids = account.deliver_all([letter(number) for number in range(1, 51)])
    with account.session() as provider:
        provider.changes("INBOX", "")
        before = provider.traffic.requests
        assert len(list(provider.fetch("INBOX", ids))) == 50
        assert provider.traffic.requests - before == 1


def test_a_large_message_is_held_once(account: ImapServer) -> None:
    size = 30_000_000
    content = letter(1) + b"0123456789abcdef0123456789abcdef\r\n" * (size // 34)
    ids = [account.deliver(content), account.deliver(letter(2))]
    with account.session() as provider:
        tracemalloc.start()
        try:
            for fetched in provider.fetch("INBOX", ids):
                assert fetched.content is not None
                assert len(fetched.content) in (len(content), len(letter(2)))
                del fetched
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 1.1 * size


def test_a_batch_of_large_messages_is_held_one_by_one(account: ImapServer) -> None:
    size = 5_000_000
    content = letter(1) + b"0123456789abcdef0123456789abcdef\r\n" * (size // 34)
    ids = account.deliver_all([content] * 5)
    with account.session() as provider:
        tracemalloc.start()
        try:
            for fetched in provider.fetch("INBOX", ids):
                assert fetched.content is not None
                del fetched
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 1.5 * size
