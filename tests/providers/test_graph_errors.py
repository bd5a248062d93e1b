# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Graph, and what stands before it, says against a request."""

from __future__ import annotations

import gzip
import socket
from email.utils import formatdate
from time import monotonic, time

import pytest

from mailsync.endpoints import MicrosoftEndpoints
from mailsync.errors import (
    AppInvalid,
    ConnectionLost,
    ConnectionRefused,
    ConnectionTimedOut,
    ConsentMissing,
    CursorExpired,
    FolderGone,
    HostNotFound,
    MailboxDisabled,
    MailSyncError,
    MessageTooLarge,
    Paced,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TlsUnavailable,
    TokenRevoked,
    TooSlow,
)
from mailsync.oauth import Tokens
from mailsync.pace import Budget
from mailsync.providers.graph.translate import Answer, error_of

from .dripping import dripping
from .scripted_graph import Reply, ScriptedGraph, refusal

HTML = {"Content-Type": "text/html"}
SIZE = {"id": "Integer 0xe08", "value": "100"}


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "InvalidAuthenticationToken", TokenRevoked),
        (403, "ErrorAccessDenied", ConsentMissing),
        (403, "Authorization_RequestDenied", ConsentMissing),
        (403, "MailboxNotEnabledForRESTAPI", MailboxDisabled),
        (404, "MailboxNotEnabledForRESTAPI", MailboxDisabled),
        (404, "ErrorNonExistentMailbox", MailboxDisabled),
        (404, "ErrorItemNotFound", FolderGone),
        (400, "ErrorInvalidIdMalformed", FolderGone),
        (400, "SyncStateNotFound", CursorExpired),
        (404, "syncStateNotFound", CursorExpired),
        (410, "resyncRequired", CursorExpired),
        (410, "", CursorExpired),
        (413, "RequestEntityTooLarge", MessageTooLarge),
        (400, "ErrorMessageSizeExceeded", MessageTooLarge),
        (429, "ApplicationThrottled", RateLimited),
        (429, "", RateLimited),
        (500, "ErrorInternalServerError", ServerUnavailable),
        (503, "", ServerUnavailable),
        (504, "UnknownError", ServerUnavailable),
        # A gateway's own page, whatever status it chose.
        (403, "", ServerUnavailable),
        (404, "", ServerUnavailable),
        (400, "ErrorInvalidRequest", ProtocolError),
        (302, "", ProtocolError),
    ],
)
def test_status_and_code_say_what_is_wrong(status: int, code: str, error: type[MailSyncError]) -> None:
    body = {"error": {"code": code, "message": "Sorry."}} if code else "<html>"
    found = error_of(Answer(status, body=body), FolderGone)
    assert type(found) is error
    assert found.server_text == (f"{code}: Sorry." if code else "")


def test_an_inner_code_counts_where_the_outer_one_says_nothing() -> None:
    error = {"code": "UnknownError", "message": "", "innererror": {"code": "SyncStateNotFound"}}
    assert type(error_of(Answer(400, body={"error": error}))) is CursorExpired


@pytest.mark.parametrize("body", [None, "", [], {}, {"error": None}, {"error": []}, {"error": {"code": 5}}])
def test_an_error_without_words_is_one_all_the_same(body: object) -> None:
    assert type(error_of(Answer(500, body=body))) is ServerUnavailable


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("17", 17), (" 3 ", 3), ("0", 0), ("", None), ("soon", None), ("-5", None), ("1e9", None), ("nan", None)],
)
def test_retry_after_is_a_number_of_seconds(value: str, seconds: float | None) -> None:
    assert error_of(Answer(429, {"retry-after": value})).retry_after == seconds


def test_retry_after_is_a_date() -> None:
    waits = [Answer(503, {"Retry-After": formatdate(time() + ahead, usegmt=True)}).retry_after for ahead in (90, -90)]
    assert waits[0] == pytest.approx(90, abs=5)
    assert waits[1] == 0


def test_a_refused_token_is_renewed_once_and_kept_before_it_is_used(graph: ScriptedGraph) -> None:
    challenge = 'Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    graph.on(r"\$batch", refusal(401, "InvalidAuthenticationToken", WWW_Authenticate=challenge), Reply(None, 500))
    with graph.session() as provider, pytest.raises(ServerUnavailable):
        provider.folders()
    assert [asked.token for asked in graph.asked] == ["token 1", "token 2"]
    assert [tokens.access_token for tokens in graph.source.kept] == ["token 2"]
    assert graph.source.renewals[0] is not None


def test_a_token_that_is_refused_when_it_is_new_has_been_revoked(graph: ScriptedGraph) -> None:
    graph.on("", refusal(401, "InvalidAuthenticationToken"))
    with graph.session() as provider, pytest.raises(TokenRevoked):
        provider.folders()
    assert len(graph.asked) == 2


def test_a_grant_that_is_gone_says_so(graph: ScriptedGraph) -> None:
    graph.source.error = TokenRevoked()
    graph.on("", refusal(401))
    with graph.session() as provider, pytest.raises(TokenRevoked):
        provider.folders()
    with pytest.raises(TokenRevoked):
        graph.session(tokens=Tokens("old", time() - 1, "refresh"))


def test_a_renewal_that_failed_in_passing_takes_no_token_away(graph: ScriptedGraph) -> None:
    graph.source.error = ServerUnavailable()
    graph.on("", refusal(401))
    with graph.session() as provider:
        for _ in range(2):
            with pytest.raises(ServerUnavailable):
                provider.folders()
    assert [tokens and tokens.access_token for tokens in graph.source.renewals] == ["token 1"] * 2


def test_an_app_that_is_gone_is_told_at_sign_in(graph: ScriptedGraph) -> None:
    graph.source.error = AppInvalid()
    with pytest.raises(AppInvalid):
        graph.session(tokens=None)
    assert graph.source.renewals == [None]


def test_a_token_that_ends_on_the_way_is_renewed_without_being_refused(graph: ScriptedGraph) -> None:
    graph.on("", refusal(500))
    provider = graph.session(tokens=Tokens("token 1", time() + 301, "refresh"))
    provider._client._tokens = Tokens("token 1", time() + 299, "refresh")
    with provider, pytest.raises(ServerUnavailable):
        provider.folders()
    assert [asked.token for asked in graph.asked] == ["token 2"]


def test_parts_of_a_batch_that_refuse_the_token_renew_it(graph: ScriptedGraph) -> None:
    graph.on("messages/.*value", refusal(401, "InvalidAuthenticationToken"), refusal(401), Reply(b"Subject: x\r\n"))
    graph.on("messages/.*select", Reply({"id": "x", "singleValueExtendedProperties": [SIZE]}))
    with graph.session() as provider:
        assert [f.content for f in provider.fetch("inbox", ["A", "B"])] == [b"Subject: x\r\n"] * 2
    assert len(graph.source.renewals) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(b"<html>Sign in to the hotel's network</html>", 200, HTML), ProtocolError),
        (Reply(b"<html>Bad gateway</html>", 502, HTML), ServerUnavailable),
        (Reply(b"<html>Blocked by your organisation</html>", 403, HTML), ServerUnavailable),
        (Reply(None, 302, {"Location": "https://elsewhere.example/"}), ProtocolError),
        (Reply({"responses": []}), ProtocolError),
        (Reply({"responses": [None, 5, {"id": "0"}]}), ProtocolError),
        (Reply([], 200), ProtocolError),
        (Reply(b"{" * 100_000, 200), ProtocolError),
        (Reply({"responses": []}, cut=5), ConnectionLost),
        (Reply(None, cut=-1), ConnectionLost),
        (Reply(b"no gzip", 200, {"Content-Encoding": "gzip"}), ProtocolError),
        (Reply(gzip.compress(b"{}" * 900)[:40], 200, {"Content-Encoding": "gzip"}), ProtocolError),
        (Reply(b"nonsense\r\n{}", 200, {"Transfer-Encoding": "chunked"}, cut=12), ConnectionLost),
    ],
)
def test_what_is_no_answer_of_graph_is_no_answer(graph: ScriptedGraph, reply: Reply, error: type) -> None:
    graph.on("", reply)
    with graph.session() as provider, pytest.raises(error) as caught:
        provider.folders()
    assert type(caught.value) is error
    # A POST is not repeated, for nobody knows how far it came.
    assert len(graph.round_trips) == 1


def test_a_silent_service_is_left(graph: ScriptedGraph) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        root = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            graph.session(endpoints=MicrosoftEndpoints(graph=root), timeout=0.2) as provider,
            pytest.raises(ConnectionTimedOut),
        ):
            provider.folders()


@pytest.mark.parametrize("connection", [b"", b"Connection: close\r\n"])
def test_an_answer_that_drips_ends_with_the_session(graph: ScriptedGraph, connection: bytes) -> None:
    """It is never silent, and would hold its worker for hours."""
    with dripping(b"HTTP/1.1 200 OK\r\n" + connection + b"Content-Length: 100000\r\n\r\n") as root:
        place = MicrosoftEndpoints(graph=root)
        with graph.session(endpoints=place, session_limit=0.7) as provider:
            start = monotonic()
            with pytest.raises(TooSlow) as caught:
                list(provider.fetch("F", ["M"]))
    assert caught.value.remote_id == "M"
    assert monotonic() - start < 4


def test_a_session_that_is_over_asks_nothing(graph: ScriptedGraph) -> None:
    with graph.session(session_limit=0.0) as provider, pytest.raises(TooSlow):
        provider.folders()
    assert graph.asked == []


def test_a_silence_is_not_waited_for_beyond_the_session(graph: ScriptedGraph) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        root = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            graph.session(endpoints=MicrosoftEndpoints(graph=root), timeout=30, session_limit=0.3) as provider,
            pytest.raises(TooSlow),
        ):
            provider.folders()


def test_nobody_there(graph: ScriptedGraph) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        graph.session(endpoints=MicrosoftEndpoints(graph=f"http://127.0.0.1:{port}")) as provider,
        pytest.raises(ConnectionRefused),
    ):
        provider.folders()
    with (
        graph.session(endpoints=MicrosoftEndpoints(graph="https://graph.invalid")) as provider,
        pytest.raises(HostNotFound),
    ):
        provider.folders()


def test_a_service_without_tls_is_not_taken_for_one_with(graph: ScriptedGraph) -> None:
    root = graph.root.replace("http://127.0.0.1", "https://localhost")
    with graph.session(endpoints=MicrosoftEndpoints(graph=root)) as provider, pytest.raises(TlsUnavailable):
        provider.folders()


def test_the_environment_has_no_say(graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    graph.on("", refusal(503))
    with graph.session() as provider, pytest.raises(ServerUnavailable):
        provider.folders()
    assert len(graph.asked) == 1


def test_the_quota_of_earlier_sessions_is_kept_to(graph: ScriptedGraph) -> None:
    spent = Budget(10_000, 601, clock=lambda: time() - 1)
    spent.spend(9_990)
    with graph.session(pace=spent.text()) as provider:
        with pytest.raises(Paced) as caught:
            list(provider.fetch("inbox", ["A"]))
        assert caught.value.retry_after == pytest.approx(600, abs=2)
        assert graph.asked == []
        # New mail may use what is held back.
        graph.on("^/me/x", Reply({"value": [], "@odata.deltaLink": graph.link("/me/x?$deltatoken=2")}))
        assert provider.changed({"A": f'[1,"{graph.link("/me/x?$deltatoken=1")}"]'}) == []
        assert provider.traffic.units == 1


def test_a_clock_that_was_set_back_is_remembered_though_nothing_could_be_asked(graph: ScriptedGraph) -> None:
    ahead = Budget(10_000, 601, clock=lambda: time() + 86_400)
    ahead.spend(10_000)
    with graph.session(pace=ahead.text()) as provider:
        with pytest.raises(Paced):
            provider.folders()
        pace = provider.traffic.pace
    later = Budget(10_000, 601, spent=pace, clock=lambda: time() + 602)
    assert later.left() == 10_000
