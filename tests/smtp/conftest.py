# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mailsync.smtp import SmtpSettings
from sandbox.services import smtp
from sandbox.services.certificates import Authority
from sandbox.services.smtp import SmtpServer

USER, PASSWORD = "anna@example.com", 'passä "word"'


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def running(authority: Authority) -> Iterator[SmtpServer]:
    with smtp.running({USER: PASSWORD}, authority) as server:
        yield server


@pytest.fixture
def server(running: SmtpServer) -> Iterator[SmtpServer]:
    """A server that has not been sent anything."""
    running.posted.clear()
    yield running
    running.replies.clear()
    running.tokens.clear()


@pytest.fixture
def settings(server: SmtpServer) -> Callable[..., SmtpSettings]:
    """The right settings but for what is given."""

    def make(**values: object) -> SmtpSettings:
        found: dict[str, object] = {
            "host": "localhost",
            "port": server.smtps_port,
            "security": "ssl",
            "username": USER,
            "password": PASSWORD,
            "timeout": 10,
            "extra_ca": str(server.ca_file),
            **values,
        }
        found.setdefault("allowed", (f"{found['host']}:{found['port']}",))
        return SmtpSettings(**found)  # type: ignore[arg-type]

    return make
