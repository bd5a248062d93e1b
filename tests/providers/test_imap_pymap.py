# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The IMAP provider against pymap: another implementation, without CONDSTORE, LIST-STATUS and ESEARCH."""

from __future__ import annotations

import email
from collections.abc import Iterator

import pytest

from mailsync.providers.imap import ImapSettings, looking
from sandbox.services import pymap

from .contract import ProviderContract
from .imap_server import ImapServer
from .inventories import parts_while_it_changes

pytestmark = pytest.mark.slow

# One for each test of the contract.
USERS = {f"user{number}": "secret" for number in range(60)}
_users = iter(USERS)


class TestPymap(ProviderContract):
    def as_kept(self, content: bytes) -> bytes:
        """It keeps no bytes: it writes messages anew from what it has read of them."""
        return email.message_from_bytes(content.replace(b"\r\n", b"\n")).as_bytes()

    @pytest.fixture(scope="class")
    @classmethod
    def pymap_server(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pymap.Pymap]:
        with pymap.running(tmp_path_factory.mktemp("pymap"), USERS) as server:
            yield server

    @pytest.fixture
    def server(self, pymap_server: pymap.Pymap) -> Iterator[ImapServer]:
        settings = ImapSettings(
            host="127.0.0.1",
            port=pymap_server.imap_port,
            security="none",
            username=next(_users),
            password="secret",
            timeout=20,
            allowed=(f"127.0.0.1:{pymap_server.imap_port}",),
        )
        account = ImapServer(settings, pymap_server.imap_port)
        yield account
        account.close()

    def test_an_inventory_of_many_parts_names_all_that_stays(
        self, server: ImapServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "_PART", 3)
        stayed, told = parts_while_it_changes(server)
        assert stayed <= told
