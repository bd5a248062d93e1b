# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from sandbox.google import Google, running

from .gmail_server import GmailServer
from .scripted_graph import ScriptedGraph, scripted_graph

_accounts = itertools.count(1)


@pytest.fixture(scope="session")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with running(tmp_path_factory.mktemp("google")) as google:
        yield google


@pytest.fixture
def gmail(google: Google) -> Iterator[GmailServer]:
    """An account of its own at a stand-in that fails in no way and has not been asked anything."""
    address = f"user{next(_accounts)}@example.com"
    server = GmailServer(google, google.add_account(address), address)
    google.requests.clear()
    google.limits.on()
    google.limits.per_user = 6_000
    yield server
    google.faults.clear()


@pytest.fixture
def graph() -> Iterator[ScriptedGraph]:
    with scripted_graph() as graph:
        yield graph
