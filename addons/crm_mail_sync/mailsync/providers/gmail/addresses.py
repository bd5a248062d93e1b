# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Under which addresses an account at Google writes (Gmail API, users.settings.sendAs)."""

from __future__ import annotations

from typing import Any

from ...endpoints import GoogleEndpoints
from ...errors import AppInvalid, MailboxDisabled, MailSyncError, ProtocolError, RateLimited, readable
from ...http_session import Session, json_object
from .error_body import reasons_of

_NOT_SWITCHED_ON = {"accessNotConfigured", "SERVICE_DISABLED"}
_BUSY = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
_NO_GMAIL = {"domainPolicy", "failedPrecondition", "FAILED_PRECONDITION"}


def own_addresses(session: Session, endpoints: GoogleEndpoints, access_token: str) -> frozenset[str]:
    """The account's addresses in lower case; those that its user has not proved to hold are left out.

    :raises AppInvalid: the Gmail API is not switched on in the app's project.
    :raises MailboxDisabled: the account has no Gmail.
    """
    url = f"{endpoints.api_root.rstrip('/')}/gmail/v1/users/me/settings/sendAs"
    response = session.get(url, headers={"Authorization": f"Bearer {access_token}"})
    answer = json_object(response)
    if response.status_code != 200:
        raise _refusal(response.status_code, answer, access_token)
    try:
        return frozenset(
            sender["sendAsEmail"].lower()
            for sender in answer.get("sendAs", ())
            if sender.get("isPrimary") or sender.get("verificationStatus") == "accepted"
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ProtocolError("an answer that is no list of addresses") from error


def _refusal(status: int, answer: dict[str, Any], access_token: str) -> MailSyncError:
    error = answer.get("error")
    reasons = set(reasons_of(error))
    text = readable(str(error.get("message", "")) if isinstance(error, dict) else "", (access_token,))
    if reasons & _NOT_SWITCHED_ON:
        return AppInvalid("the Gmail API is not switched on in the app's project", server_text=text)
    if reasons & _BUSY:
        return RateLimited(server_text=text)
    if reasons & _NO_GMAIL:
        return MailboxDisabled(server_text=text)
    return ProtocolError(f"the account's addresses: status {status}", server_text=text)
