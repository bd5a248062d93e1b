# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Google's token endpoint: which scopes are asked for, and the one place where its refusals become errors of ours.

Source: https://developers.google.com/identity/protocols/oauth2/web-server#exchange-errors
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
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
from ...http_session import JsonSession, never_log

READ = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"
# Reading, changing and sending; not what removes messages for good.
MODIFY = "https://www.googleapis.com/auth/gmail.modify"

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


def expires_at(answer: Mapping[str, Any]) -> float:
    """When an access token of this answer ends, in seconds since the epoch."""
    try:
        return time.time() + float(answer.get("expires_in", 0))
    except (TypeError, ValueError) as error:
        raise ProtocolError("expires_in is no number") from error


def refresh(credentials: Any, ca_file: str, meaning: Callable[[GoogleAuthError], MailSyncError]) -> tuple[str, float]:
    """Have google-auth renew its credentials.

    :param meaning: what its errors are.
    :return: the access token, and when it ends in seconds since the epoch.
    """
    with JsonSession(ca_file) as session:
        try:
            credentials.refresh(Request(session))
        except GoogleAuthError as error:
            raise meaning(error) from None
        except (TypeError, ValueError):
            # The library reads expires_in unguarded. Its exceptions may hold parts of the answer.
            raise ProtocolError("expires_in is no number") from None
    expiry: datetime | None = credentials.expiry
    # Naive, and in UTC.
    return str(credentials.token), expiry.replace(tzinfo=timezone.utc).timestamp() if expiry else 0.0
