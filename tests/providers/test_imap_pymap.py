# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The IMAP provider against pymap: another implementation, without CONDSTORE, LIST-STATUS and ESEARCH."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailsync.providers.imap import ImapSettings
from sandbox.services import pymap

from .contract import ProviderContract
from .imap_server import ImapServer


class TestPymap(ProviderContract):
    @pytest.fixture
    def server(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
        with pymap.running(tmp_path_factory.mktemp("pymap"), {"anna": "secret"}) as server:
            settings = ImapSettings(
                host="127.0.0.1",
                port=server.imap_port,
                security="none",
                username="anna",
                password="secret",
                timeout=20,
                allowed=(f"127.0.0.1:{server.imap_port}",),
            )
            account = ImapServer(settings, server.imap_port)
            yield account
            account.close()
