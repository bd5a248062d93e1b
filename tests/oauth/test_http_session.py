# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The session under both providers' libraries: what a broken connection is told as, and what it does not obey."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import requests

from mailsync.errors import (
    CertificateInvalid,
    ConnectionFailed,
    ConnectionLost,
    ConnectionRefused,
    ConnectionTimedOut,
    HostNotFound,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TlsUnavailable,
)
from mailsync.http_session import Session, json_object, retry_after
from sandbox.services.certificates import Authority


@contextmanager
def answering(*pieces: bytes, context: ssl.SSLContext | None = None, hold: bool = False) -> Iterator[str]:
    """A server that says these bytes to whoever comes, and ends the connection, or with ``hold`` says nothing more."""
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with closing(connection):
                try:
                    secured = context.wrap_socket(connection, server_side=True) if context else connection
                    secured.recv(65_536)
                    for piece in pieces:
                        secured.sendall(piece)
                    if hold:
                        over.wait()
                    # With its farewell, so that the end is the server's wish and no reset.
                    secured.shutdown(socket.SHUT_WR)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"{'https' if context else 'http'}://localhost:{listener.getsockname()[1]}/place"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def response(status: str, body: bytes = b"{}", *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def context(authority) -> ssl.SSLContext:
    certificate = authority.issue()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


def test_an_answer(context, authority) -> None:
    with answering(response("200 OK", b'{"a": 1}'), context=context) as url:
        assert json_object(Session(str(authority.ca_file)).get(url)) == {"a": 1}


def test_a_certificate_of_nobody_we_trust(context) -> None:
    with (
        answering(response("200 OK"), context=context) as url,
        pytest.raises(CertificateInvalid, match="self.signed|issuer"),
    ):
        Session().get(url)


def test_the_environment_names_no_authorities_and_no_passwords(context, authority, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with answering(response("200 OK"), context=context) as url:
        with pytest.raises(CertificateInvalid):
            Session().get(url)
        answer = Session(str(authority.ca_file)).get(url)
    assert "Authorization" not in answer.request.headers


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefused):
        Session().get(f"http://127.0.0.1:{port}/")


def test_no_such_host() -> None:
    with pytest.raises(HostNotFound):
        Session().get("https://login.invalid/")


def test_not_a_host_at_all() -> None:
    with pytest.raises(ConnectionFailed):
        Session().get("https:///place")


def test_no_tls_there() -> None:
    with answering(response("200 OK")) as url, pytest.raises(TlsUnavailable):
        Session().get(url.replace("http:", "https:"))


@pytest.mark.parametrize(
    "pieces",
    [(), (response("200 OK", b'{"access_token": "x"}')[:-5],)],
    ids=["nothing", "half a body"],
)
def test_the_connection_ends_too_early(pieces) -> None:
    with answering(*pieces) as url, pytest.raises(ConnectionLost):
        Session().get(url)


@pytest.mark.parametrize("pieces", [(), (response("200 OK", b'{"a": 1}')[:-5],)], ids=["nothing", "half a body"])
def test_silence(pieces, monkeypatch) -> None:
    monkeypatch.setattr("mailsync.http_session.TIMEOUT", (1.0, 0.2))
    with answering(*pieces, hold=True) as url, pytest.raises(ConnectionTimedOut):
        Session().get(url)


def test_an_answer_that_is_no_compressed_one() -> None:
    with answering(response("200 OK", b"no gzip", "Content-Encoding: gzip")) as url, pytest.raises(ConnectionFailed):
        Session().get(url)


def test_redirects_are_not_followed() -> None:
    with answering(response("307 Temporary Redirect", b"", "Location: http://login.invalid/")) as url:
        assert Session().post(url, data={"client_secret": "x"}, allow_redirects=True).status_code == 307


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"])
def test_the_server_cannot(status) -> None:
    with answering(response(status, b"<html>", "Retry-After: 60")) as url, pytest.raises(ServerUnavailable) as caught:
        Session().get(url)
    assert caught.value.retry_after == 60


def test_too_many_requests() -> None:
    with answering(response("429 Too Many Requests")) as url, pytest.raises(RateLimited) as caught:
        Session().get(url)
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Fri, 27 Nov 2026 10:00:00 +9999999999999999", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_when_to_come_again(text, seconds) -> None:
    answer = requests.Response()
    answer.headers["Retry-After"] = text
    assert retry_after(answer) == seconds


def test_when_to_come_again_as_a_date() -> None:
    answer = requests.Response()
    answer.headers["Retry-After"] = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
    assert retry_after(answer) == pytest.approx(3600, abs=120)


def test_certificate_authorities_that_are_not_there(tmp_path) -> None:
    with pytest.raises(ConnectionFailed):
        Session(str(tmp_path / "gone.pem")).get("https://localhost:1")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"text"', b"null", b'{"access_token": "ya29.half'])
def test_what_is_no_json_object(body) -> None:
    with answering(response("200 OK", body)) as url, pytest.raises(ProtocolError) as caught:
        json_object(Session().get(url))
    assert caught.value.__cause__ is None


def test_an_answer_cut_at_any_byte_is_none() -> None:
    whole = response("200 OK", b'{"access_token": "ya29.x", "expires_in": 3599}', "Content-Type: application/json")
    for end in range(len(whole)):
        with answering(whole[:end]) as url, pytest.raises((ConnectionFailed, ProtocolError)):
            json_object(Session().get(url))
