# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Entra and Graph say when they refuse, in their own forms.

Sources: learn.microsoft.com/graph/errors, learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from sandbox.cloud.call import Answer, Call

_MESSAGES = {
    "InvalidAuthenticationToken": "Lifetime validation failed, the token is expired.",
    "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
    "ErrorItemNotFound": "The specified object was not found in the store.",
    "ErrorInvalidIdMalformed": "Id is malformed.",
    "MailboxNotEnabledForRESTAPI": "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    "ApplicationThrottled": "Application is over its MailboxConcurrency limit.",
    "SyncStateNotFound": "The sync state generation is not found; generation=1.",
    "resyncRequired": "Resync required. Replace any local items with the server's version.",
    "ErrorFolderExists": "A folder with the specified name already exists.",
    "BadRequest": "The request is not valid.",
    "ErrorServerBusy": "The server cannot service this request right now. Try again later.",
    "UnknownError": "",
    "ErrorMessageSizeExceeded": "The message exceeds the maximum supported size.",
    "ErrorIrresolvableConflict": "The change key passed in the request does not match the current change key.",
}
_USUAL = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "ErrorAccessDenied",
    404: "ErrorItemNotFound",
    409: "ErrorFolderExists",
    410: "SyncStateNotFound",
    412: "ErrorIrresolvableConflict",
    413: "ErrorMessageSizeExceeded",
    429: "ApplicationThrottled",
    503: "ErrorServerBusy",
}


class GraphError(Exception):
    """A refusal of Graph; without a code the usual one of the status."""

    def __init__(self, status: int, code: str = "", message: str = "", **headers: str) -> None:
        self.status = status
        self.code = code or _USUAL.get(status, "UnknownError")
        self.message = message or _MESSAGES.get(self.code, self.code)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(self.code)

    @property
    def content(self) -> dict[str, Any]:
        request_id = str(uuid.uuid4())
        inner = {"date": _stamp(), "request-id": request_id, "client-request-id": request_id}
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}

    @property
    def body(self) -> bytes:
        return json.dumps(self.content).encode()

    def answer(self) -> Answer:
        return Answer(self.status, self.body, {"Content-Type": "application/json", **self.headers})


class EntraError(Exception):
    """A refusal of the sign-in: ``error`` as in RFC 6749, the number as in AADSTS…"""

    def __init__(self, error: str, number: int, text: str, status: int = 400, suberror: str = "") -> None:
        super().__init__(error)
        self.error, self.number, self.text, self.status, self.suberror = error, number, text, status, suberror

    @property
    def description(self) -> str:
        return f"AADSTS{self.number}: {self.text} Trace ID: {uuid.uuid4()} Timestamp: {_stamp()}"

    def answer(self) -> Answer:
        content: dict[str, Any] = {
            "error": self.error,
            "error_description": self.description,
            "error_codes": [self.number],
            "timestamp": _stamp(),
            "trace_id": str(uuid.uuid4()),
            "correlation_id": str(uuid.uuid4()),
        }
        if self.suberror:
            content["suberror"] = self.suberror
        return Answer.json(content, self.status)


# AADSTS number → error, text, status, suberror (reference-error-codes)
_REFUSALS = {
    50076: ("interaction_required", "You must use multi-factor authentication to access the resource.", 400,
            "basic_action"),
    50079: ("interaction_required", "You must enrol in multi-factor authentication.", 400, "basic_action"),
    50105: ("invalid_grant", "The signed in user is not assigned to a role for the application.", 400, ""),
    50173: ("invalid_grant", "The provided grant has expired due to it being revoked.", 400, "bad_token"),
    65001: ("invalid_grant", "The user or administrator has not consented to use the application.", 400,
            "consent_required"),
    70008: ("invalid_grant", "The provided authorization code or refresh token has expired.", 400, "bad_token"),
    700082: ("invalid_grant", "The refresh token has expired due to inactivity.", 400, "bad_token"),
    7000215: ("invalid_client", "Invalid client secret provided.", 401, ""),
    7000222: ("invalid_client", "The provided client secret keys are expired.", 401, ""),
    90033: ("temporarily_unavailable", "A transient error has occurred. Please try again.", 503, ""),
    90055: ("temporarily_unavailable", "The request was throttled. Please try again.", 429, ""),
}  # fmt: skip


def refusal(number: int) -> EntraError:
    """What Entra says with this AADSTS number; raises KeyError for one that is not known here."""
    error, text, status, suberror = _REFUSALS[number]
    return EntraError(error, number, text, status, suberror)


def usual(status: int | None, reason: str | None = None) -> Answer:
    """What is answered with this status when nothing else is ordered; throttling says how long to wait.

    :param reason: a code of Graph's, or an AADSTS number of Entra's; raises KeyError for an unknown one
    """
    if reason is not None and reason.isdecimal():
        return refusal(int(reason)).answer()
    headers = {"Retry_After": "10"} if status == 429 else {}
    return GraphError(status or 500, reason or "", **headers).answer()


def traced(call: Call, answer: Answer) -> Answer:
    """The refusal with the ``client-request-id`` of the call, in its head and, where it has one, its innerError."""
    given = call.headers.get("client-request-id")
    if not given:
        return answer
    answer = replace(answer, headers={**answer.headers, "client-request-id": given})
    try:
        content = json.loads(answer.body)
        content["error"]["innerError"]["client-request-id"] = given
    except (ValueError, KeyError, TypeError):
        return answer  # a page of a proxy, a refusal of Entra's, or what a test has ordered
    return replace(answer, body=json.dumps(content).encode())


def _stamp() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
