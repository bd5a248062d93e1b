# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Google's token endpoint: which scopes are asked for, and the one place where its refusals become errors of ours.

Source: https://developers.google.com/identity/protocols/oauth2/web-server#exchange-errors
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import Request

from ...errors import (
    AdminConsentNeeded,
    AppInvalid,
    ConsentRefused,
    MailSyncError,
    ProtocolError,
    ServerUnavailable,
    TokenRevoked,
    readable,
)
from ...http_session import TIMEOUT, Session, never_log

READ = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"

never_log("google.auth.transport.requests")

_MEANINGS: Mapping[str, type[MailSyncError]] = {
    "access_denied": ConsentRefused,
    "admin_policy_enforced": AdminConsentNeeded,
    "deleted_client": AppInvalid,
    "disabled_client": AppInvalid,
    "internal_failure": ServerUnavailable,
    "invalid_client": AppInvalid,
    "invalid_grant": TokenRevoked,
    "invalid_scope": AppInvalid,
    "org_internal": AppInvalid,
    "redirect_uri_mismatch": AppInvalid,
    "server_error": ServerUnavailable,
    "temporarily_unavailable": ServerUnavailable,
    "unauthorized_client": AppInvalid,
}


def refusal(answer: Mapping[str, Any], secrets: Iterable[str] = ()) -> MailSyncError:
    """What an error of the authorization or token endpoint means (RFC 6749 §4.1.2.1, §5.2).

    :param secrets: what was sent and must not come back in the error's text.
    """
    error, description = str(answer.get("error", "")), str(answer.get("error_description") or "")
    text = readable(": ".join(filter(None, (error, description))), secrets)
    return _MEANINGS.get(error, ProtocolError)(server_text=text)


def library_error(error: GoogleAuthError, secrets: Iterable[str] = ()) -> MailSyncError:
    """What google-auth made of an answer. Its exceptions hold answers whole: they are never chained to ours."""
    answer = error.args[1] if len(error.args) > 1 else None
    if isinstance(answer, Mapping) and answer.get("error"):
        return refusal(answer, secrets)
    if error.retryable:
        return ServerUnavailable()
    if isinstance(error, RefreshError) and "Reauthentication is needed" in str(error):
        # Workspace's session control (invalid_rapt): the library keeps the answer to itself.
        return TokenRevoked(server_text="invalid_grant: invalid_rapt")
    return ProtocolError(f"google-auth: {type(error).__name__}")


def transport(session: Session) -> partial[Any]:
    """google-auth's way to the network, by our session."""
    return partial(Request(session), timeout=TIMEOUT[1])


def expires_at(answer: Mapping[str, Any]) -> float:
    """When an access token of this answer ends, in seconds since the epoch."""
    try:
        return time.time() + float(answer.get("expires_in", 0))
    except (TypeError, ValueError) as error:
        raise ProtocolError("expires_in is no number") from error


def epoch(expiry: datetime | None) -> float:
    """google-auth's naive UTC time in seconds since the epoch; 0 if it knows none."""
    return expiry.replace(tzinfo=timezone.utc).timestamp() if expiry else 0.0
