# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stand-ins, and an app that is registered at each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailsync.endpoints import GoogleEndpoints, MicrosoftEndpoints
from mailsync.providers.gmail.signin import GoogleApp, GoogleSignIn
from mailsync.providers.graph.signin import MicrosoftApp, MicrosoftSignIn
from sandbox import google as google_stand_in
from sandbox import microsoft as microsoft_stand_in
from sandbox.google import Google
from sandbox.microsoft import Microsoft

ANN = "ann@example.com"
ALIAS = "info@example.com"


def google_endpoints(server: Google) -> GoogleEndpoints:
    names = ("auth_uri", "token_uri", "revoke_uri", "certs_uri", "api_root")
    return GoogleEndpoints(**{name: server.endpoints[name] for name in names}, ca_file=str(server.ca_file))


@pytest.fixture(scope="module")
def _google(tmp_path_factory) -> Iterator[Google]:
    with google_stand_in.running(tmp_path_factory.mktemp("google")) as server:
        yield server


@pytest.fixture
def google(_google) -> Iterator[Google]:
    """One server for a module; every test has an account and a log of its own."""
    _google.add_account(ANN, "Ann Smith", aliases=[ALIAS])
    _google.revoke(ANN)
    _google.requests.clear()
    yield _google
    _google.faults.clear()
    _google.clock.skew = 0.0


@pytest.fixture
def google_app(google) -> GoogleApp:
    return GoogleApp(google.client_id, google.client_secret, google_endpoints(google))


@pytest.fixture
def at_google(google_app) -> GoogleSignIn:
    return GoogleSignIn(google_app)


CONTOSO = "contoso.example"
BETH = f"beth@{CONTOSO}"


def microsoft_endpoints(server: Microsoft) -> MicrosoftEndpoints:
    return MicrosoftEndpoints(server.endpoints["login"], server.endpoints["graph"], str(server.ca_file))


@pytest.fixture(scope="module")
def _microsoft(tmp_path_factory) -> Iterator[Microsoft]:
    with microsoft_stand_in.running(tmp_path_factory.mktemp("microsoft")) as server:
        yield server


@pytest.fixture
def microsoft(_microsoft) -> Iterator[Microsoft]:
    _microsoft.add_account(BETH, "Beth Jones", aliases=[f"beth.jones@{CONTOSO}"])
    _microsoft.revoke(BETH)
    _microsoft.requests.clear()
    yield _microsoft
    _microsoft.faults.clear()
    _microsoft.strict_rotation = False


@pytest.fixture
def microsoft_app(microsoft) -> MicrosoftApp:
    return MicrosoftApp(
        microsoft.client_id,
        microsoft.client_secret,
        tenant=microsoft.tenant,
        endpoints=microsoft_endpoints(microsoft),
    )


@pytest.fixture
def at_microsoft(microsoft_app) -> MicrosoftSignIn:
    return MicrosoftSignIn(microsoft_app)
