# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The IMAP provider against a real Dovecot, with all its extensions and with those taken away that many lack."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsync.providers.imap import ImapSettings
from sandbox.services import dovecot

from .contract import ProviderContract
from .imap_server import ImapServer

pytestmark = pytest.mark.slow

PASSWORD = "pass \"word\" \\ with {5} 'quotes'"
_BASE = "IMAP4rev1 LITERAL+ ENABLE IDLE NAMESPACE UNSELECT CHILDREN UIDPLUS"
# One for each test of a server: what a server reads of new users it may read a second too late.
USERS = {f"user{number}@example.com": PASSWORD for number in range(100)}
_numbers = itertools.count()
# Else a refused log-in delays every later one from the same address by up to 15 seconds.
NO_PENALTY = "\nservice anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n"


@contextlib.contextmanager
def serving(extra: str = "") -> Iterator[dovecot.Dovecot]:
    """A Dovecot of our own, in a folder that its account may enter: else it takes every mailbox for read-only."""
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with dovecot.running(root, USERS, extra=extra + NO_PENALTY) as server:
            yield server


def new_account(server: dovecot.Dovecot, security: str = "none") -> ImapServer:
    """A mailbox that no other test knows."""
    user = f"user{next(_numbers) % len(USERS)}@example.com"
    port = server.imaps_port if security == "ssl" else server.imap_port
    settings = ImapSettings(
        host="127.0.0.1" if security == "none" else "localhost",
        port=port,
        security=security,  # type: ignore[arg-type]
        username=user,
        password=PASSWORD,
        timeout=20,
        allowed=(f"127.0.0.1:{port}", f"localhost:{port}"),
        extra_ca=str(server.ca_file),
    )
    return ImapServer(settings, server.imap_port)


class DovecotContract(ProviderContract):
    capabilities = ""
    security = "none"

    @pytest.fixture(scope="class")
    @classmethod
    def dovecot_server(cls) -> Iterator[dovecot.Dovecot]:
        extra = f"protocol imap {{\n  imap_capability = {cls.capabilities}\n}}" if cls.capabilities else ""
        with serving(extra) as server:
            yield server

    @pytest.fixture
    def server(self, dovecot_server: dovecot.Dovecot) -> Iterator[ImapServer]:
        account = new_account(dovecot_server, self.security)
        yield account
        account.close()


class TestEverythingOverTls(DovecotContract):
    security = "ssl"


class TestStarttls(DovecotContract):
    security = "starttls"
    capabilities = f"{_BASE} CONDSTORE ESEARCH SPECIAL-USE LIST-EXTENDED"


class TestWithoutCondstore(DovecotContract):
    capabilities = f"{_BASE} ESEARCH SPECIAL-USE LIST-EXTENDED LIST-STATUS"


class TestBareImap4rev1(DovecotContract):
    capabilities = _BASE
