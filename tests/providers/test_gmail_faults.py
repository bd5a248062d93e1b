# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes wrong at Gmail and on the way to it, and what becomes of it."""

from __future__ import annotations

import contextlib
import socket
import time
from email.utils import formatdate

import pytest

from mailsync.errors import (
    AppInvalid,
    ConnectionFailed,
    ConnectionLost,
    ConnectionTimedOut,
    ConsentMissing,
    MailboxDisabled,
    MailSyncError,
    RateLimited,
    ServerUnavailable,
    SignInFailed,
)

from .far_end import letter
from .gmail_calls import CALLS, cursor_of, scanned
from .gmail_server import GmailServer, Scan

SWITCHED_OFF = {
    "error": {"code": 400, "message": "Mail service not enabled", "errors": [{"reason": "failedPrecondition"}]}
}


HTML = "<html><body>Sign in to the hotel's network</body></html>"


@pytest.mark.parametrize("route", CALLS)
@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (403, "userRateLimitExceeded", RateLimited),
        (403, "rateLimitExceeded", RateLimited),
        (403, "dailyLimitExceeded", RateLimited),
        (403, "domainPolicy", MailboxDisabled),
        (403, "insufficientPermissions", ConsentMissing),
        (403, "accessNotConfigured", AppInvalid),
        (429, None, RateLimited),
        (500, None, ServerUnavailable),
        (503, None, ServerUnavailable),
    ],
)
def test_a_refusal_is_told_by_its_reason(
    gmail: GmailServer, route: str, status: int, reason: str | None, expected: type[MailSyncError]
) -> None:
    gmail.deliver(letter(1))
    cursor = cursor_of(gmail)
    gmail.google.faults.add(route, None, status=status, reason=reason)
    if route == "messages.get":
        # Else it would be the message that is in trouble and not the server.
        gmail.google.faults.add("getProfile", None, status=503)
    with gmail.session() as provider, pytest.raises(expected) as caught:
        CALLS[route](provider, cursor)
    assert type(caught.value) is expected


@pytest.mark.parametrize("route", CALLS)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "cut"}, ConnectionLost),
        ({"kind": "reset"}, ConnectionLost),
        ({"status": 200, "body": HTML}, ConnectionLost),
        ({"status": 302, "body": HTML, "headers": {"Location": "http://hotel.example/"}}, ConnectionFailed),
        ({"status": 403, "body": HTML}, ConnectionFailed),
        ({"status": 404, "body": HTML}, ConnectionFailed),
        ({"status": 200, "body": '{"messages": [], "labels": [], "raw": "aGFs'}, ConnectionLost),
        ({"status": 200, "body": "[]"}, ConnectionLost),
    ],
)
def test_what_is_no_answer_of_gmail_s_is_a_passing_failure(
    gmail: GmailServer, route: str, fault: dict[str, object], expected: type[MailSyncError]
) -> None:
    gmail.deliver(letter(1))
    cursor = cursor_of(gmail)
    gmail.google.faults.add(route, None, **fault)  # type: ignore[arg-type]
    with gmail.session() as provider, pytest.raises(expected) as caught:
        CALLS[route](provider, cursor)
    assert not isinstance(caught.value, SignInFailed)


def test_silence_ends_with_the_time_that_is_set(gmail: GmailServer) -> None:
    fault = gmail.google.faults.add("labels.list", kind="slow")
    with gmail.session(timeout=0.3) as provider, pytest.raises(ConnectionTimedOut):
        provider.folders()
    fault.release.set()


def test_a_connection_that_went_stale_is_made_anew(gmail: GmailServer) -> None:
    with gmail.session() as provider:
        provider.folders()
        for connection in provider._api._http.connections.values():
            # What comes from there is an end, as if the server had closed it long ago.
            socket.socket.shutdown(connection.sock, socket.SHUT_RD)
        assert provider.folders()


def test_words_of_the_server_name_no_addresses(gmail: GmailServer) -> None:
    body = {"error": {"code": 503, "message": "Backend of <anna@example.com> is busy", "errors": [{"reason": "x"}]}}
    gmail.google.faults.add("labels.list", status=503, body=body)
    with gmail.session() as provider, pytest.raises(ServerUnavailable) as caught:
        provider.folders()
    assert caught.value.server_text == "Backend of <…> is busy"


def test_an_account_without_a_mailbox_is_told(gmail: GmailServer) -> None:
    gmail.google.faults.add("labels.list", status=400, body=SWITCHED_OFF)
    with gmail.session() as provider, pytest.raises(MailboxDisabled):
        provider.folders()


@pytest.mark.parametrize("count", [1, 3])
def test_no_message_is_gone_while_gmail_is_switched_off(gmail: GmailServer, count: int) -> None:
    ids = [gmail.deliver(letter(number)) for number in range(count)]
    gmail.google.faults.add(None, None, status=400, body=SWITCHED_OFF)
    with gmail.session() as provider, pytest.raises(MailboxDisabled):
        list(provider.fetch("INBOX", ids))


@pytest.mark.parametrize("route", ["history.list", "messages.list", "messages.get"])
def test_nothing_is_passed_over_while_gmail_is_switched_off(gmail: GmailServer, route: str) -> None:
    scan = Scan("INBOX")
    if route != "messages.list":
        with gmail.session() as provider:
            scan.run(provider)
    message = gmail.deliver(letter(1))
    gmail.google.faults.add(route, None, status=400, body=SWITCHED_OFF)
    with gmail.session() as provider, pytest.raises(MailboxDisabled):
        scan.run(provider)
    gmail.google.faults.clear()
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.listed == {message: 1}
    assert scan.resets == 0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"status": "RESOURCE_EXHAUSTED", "details": [{"reason": "RATE_LIMIT_EXCEEDED"}]}, RateLimited),
        ({"status": "RESOURCE_EXHAUSTED"}, RateLimited),
        ({"status": "PERMISSION_DENIED", "details": [{"reason": "SERVICE_DISABLED"}]}, AppInvalid),
        (
            {
                "status": "PERMISSION_DENIED",
                "errors": [{"reason": "forbidden"}],
                "details": [{"locale": "en"}, {"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}],
            },
            ConsentMissing,
        ),
        ({"status": "FAILED_PRECONDITION"}, MailboxDisabled),
        ({"status": "PERMISSION_DENIED", "details": {"reason": "SERVICE_DISABLED"}}, SignInFailed),
    ],
    ids=str,
)
def test_a_reason_in_the_new_form_is_told_too(
    gmail: GmailServer, error: dict[str, object], expected: type[MailSyncError]
) -> None:
    body = {"error": {"code": 403, "message": "No.", **error}}
    gmail.google.faults.add("labels.list", None, status=403, body=body)
    with gmail.session() as provider, pytest.raises(expected) as caught:
        provider.folders()
    assert type(caught.value) is expected


# Patience


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("DATE", 300.0), ("-5", None), ("31536000", 31536000.0), ("soon", None), ("", None)],
)
def test_the_time_that_the_server_asks_for_is_handed_on(gmail: GmailServer, value: str, seconds: float | None) -> None:
    value = formatdate(time.time() + 300, usegmt=True) if value == "DATE" else value
    gmail.google.faults.add("labels.list", None, status=429, headers={"Retry-After": value})
    with gmail.session() as provider, pytest.raises(RateLimited) as caught:
        provider.folders()
    assert caught.value.retry_after == (None if seconds is None else pytest.approx(seconds, abs=5))


def test_a_time_in_the_words_of_the_server_counts_too(gmail: GmailServer) -> None:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 600))
    body = {"error": {"code": 429, "message": f"User-rate limit exceeded.  Retry after {moment}", "errors": [{}]}}
    gmail.google.faults.add("labels.list", status=429, body=body)
    with gmail.session() as provider, pytest.raises(RateLimited) as caught:
        provider.folders()
    assert caught.value.retry_after == pytest.approx(600, abs=5)


@pytest.mark.parametrize("part", [True, False])
def test_nothing_is_asked_for_before_that_time_is_over(gmail: GmailServer, part: bool) -> None:
    for number in range(40):
        gmail.deliver(letter(number))
    gmail.google.requests.clear()
    patience = {"Retry-After": "90"}
    route, kind = ("messages.get", "part") if part else ("batch", "answer")
    fault = gmail.google.faults.add(route, None, after=12 if part else 1, status=429, headers=patience, kind=kind)  # type: ignore[arg-type]
    scan = Scan("INBOX")
    with gmail.session() as provider:
        page = scan.step(provider)
        assert page.listings
        assert page.more
        asked = len(gmail.google.requests)
        # What was brought can be archived in the meantime.
        ids = [listing.remote_id for listing in page.listings]
        assert all(fetched.content for fetched in provider.fetch("INBOX", ids))
        for call in (provider.folders, lambda: scan.step(provider), lambda: list(provider.fetch("INBOX", ["1"]))):
            with pytest.raises(RateLimited) as caught:
                call()
            assert caught.value.retry_after == 90
        assert len(gmail.google.requests) == asked
    assert fault.hits
    gmail.google.faults.clear()
    with gmail.session() as provider:
        scan.run(provider)
    assert set(scan.listed.values()) == {1}
    assert len(scan.listed) == 40


@pytest.mark.parametrize("when", ["2026-99-99T10:00:00.000Z", "0001-01-01T00:00:00Z"])
def test_a_time_that_is_none_is_not_waited_for(gmail: GmailServer, when: str) -> None:
    body = {"error": {"code": 429, "message": f"Retry after {when}", "errors": [{}]}}
    gmail.google.faults.add("labels.list", status=429, body=body, headers={"Retry-After": "9" * 500})
    with gmail.session() as provider, pytest.raises(RateLimited):
        provider.folders()


@pytest.mark.parametrize("route", CALLS)
@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"error": 7}',
        b'{"error": {"message": 7, "errors": 7}}',
        b'{"error": {"message": "x", "errors": [7]}}',
        b'[{"error": {"message": 7}}]',
        b'{"historyId": "' + b"9" * 5_000 + b'", "internalDate": "' + b"9" * 400 + b'", "raw": "aGFs"}',
        b'{"historyId": null, "history": null, "messages": null, "labels": null, "labelIds": null, "raw": null}',
    ],
)
def test_no_answer_makes_anything_but_an_error_of_ours(
    gmail: GmailServer, route: str, status: int, body: bytes
) -> None:
    gmail.google.faults.add(route, None, status=status, body=body)
    with gmail.session() as provider, contextlib.suppress(MailSyncError):
        CALLS[route](provider, '[1,10,0,"history","","",1,1,1,1]')


# Storms


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_in_a_storm_nothing_is_lost_and_nothing_listed_twice(gmail: GmailServer, seed: int) -> None:
    other = gmail.add_folder("Customers")
    ids = [gmail.deliver(letter(number), other if number % 3 else "INBOX") for number in range(90)]
    faults = gmail.google.faults
    faults.add(None, 12, status=503, share=0.3, seed=seed)
    faults.add(None, 8, status=429, share=0.2, seed=seed + 1)
    faults.add(None, 6, kind="cut", share=0.2, seed=seed + 2)
    faults.add(None, 6, kind="reset", share=0.2, seed=seed + 3)
    faults.add(None, 4, status=403, share=0.1, seed=seed + 4)
    faults.add(None, 4, status=502, body=HTML, share=0.1, seed=seed + 5)
    faults.add("messages.get", 40, status=429, kind="part", share=0.3, seed=seed + 6)
    scan = scanned(gmail, ("INBOX", other))
    assert scan.here == set(ids)
    assert max(scan.listed.values()) == 1
