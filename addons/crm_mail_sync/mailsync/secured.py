# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""TLS on a connection to a mail server; a certificate that is not to be trusted is described."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

from . import net
from .errors import CertificateInvalid, ConnectionFailed

Place = tuple[socket.AddressFamily, tuple[str, int]]


def secured(
    sock: socket.socket,
    host: str,
    extra_ca: str,
    timeout: float,
    place: Place,
    until_tls: Callable[[Any], None] | None = None,
) -> ssl.SSLSocket:
    """Begin TLS; raises what ``net.secure`` does, with the certificate's names and dates.

    :param place: where the connection leads to (``net.reopened``).
    :param until_tls: what has to be said on a further connection before TLS begins.
    """
    try:
        return net.secure(sock, host, net.tls_context(extra_ca))
    except CertificateInvalid as error:
        described = _described(host, timeout, place, until_tls)
        raise CertificateInvalid(f"{error}; {described}", server_text=described) from error


def _described(host: str, timeout: float, place: Place, until_tls: Callable[[Any], None] | None) -> str:
    """From a second connection over which nothing is told."""
    try:
        sock = net.reconnect(place, timeout)
        if until_tls:
            with sock.makefile("rwb") as stream:
                until_tls(stream)
        return net.describe_certificate(sock, host)
    except (ConnectionFailed, OSError):
        return "it could not be looked at"
