# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Quotas, concurrency, faults on order, and the log that tells of them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import pytest
from googleapiclient.errors import HttpError

from .conftest import ADDRESS, READONLY, client, credentials, in_batch, letter


def failure(call) -> tuple[int, str]:
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.status_code, caught.value.error_details[0]["reason"]


def test_a_user_has_three_hundred_messages_a_minute(server, ann, gmail):
    messages, message_id = gmail(READONLY).messages(), ann.deliver(letter())
    call = copy_of(messages, message_id)
    for _time in range(3):
        in_batch(server, gmail(READONLY), [copy_of(messages, message_id) for _n in range(100)], ignore)
    assert server.requests.units(ADDRESS) == 6_000
    assert failure(call) == (403, "userRateLimitExceeded")
    assert server.requests.units(ADDRESS) == 6_000, "what is refused costs nothing"
    server.clock.advance(60)
    call.execute()


def copy_of(messages, message_id):
    return messages.get(userId="me", id=message_id, format="minimal")


def ignore(_name, _answer, error) -> None:
    if error is not None:
        raise error


def test_the_minute_slides(server, ann, gmail):
    server.limits.per_user = 10
    try:
        messages = gmail(READONLY).messages()
        messages.list(userId="me").execute()
        server.clock.advance(40)
        messages.list(userId="me").execute()
        assert failure(messages.list(userId="me"))[0] == 403
        server.clock.advance(20)
        messages.list(userId="me").execute()
        assert failure(messages.list(userId="me"))[0] == 403
    finally:
        server.limits.per_user = 6_000


def test_the_project_has_a_limit_for_all_its_users(server, ann, gmail):
    server.add_account("bob@example.com")
    server.limits.per_project = 7
    try:
        gmail(READONLY).messages().list(userId="me").execute()
        bob = gmail(READONLY, address="bob@example.com")
        assert failure(bob.messages().list(userId="me")) == (403, "rateLimitExceeded")
        bob.labels().list(userId="me").execute()
    finally:
        server.limits.per_project = 1_200_000


def test_without_limits_nothing_is_refused_and_units_are_counted(server, ann, gmail):
    server.limits.off()
    users, message_id = gmail(READONLY), ann.deliver(letter())
    for _time in range(4):
        in_batch(server, users, [copy_of(users.messages(), message_id) for _n in range(100)], ignore)
    assert server.requests.units(ADDRESS) == 8_000


def test_more_requests_at_once_than_allowed_are_refused(server, ann):
    fault = server.faults.add("labels.list", kind="slow", times=None)
    granted = credentials(server, ADDRESS, READONLY)
    with ThreadPoolExecutor(10) as pool:
        waiting = [pool.submit(client(server, granted).labels().list(userId="me").execute) for _n in range(10)]
        until(lambda: server.requests.count("labels.list") == 10)
        assert failure(client(server, granted).getProfile(userId="me")) == (429, "rateLimitExceeded")
        fault.release.set()
        assert all(call.result()["labels"] for call in waiting)
    assert server.requests.most_in_flight(ADDRESS) == 11
    client(server, granted).getProfile(userId="me").execute()


def until(condition) -> None:
    """Wait for another thread, ten seconds at most."""
    tick = threading.Event()
    for _time in range(1000):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("it did not happen")


def test_a_slow_answer_waits_until_it_is_let_go(server, ann, gmail):
    fault = server.faults.add("getProfile", kind="slow")
    users = gmail(READONLY)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(users.getProfile(userId="me").execute)
        assert fault.reached.wait(10)
        assert not call.done()
        ann.deliver(letter())
        fault.release.set()
        assert call.result()["messagesTotal"] == 1, "what came meanwhile is seen"


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_connections_break_and_the_next_one_works(server, ann, gmail, kind):
    users = gmail(READONLY)
    users.labels().list(userId="me").execute()
    server.faults.add("labels.list", kind=kind, times=2)
    with pytest.raises((OSError, HTTPException)):
        users.labels().list(userId="me").execute(num_retries=0)
    server.faults.clear()
    # A new client: httplib2 keeps the connection that was cut, and fails on it once more.
    assert gmail(READONLY).labels().list(userId="me").execute()["labels"]


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        (401, None, "authError"),
        (403, None, "userRateLimitExceeded"),
        (None, "dailyLimitExceeded", "dailyLimitExceeded"),
        (None, "domainPolicy", "domainPolicy"),
        (429, None, "rateLimitExceeded"),
        (500, None, "backendError"),
        (503, None, "backendError"),
    ],
)
def test_answers_on_order_are_the_real_ones(server, ann, gmail, status, reason, told):
    server.faults.add("history.list", times=None, status=status, reason=reason)
    call = gmail(READONLY).history().list(userId="me", startHistoryId="1")
    assert failure(call)[1] == told
    assert server.requests.units() == 0


@pytest.mark.parametrize(
    ("status", "reason", "calls"), [(503, None, 3), (403, None, 3), (None, "dailyLimitExceeded", 1)]
)
def test_the_library_repeats_what_it_takes_for_temporary(server, ann, gmail, status, reason, calls):
    server.faults.add("getProfile", times=2, status=status, reason=reason)
    request = gmail(READONLY).getProfile(userId="me")
    request._sleep = lambda _seconds: None
    if calls == 1:
        with pytest.raises(HttpError):
            request.execute(num_retries=3)
    else:
        request.execute(num_retries=3)
    assert server.requests.count("getProfile") == calls


def test_a_storm_meets_a_share_of_the_calls_and_always_the_same_ones(server, ann, gmail):
    users = gmail(READONLY)

    def storm() -> list[int]:
        server.requests.clear()
        server.faults.clear()
        server.faults.add("labels.list", times=None, status=429, share=0.5, seed=7)
        for _time in range(40):
            try:
                users.labels().list(userId="me").execute()
            except HttpError as error:
                assert error.status_code == 429
        return [record.status for record in server.requests]

    first = storm()
    assert first == storm()
    assert 8 < first.count(429) < 32


def test_a_fault_waits_for_its_call(server, ann, gmail):
    users = gmail(READONLY)
    server.faults.add("getProfile", after=2, status=500)
    statuses = []
    for _time in range(4):
        try:
            users.getProfile(userId="me").execute()
            statuses.append(200)
        except HttpError as error:
            statuses.append(error.status_code)
    assert statuses == [200, 200, 500, 200]


def test_what_a_fault_gives_is_given(server, ann, gmail):
    headers = {"Retry-After": "7", "Content-Type": "text/html"}
    server.faults.add("getProfile", status=502, body="<html>Bad gateway</html>", headers=headers)
    with pytest.raises(HttpError) as caught:
        gmail(READONLY).getProfile(userId="me").execute()
    assert caught.value.content == b"<html>Bad gateway</html>"
    assert caught.value.resp["retry-after"] == "7"


def test_a_fault_for_no_route_is_a_mistake(server):
    with pytest.raises(ValueError, match=r"messages\.fetch"):
        server.faults.add("messages.fetch", status=500)


def test_a_list_can_tell_everything_twice(server, ann, gmail):
    message_id = ann.deliver(letter())
    server.faults.add("messages.list", kind="duplicate")
    messages = gmail(READONLY).messages()
    assert [m["id"] for m in messages.list(userId="me").execute()["messages"]] == [message_id] * 2
    assert [m["id"] for m in messages.list(userId="me").execute()["messages"]] == [message_id]


def test_a_stale_answer_is_of_the_time_of_the_last_call(server, ann, gmail):
    users = gmail(READONLY)
    cursor = users.getProfile(userId="me").execute()["historyId"]
    message_id = ann.deliver(letter())
    server.faults.add(kind="stale", times=3)
    assert users.messages().list(userId="me").execute() == {"resultSizeEstimate": 0}
    assert users.history().list(userId="me", startHistoryId=cursor).execute() == {"historyId": cursor}
    assert failure(users.messages().get(userId="me", id=message_id))[0] == 404
    assert users.history().list(userId="me", startHistoryId=cursor).execute()["history"]


def test_the_log_tells_what_was_asked(server, ann, gmail):
    users = gmail(READONLY)
    users.labels().list(userId="me").execute()
    (record,) = server.requests
    assert (record.method, record.path) == ("GET", "/gmail/v1/users/me/labels")
    assert (record.route, record.status, record.user, record.units) == ("labels.list", 200, ADDRESS, 1)
    assert record.started <= record.ended and record.bytes > 100 and record.in_flight == 1
    assert server.requests.count("labels.list", status=200) == 1
    server.requests.clear()
    assert len(server.requests) == 0
