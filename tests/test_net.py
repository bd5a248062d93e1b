# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which addresses are spoken to, and whom TLS trusts; real sockets and real certificates."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailsync import net
from mailsync.errors import (
    CertificateInvalid,
    ConnectionFailed,
    ConnectionLost,
    ConnectionRefused,
    ConnectionTimedOut,
    HostNotAllowed,
    HostNotFound,
    TlsUnavailable,
)
from sandbox.services.certificates import Authority

NOBODY = net.Allowed()

INTERNAL = [
    "127.0.0.1", "127.1", "127.255.255.254", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001",
    "localhost", "0.0.0.0", "0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "192.168.65535", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.254",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "::127.0.0.1", "::ffff:7f00:1", "fe80::1", "febf::1",
    "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "100::1",
    "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2001:0:7f00:1::1", "2001:10::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "142.250.1.1", "2a00:1450:4001::6d", "64:ff9b::808:808", "::ffff:8.8.8.8"]
NO_NAMES = [
    "", " ", "a b", "host\r\nA1 LOGOUT", "host\n", "\x00", "user@host", "http://host", "host/..", "a" * 300,
    "x" * 64 + ".example", "..", "no-such-host.invalid", "[::1]", "host;id", "${IFS}", "höst..de",
]  # fmt: skip


@contextmanager
def listener(answer: bytes | None = None) -> Iterator[int]:
    """A port on loopback; ``answer`` is sent to whoever comes, None accepts and stays silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                held.append(client)
                if answer is not None:
                    client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for client in held:
            client.close()


@pytest.mark.parametrize("port", [143, 993])
@pytest.mark.parametrize("host", INTERNAL)
def test_what_lies_inside_is_refused(host: str, port: int) -> None:
    with pytest.raises((HostNotAllowed, HostNotFound)):
        net.connect(host, port, 1, NOBODY)


@pytest.mark.parametrize("host", [h for h in INTERNAL if ":" in h or h.count(".") == 3])
def test_internal_addresses_are_told_from_public_ones(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = ipaddress.ip_address(socket.inet_ntoa(socket.inet_aton(host)))
    assert not net.is_public(address)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_public(host: str) -> None:
    assert net.is_public(ipaddress.ip_address(host))


@pytest.mark.parametrize("host", NO_NAMES)
def test_what_is_no_name_leads_nowhere(host: str) -> None:
    with pytest.raises(HostNotFound):
        net.connect(host, 993, 1, NOBODY)


@pytest.mark.parametrize("port", [0, 22, 25, 80, 110, 6379, 5432, 8069, 65535])
@pytest.mark.parametrize("host", ["8.8.8.8", "127.0.0.1"])
def test_other_ports_are_refused(host: str, port: int) -> None:
    with pytest.raises(HostNotAllowed):
        net.connect(host, port, 1, NOBODY)


def test_open_and_closed_internal_ports_are_told_alike() -> None:
    texts = set()
    with listener(b"* OK\r\n") as port:
        for candidate in (port, 1):
            with pytest.raises(HostNotAllowed) as raised:
                net.connect("127.0.0.1", candidate, 1, NOBODY)
            texts.add((str(raised.value), raised.value.server_text, raised.value.code))
    assert len(texts) == 1


@pytest.mark.parametrize(
    "template",
    [
        "127.0.0.1:{port}",
        "127.0.0.0/8:{port}",
        "localhost:{port}",
        " LOCALHOST:{port} ",
        "[::ffff:7f00:1]:{port}",
    ],
)
def test_an_administrator_can_allow_a_host_with_its_port(template: str) -> None:
    with listener() as port:
        entry = template.format(port=port)
        host = "localhost" if "local" in entry.lower() else "127.0.0.1"
        if entry.startswith("["):
            host = "::ffff:127.0.0.1"
        net.connect(host, port, 1, net.Allowed.of([entry])).close()
        for wrong in (
            "127.0.0.1",
            "localhost",
            f"127.0.0.1:{port + 1}",
            f"10.0.0.1:{port}",
            "nonsense:1:x",
            "[",
        ):
            with pytest.raises(HostNotAllowed):
                net.connect(host, port, 1, net.Allowed.of([wrong]))


def test_an_entry_without_port_opens_the_usual_ports_only() -> None:
    allowed = net.Allowed.of(["10.1.0.0/16", "mail.intranet", "fd00::/8"])
    address = ipaddress.ip_address("10.1.2.3")
    assert allowed.allows("x", address, 993)
    assert not allowed.allows("x", address, 22)
    assert allowed.allows("mail.intranet", ipaddress.ip_address("192.168.0.1"), 143)
    assert not allowed.allows("web.intranet", ipaddress.ip_address("192.168.0.1"), 143)
    assert allowed.allows("x", ipaddress.ip_address("fd00::1"), 993)


def test_one_internal_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(*args: object, **kwargs: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 993)) for address in ("8.8.8.8", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(HostNotAllowed):
        net.connect("rebound.example", 993, 1, NOBODY)


def test_the_address_that_was_judged_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that changes its address between the look-ups (DNS rebinding) is looked up only once."""
    with listener() as port:
        asked = []

        def answer(host: str, *args: object, **kwargs: object) -> list[object]:
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        with net.connect("mail.example", port, 1, net.Allowed.of([f"127.0.0.1:{port}"])) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
        assert asked == ["mail.example"]


def test_failures_of_the_network_have_names() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    with pytest.raises(ConnectionRefused):
        net.connect("127.0.0.1", closed, 1, net.Allowed.of([f"127.0.0.1:{closed}"]))
    assert isinstance(net.translate(TimeoutError()), ConnectionTimedOut)
    assert isinstance(net.translate(ConnectionResetError()), ConnectionLost)
    assert isinstance(net.translate(BrokenPipeError()), ConnectionLost)
    assert isinstance(net.translate(OSError(101, "Network is unreachable")), ConnectionFailed)


# TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def server_context(authority: Authority, *names: str, days: tuple[int, int] = (-1, 30)) -> ssl.SSLContext:
    first, last = (datetime.timedelta(days=day) for day in days)
    issued = authority.issue(names, first, last)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    return context


@contextmanager
def tls_server(context: ssl.SSLContext) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(client, server_side=True) as secured:
                        secured.sendall(b"hello")
                except OSError:
                    client.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def opened(port: int) -> socket.socket:
    return net.connect("localhost", port, 5, net.Allowed.of([f"localhost:{port}"]))


def test_a_trusted_certificate_of_the_right_name_is_accepted(authority: Authority) -> None:
    with tls_server(server_context(authority, "localhost")) as port:
        context = net.tls_context(str(authority.ca_file))
        with net.secure(opened(port), "localhost", context) as secured:
            assert secured.recv(5) == b"hello"


@pytest.mark.parametrize(
    ("names", "days", "trusted", "reason"),
    [
        (["localhost"], (-1, 30), False, "unable to get local issuer"),
        (["mail.example", "imap.example"], (-1, 30), True, "mismatch"),
        (["localhost"], (-20, -10), True, "expired"),
        (["localhost"], (10, 20), True, "not yet valid"),
    ],
)
def test_any_other_certificate_is_refused_and_described(
    authority: Authority, names: list[str], days: tuple[int, int], trusted: bool, reason: str
) -> None:
    with tls_server(server_context(authority, *names, days=days)) as port:
        sock = opened(port)
        place = net.reopened(sock)
        with pytest.raises(CertificateInvalid, match=reason):
            net.secure(sock, "localhost", net.tls_context(str(authority.ca_file) if trusted else ""))
        description = net.describe_certificate(net.reconnect(place, 5), "localhost")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for name in names:
        assert name in description
    assert (today + datetime.timedelta(days=days[1])).isoformat() in description


def test_a_file_of_authorities_that_is_none_trusts_nobody(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.pem", tmp_path):
        with pytest.raises(CertificateInvalid):
            net.tls_context(str(path))
    (tmp_path / "junk.pem").write_text("junk")
    with pytest.raises(CertificateInvalid):
        net.tls_context(str(tmp_path / "junk.pem"))


def test_a_server_without_tls_is_said_to_have_none() -> None:
    with listener(b"* OK IMAP4rev1 ready\r\n") as port, pytest.raises(TlsUnavailable):
        net.secure(opened(port), "localhost", net.tls_context())


def test_a_silent_server_times_out() -> None:
    with listener() as port:
        sock = opened(port)
        sock.settimeout(0.2)
        with pytest.raises(ConnectionTimedOut):
            net.secure(sock, "localhost", net.tls_context())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(authority: Authority) -> None:
    context = server_context(authority, "localhost")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.minimum_version = ssl.TLSVersion.TLSv1
    with tls_server(context) as port, pytest.raises((TlsUnavailable, ConnectionLost)):
        net.secure(opened(port), "localhost", net.tls_context(str(authority.ca_file)))


def test_a_connection_cut_in_the_handshake_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sock = opened(server.getsockname()[1])
        client, _ = server.accept()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        with pytest.raises(ConnectionLost):
            net.secure(sock, "localhost", net.tls_context())
