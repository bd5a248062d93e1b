# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fixtures: a running stand-in, an account in it, and Google's own client libraries pointed at it."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import google.auth.transport.requests
import google_auth_httplib2
import httplib2
import pytest
import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.http import BatchHttpRequest

from sandbox.google import GmailAccount, Google, running
from sandbox.google.methods import document

from .schemas import Checked

ADDRESS = "ann@example.com"
READONLY = "https://www.googleapis.com/auth/gmail.readonly"
MODIFY = "https://www.googleapis.com/auth/gmail.modify"
METADATA = "https://www.googleapis.com/auth/gmail.metadata"
SEND = "https://www.googleapis.com/auth/gmail.send"
FULL = "https://mail.google.com/"


@pytest.fixture(scope="module")
def _server(tmp_path_factory) -> Iterator[Google]:
    with running(tmp_path_factory.mktemp("google")) as server:
        yield server


@pytest.fixture
def server(_server) -> Iterator[Google]:
    """One server for a module; every test has accounts, limits and a log of its own."""
    _server.faults.clear()
    _server.requests.clear()
    _server.limits.on()
    yield _server
    _server.faults.clear()


@pytest.fixture
def ann(server) -> GmailAccount:
    """A fresh account in place of the one before."""
    account = server.add_account(ADDRESS, "Ann Smith", aliases=["info@example.com"])
    server.revoke(ADDRESS)
    server.clock.advance(61)  # the quota of the test before
    return account


@pytest.fixture
def transport(server) -> google.auth.transport.requests.Request:
    """What google-auth sends its own requests with."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(server.ca_file)
    return google.auth.transport.requests.Request(session)


@pytest.fixture
def gmail(server, ann):
    """Makes Gmail clients: ``gmail(READONLY)`` is one with exactly this scope."""
    return lambda *scopes, address=ADDRESS: client(server, credentials(server, address, *scopes))


def credentials(server: Google, address: str, *scopes: str, client_id: str = "") -> Credentials:
    """What a web application holds after the user's consent."""
    answer = server.grant(address, scopes, client_id or None)
    return Credentials(
        answer["access_token"],
        refresh_token=answer["refresh_token"],
        token_uri=server.endpoints["token_uri"],
        client_id=client_id or server.client_id,
        client_secret=server.client_secret,
    )


def client(server: Google, granted):
    """google-api-python-client on the bundled document; every answer is held to the document's schemas."""
    patched = copy.deepcopy(document())
    patched["rootUrl"] = patched["baseUrl"] = server.endpoints["api_root"]
    plain = httplib2.Http(ca_certs=str(server.ca_file), timeout=20)
    plain.redirect_codes = plain.redirect_codes - {308}  # which asks for the next piece of an upload
    http = google_auth_httplib2.AuthorizedHttp(granted, http=Checked(plain))
    return build_from_document(patched, http=http).users()


def in_batch(server: Google, users, calls, callback) -> None:
    """Send calls as one batch, by the library's own class."""
    batch = BatchHttpRequest(callback=callback, batch_uri=server.endpoints["api_root"] + document()["batchPath"])
    for call in calls:
        batch.add(call)
    batch.execute(http=users._http)


def letter(number: int = 1, **fields: str) -> bytes:
    """A small message; ``fields`` are further header fields, with _ for -."""
    head = {"From": "Bob <bob@customer.example>", "To": ADDRESS, "Subject": f"Offer {number}"}
    head |= {"Message-ID": f"<{number}@customer.example>", "Date": "Mon, 02 Nov 2026 10:00:00 +0000"}
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    return ("".join(f"{name}: {value}\r\n" for name, value in head.items()) + f"\r\nHello number {number}\r\n").encode()
