# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTTPS to the places where tokens come from, for our own calls and under the libraries of Google and Microsoft.

What goes wrong on the way is raised as an error of ours from inside their calls: both libraries let foreign exceptions
pass, while what they make of a failed request differs and loses ``Retry-After``.
"""

from __future__ import annotations

import logging
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3.exceptions

from .errors import (
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

# Seconds: for the connection, and for each silence of the server after it.
TIMEOUT = (10.0, 30.0)


class Session(requests.Session):
    """A session that follows no redirects, obeys no variable of the environment and raises errors of ours.

    ``ca_file``: certificate authorities to trust instead of the usual ones, as a PEM file; "" for the usual.
    """

    def __init__(self, ca_file: str = "") -> None:
        super().__init__()
        # REQUESTS_CA_BUNDLE would go before ``verify``, and ~/.netrc would add an Authorization of its own.
        self.trust_env = False
        self.verify = ca_file or True

    # The parameters are those of requests, all by keyword.
    def request(self, method: str | bytes, url: str | bytes, **options: Any) -> requests.Response:  # type: ignore[override]
        """As in requests; raises ConnectionFailed, ServerUnavailable (5xx) or RateLimited (429)."""
        # A redirect would carry codes and secrets to wherever it points.
        options |= {"timeout": TIMEOUT, "allow_redirects": False}
        try:
            response = super().request(method, url, **options)
        except OSError as error:
            # Of them requests has its own, and the plain one for certificate authorities that are not where they were.
            raise connection_error(error) from error
        if response.status_code == 429:
            raise RateLimited("429", retry_after=retry_after(response))
        if response.status_code >= 500:
            raise ServerUnavailable(str(response.status_code), retry_after=retry_after(response))
        return response


class JsonSession(Session):
    """For libraries that take it for granted that an answer is a JSON object; raises ProtocolError where it is none."""

    def request(self, method: str | bytes, url: str | bytes, **options: Any) -> requests.Response:  # type: ignore[override]
        """As in :class:`Session`."""
        response = super().request(method, url, **options)
        json_object(response)
        return response


def json_object(response: requests.Response) -> dict[str, Any]:
    """The answer's JSON object; raises ProtocolError if it is none."""
    try:
        answer = response.json()
    except ValueError:
        # Without the cause: it holds the text, in which there may be half a token.
        raise ProtocolError(f"no JSON came with status {response.status_code}") from None
    if not isinstance(answer, dict):
        raise ProtocolError(f"no JSON object came with status {response.status_code}")
    return answer


def retry_after(response: requests.Response) -> float | None:
    """Seconds that the server asks to wait (RFC 9110 §10.2.3), None if it does not say."""
    return wait_of(response.headers.get("Retry-After", ""))


def wait_of(text: str) -> float | None:
    """The seconds of a Retry-After, which is a number or a date; None for anything else."""
    text = text.strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def connection_error(error: OSError) -> ConnectionFailed:
    """What a failed request means. requests has a class for little of it: the causes tell."""
    if isinstance(error, requests.Timeout):
        return ConnectionTimedOut()
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateInvalid(f"The certificate is not to be trusted: {cause.verify_message}")
    for kind, meaning in _MEANINGS:
        if any(isinstance(cause, kind) for cause in causes):
            return meaning()
    return ConnectionFailed()


def never_log(*loggers: str) -> None:
    """Drop all that these loggers are given: they write down requests and answers whole."""
    for name in loggers:
        logging.getLogger(name).addFilter(_refuse)


def _refuse(record: logging.LogRecord) -> bool:
    return False


_MEANINGS: tuple[tuple[type[BaseException], type[ConnectionFailed]], ...] = (
    (urllib3.exceptions.NameResolutionError, HostNotFound),
    (ConnectionRefusedError, ConnectionRefused),
    (urllib3.exceptions.ReadTimeoutError, ConnectionTimedOut),
    (ssl.SSLEOFError, ConnectionLost),
    (ssl.SSLError, TlsUnavailable),
    (ConnectionError, ConnectionLost),
    (urllib3.exceptions.ProtocolError, ConnectionLost),
)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and all that it wraps: as its argument, as ``reason``, as cause or context."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        this = waiting.pop()
        if isinstance(this, BaseException) and this not in found:
            found.append(this)
            waiting += [*this.args, getattr(this, "reason", None), this.__cause__, this.__context__]
    return found
