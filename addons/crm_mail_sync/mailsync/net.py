# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Connections to servers whose names come from users.

A user must not be able to reach with our address what lies inside our network (server-side request forgery):
a name is resolved once, every address it leads to is judged, and the connection goes to the very address that
was judged. Only mail ports are spoken to. What an administrator allows goes further.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from .errors import (
    CertificateInvalid,
    ConnectionFailed,
    ConnectionLost,
    ConnectionRefused,
    ConnectionTimedOut,
    HostNotAllowed,
    HostNotFound,
    TlsUnavailable,
)

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 3501 §2.1 and RFC 8314 §7.3
IMAP_PORTS = frozenset({143, 993})
# RFC 8314 §7.3 and RFC 6409 §3.1: where users hand in their mail. 25 is for servers among themselves.
SUBMISSION_PORTS = frozenset({465, 587})

# RFC 6052 §2.1 (well-known prefix) and RFC 8215 §3 (local use): the last 32 bits are the IPv4 address behind
# a translator.
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_HOST = re.compile(r"[\w.:%-]{1,255}")
# An IPv6 address with a port stands in brackets (RFC 3986 §3.2.2); bare colons are an IPv6 address.
_ENTRY = re.compile(
    r"\[(?P<v6>[^]]*)\](?P<prefix>/\d+)?(?::(?P<v6_port>\d{1,5}))?"
    r"|(?P<bare_v6>[^\[\]]*:[^\[\]]*:[^\[\]]*)"
    r"|(?P<name>[^:\[\]]+)(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an administrator allows beyond public addresses and the usual ports."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[IPNetwork, int | None], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """From entries like ``mail.intranet``, ``10.1.2.0/24``, ``localhost:1143``, ``[fd00::]/8:1993``.

        An entry without a port stands for the usual ports; what is no such entry opens nothing.
        """
        hosts: set[tuple[str, int | None]] = set()
        networks: list[tuple[IPNetwork, int | None]] = []
        for entry in entries:
            match = _ENTRY.fullmatch(entry.strip())
            if match is None:
                continue
            port = match["port"] or match["v6_port"]
            name = (match["v6"] or match["bare_v6"] or match["name"]) + (match["prefix"] or "")
            try:
                networks.append((ipaddress.ip_network(name, strict=False), _number(port)))
            except ValueError:
                hosts.add((name.lower().rstrip("."), _number(port)))
        return cls(frozenset(hosts), tuple(networks))

    def allows(self, host: str, address: IPAddress, port: int) -> bool:
        """Whether an entry lets this host or this address be spoken to on this port."""
        fitting = {None, port} if port in IMAP_PORTS | SUBMISSION_PORTS else {port}
        return any((host, fit) in self.hosts for fit in fitting) or any(
            fit in fitting and candidate in network
            for candidate in (address, *_embedded(address))
            for network, fit in self.networks
        )


def connect(
    host: str, port: int, timeout: float, allowed: Allowed, ports: frozenset[int] = IMAP_PORTS
) -> socket.socket:
    """A TCP connection to a public address of ``host``, or to what ``allowed`` opens.

    :param timeout: seconds for all addresses together; the socket keeps it for every later wait. Looking up
        the name takes as long as the system's resolver is set to.
    :param ports: those that anybody may name.
    :raises ConnectionFailed: HostNotAllowed says the same whether or not somebody listens there.
    """
    name = _ascii_name(host)
    addresses = _resolve(name, port)
    for _, sockaddr in addresses:
        _judge(name, sockaddr, port, allowed, ports)
    failure: ConnectionFailed = HostNotFound(f"no address for {name}")
    for family, sockaddr in addresses:
        try:
            sock = _open(family, sockaddr, timeout / len(addresses))
        except ConnectionFailed as error:
            failure = error
        else:
            sock.settimeout(timeout)
            return sock
    raise failure


def is_loopback(sock: socket.socket) -> bool:
    """Whether the far end is this machine itself."""
    address = ipaddress.ip_address(sock.getpeername()[0].partition("%")[0])
    return any(candidate.is_loopback for candidate in (address, *_embedded(address)))


def tls_context(extra_ca: str = "") -> ssl.SSLContext:
    """Certificates and host names are checked, TLS 1.2 or newer.

    :param extra_ca: path of a PEM file with further certificate authorities; CertificateInvalid if it is none.
    """
    try:
        return _tls_context(extra_ca, Path(extra_ca).stat().st_mtime_ns if extra_ca else 0)
    except OSError as error:
        raise CertificateInvalid("the file of further certificate authorities cannot be read") from error


@functools.lru_cache(maxsize=8)
def _tls_context(extra_ca: str, changed_at: int) -> ssl.SSLContext:
    """Kept, because reading the system's authorities takes longer (20 ms) than a whole scan with nothing new."""
    context = ssl.create_default_context()
    if extra_ca:
        context.load_verify_locations(extra_ca)
    return context


def secure(sock: socket.socket, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Begin TLS on a connection; closes it if that fails.

    :raises ConnectionFailed: CertificateInvalid (without the certificate's own data, see
        :func:`describe_certificate`), TlsUnavailable if the far end speaks no TLS that we do.
    """
    try:
        return context.wrap_socket(sock, server_hostname=_ascii_name(host))
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise CertificateInvalid(error.verify_message) from error
    except OSError as error:
        sock.close()
        raise translate(error) from error


def describe_certificate(sock: socket.socket, host: str) -> str:
    """For whom and for when the certificate at the far end is, without trusting it; closes the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with context.wrap_socket(sock, server_hostname=_ascii_name(host)) as secured:
            der = secured.getpeercert(binary_form=True)
    except OSError as error:
        raise translate(error) from error
    finally:
        sock.close()
    try:
        return _description(x509.load_der_x509_certificate(der or b""))
    except ValueError:
        return "issued in a form that cannot be read"


def reopened(sock: socket.socket) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Where a socket is connected to, for another connection to exactly there."""
    host, port = sock.getpeername()[:2]
    return sock.family, (host, port)


def reconnect(place: tuple[socket.AddressFamily, tuple[str, int]], timeout: float) -> socket.socket:
    """A further connection to an address that was judged before."""
    return _open(*place, timeout)


def translate(error: OSError) -> ConnectionFailed:
    """The one place where failures of sockets and TLS become ours."""
    if isinstance(error, TimeoutError):
        return ConnectionTimedOut()
    if isinstance(error, ConnectionRefusedError):
        return ConnectionRefused()
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return ConnectionLost()
    if isinstance(error, ssl.SSLError):
        return TlsUnavailable(f"TLS failed: {error.reason}")
    if isinstance(error, ConnectionError):
        return ConnectionLost()
    return ConnectionFailed(f"the network failed (error {error.errno})")


def _number(port: str | None) -> int | None:
    return int(port) if port else None


def _ascii_name(host: str) -> str:
    """The name as it is looked up (RFC 5890 A-labels); anything that is no name leads nowhere."""
    name = host.strip().rstrip(".").lower()
    if not _HOST.fullmatch(name):
        raise HostNotFound("not a host name")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise HostNotFound("not a host name") from error


def _resolve(name: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise HostNotFound("the name leads to no address") from error
    return [(family, sockaddr) for family, _, _, _, sockaddr in found]  # type: ignore[misc]


def _judge(name: str, sockaddr: tuple[str, int], port: int, allowed: Allowed, ports: frozenset[int]) -> None:
    address = ipaddress.ip_address(sockaddr[0].partition("%")[0])
    if allowed.allows(name, address, port):
        return
    if port not in ports or not is_public(address):
        raise HostNotAllowed()


def is_public(address: IPAddress) -> bool:
    """Whether an address is one of the open internet, also by the IPv4 address that it may carry inside."""
    return all(
        candidate.is_global
        and not candidate.is_multicast
        and not candidate.is_reserved
        and not getattr(candidate, "is_site_local", False)
        for candidate in (address, *_embedded(address))
        if not (candidate is address and _is_carrier(address))
    )


def _is_carrier(address: IPAddress) -> bool:
    """Mapped and translated addresses are no addresses of their own: only what they carry counts."""
    if isinstance(address, ipaddress.IPv4Address):
        return False
    return address.ipv4_mapped is not None or address in _NAT64[0]


def _embedded(address: IPAddress) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that an IPv6 address stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _NAT64):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]


def _open(family: socket.AddressFamily, sockaddr: tuple[str, int], timeout: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(sockaddr)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        sock.close()
        raise translate(error) from error
    return sock


def _description(certificate: x509.Certificate) -> str:
    names = _names(certificate)
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    start, end = (_day(certificate, name) for name in ("not_valid_before", "not_valid_after"))
    return f"issued for {shown or 'nobody'}, valid from {start} to {end}"


def _day(certificate: x509.Certificate, name: str) -> str:
    """A date of a certificate; since cryptography 42 it has another name, and Odoo may have an older one."""
    moment = getattr(certificate, f"{name}_utc", None) or getattr(certificate, name)
    return str(moment.date().isoformat())


def _names(certificate: x509.Certificate) -> list[str]:
    """Names that a certificate is for, from its subjectAltName, else its subject; in printable form."""
    try:
        extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except (x509.ExtensionNotFound, ValueError):
        found = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    else:
        found = [str(name.value) for name in extension.value]  # type: ignore[attr-defined]
    return ["".join(c for c in name if c.isprintable())[:80] for name in found]
