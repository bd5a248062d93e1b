# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one place where failures of Google's client, of HTTP and of the network become errors of ours.

Source: https://developers.google.com/workspace/gmail/api/guides/handle-errors
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import httplib2
from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import HttpError

from ... import net
from ...errors import (
    AppInvalid,
    CertificateInvalid,
    ConnectionFailed,
    ConnectionLost,
    ConsentMissing,
    HostNotFound,
    MailboxDisabled,
    MailSyncError,
    MessageGone,
    MessageTooLarge,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    SignInFailed,
    TokenRevoked,
    readable,
)
from ...http_session import wait_of
from .error_body import reasons_of

# What a request may end with that is no answer. EOFError and the like: a compressed body that breaks off.
NO_ANSWER = (OSError, http.client.HTTPException, httplib2.HttpLib2Error, EOFError)
# What the client falls over when it reads an answer, for it trusts that all is there; and a token that it refuses.
MISREAD = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError, GoogleAuthError)

_REASONS: dict[str, type[MailSyncError]] = {
    "userRateLimitExceeded": RateLimited,
    "rateLimitExceeded": RateLimited,
    "dailyLimitExceeded": RateLimited,
    "quotaExceeded": RateLimited,
    "limitExceeded": RateLimited,
    "concurrentLimitExceeded": RateLimited,
    "insufficientPermissions": ConsentMissing,
    "forbidden": ConsentMissing,
    "domainPolicy": MailboxDisabled,
    "failedPrecondition": MailboxDisabled,
    "accessNotConfigured": AppInvalid,
    "authError": TokenRevoked,
    "RATE_LIMIT_EXCEEDED": RateLimited,
    "RESOURCE_EXHAUSTED": RateLimited,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": ConsentMissing,
    "SERVICE_DISABLED": AppInvalid,
    "FAILED_PRECONDITION": MailboxDisabled,
}
_STATUSES: dict[int, type[MailSyncError]] = {
    401: TokenRevoked,
    403: SignInFailed,
    404: MessageGone,
    413: MessageTooLarge,
    429: RateLimited,
}
_NO_SERVICE = re.compile(r"mail service not enabled|service (is )?disabled", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
# A mailbox over its daily limits: "Retry after 2026-11-27T10:00:00.000Z"
_RETRY_AT = re.compile(r"retry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", re.IGNORECASE)


def no_answer(error: BaseException) -> MailSyncError:
    """A request without an answer, or with half of one; ``error`` is one of NO_ANSWER."""
    if isinstance(error, httplib2.ServerNotFoundError):
        return HostNotFound()
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateInvalid(error.verify_message)
    if isinstance(error, (http.client.HTTPException, EOFError)):
        return ConnectionLost()
    if isinstance(error, OSError):
        return net.translate(error)
    if isinstance(error, httplib2.FailedToDecompressContent):
        return ConnectionLost()
    return ConnectionFailed("the network failed")


def half_an_answer() -> MailSyncError:
    """An answer that says that all is well and breaks off, or is none of Gmail's."""
    return ConnectionLost("the answer is not complete")


def broken_answer() -> MailSyncError:
    """An answer that is whole and makes no sense."""
    return ProtocolError()


def misread(error: BaseException) -> MailSyncError:
    """An answer that the client cannot read; ``error`` is one of MISREAD."""
    if isinstance(error, GoogleAuthError):
        return ConnectionFailed("the access token was not to be used")
    return half_an_answer() if isinstance(error, ValueError) else broken_answer()


@contextmanager
def reading() -> Iterator[None]:
    """Around what takes an answer's JSON apart: it may lack anything."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise broken_answer() from error


def refusal(error: HttpError) -> MailSyncError:
    """What Gmail said no with."""
    status = int(error.resp.status)
    if status < 300:
        # So the client says that it could not read what came.
        return half_an_answer()
    retry_after = wait_of(error.resp.get("retry-after", "")) or _retry_at(error.reason or "")
    detail = _google_error(error.content)
    if detail is None and status < 500 and status != 429:
        # A proxy's or a captive portal's page: it says nothing of the mailbox or the message.
        return ConnectionFailed(f"something on the way answered with status {status}", retry_after=retry_after)
    reason, message = detail or ("", "")
    kind = _kind(status, reason, message)
    return kind(f"Gmail answered {status} {reason}", server_text=_without_addresses(message), retry_after=retry_after)


def is_quota(error: HttpError) -> bool:
    """Whether the units of a minute or a day are used up, and not only too much asked for at once."""
    detail = _google_error(error.content)
    return int(error.resp.status) == 403 and detail is not None and _REASONS.get(detail[0]) is RateLimited


def is_bad_request(error: HttpError) -> bool:
    """400 and no reason of its own: an id, label or page token that is none, or is none any more."""
    return int(error.resp.status) == 400 and type(refusal(error)) is ProtocolError


def is_sure(error: HttpError) -> bool:
    """Whether Gmail itself has refused to do what was asked for; a gateway does not know."""
    return 400 <= int(error.resp.status) < 500 and _google_error(error.content) is not None


def _kind(status: int, reason: str, message: str) -> type[MailSyncError]:
    if status >= 500:
        return ServerUnavailable
    if _NO_SERVICE.search(message):
        return MailboxDisabled
    if status == 403 and reason in _REASONS:
        return _REASONS[reason]
    if status == 400 and _REASONS.get(reason) is MailboxDisabled:
        return MailboxDisabled
    return _STATUSES.get(status, ProtocolError)


def _without_addresses(text: str) -> str:
    """The server's words may name other people."""
    return readable(_ADDRESS.sub("…", text))


def _google_error(content: bytes) -> tuple[str, str] | None:
    """Reason and message of an error in Google's form, else None."""
    try:
        error = json.loads(content)["error"]
        message = str(error.get("message", ""))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    reasons = reasons_of(error)
    return next((reason for reason in reasons if reason in _REASONS), next(iter(reasons), "")), message


def _retry_at(message: str) -> float | None:
    match = _RETRY_AT.search(message)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}+00:00")
    except ValueError:
        return None
    return max(moment.timestamp() - time.time(), 0.0)
