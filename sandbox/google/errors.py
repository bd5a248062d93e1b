# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The errors of Google's APIs, with the bodies their clients look into.

Source: developers.google.com/workspace/gmail/api/guides/handle-errors and google.rpc.Status.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.cloud.call import JSON, Answer


class ApiError(Exception):
    """A call that is answered with an error.

    :param code: HTTP status
    :param reason: the word that clients branch on, ``error.errors[0].reason``
    :param status: the name of the error in google.rpc.Code
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        status: str,
        domain: str = "global",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.headers = headers or {}
        cause = {"message": message, "domain": domain, "reason": reason, **more}
        self.content = {"error": {"code": code, "message": message, "errors": [cause], "status": status}}

    @property
    def body(self) -> bytes:
        """The answer's body, JSON."""
        return json.dumps(self.content).encode()

    def answer(self) -> Answer:
        return Answer(self.code, self.body, {"Content-Type": JSON, **self.headers})


def invalid(message: str) -> ApiError:
    """A request that can never succeed as it is."""
    return ApiError(400, "invalidArgument", message, "INVALID_ARGUMENT")


def not_found() -> ApiError:
    """What is asked for is not there, or not any more."""
    return ApiError(404, "notFound", "Requested entity was not found.", "NOT_FOUND")


def unauthenticated() -> ApiError:
    """No access token, an unknown, an expired or a revoked one: all the same to the caller."""
    return ApiError(
        401,
        "authError",
        "Request had invalid authentication credentials.",
        "UNAUTHENTICATED",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
        location="Authorization",
        locationType="header",
    )


def forbidden(message: str) -> ApiError:
    """Refused whatever scopes the token has."""
    return ApiError(403, "forbidden", message, "PERMISSION_DENIED")


def insufficient_scopes() -> ApiError:
    """The token is good, but not for this method."""
    message = "Request had insufficient authentication scopes."
    return ApiError(403, "insufficientPermissions", message, "PERMISSION_DENIED")


def metadata_only(what: str) -> ApiError:
    """A token with the metadata scope asks for what only a wider one gives."""
    return ApiError(403, "forbidden", f"Metadata scope does not support {what}", "PERMISSION_DENIED")


def too_large() -> ApiError:
    """A message that is larger than the method takes."""
    return ApiError(413, "uploadTooLarge", "Request Entity Too Large", "INVALID_ARGUMENT")


def user_rate_exceeded() -> ApiError:
    """More units in the last minute than a user has."""
    message = "User-rate limit exceeded. Quota metric 'Queries', limit 'Queries per minute per user'."
    return ApiError(403, "userRateLimitExceeded", message, "RESOURCE_EXHAUSTED", "usageLimits")


def project_rate_exceeded() -> ApiError:
    """More units in the last minute than the project has for all its users."""
    message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'."
    return ApiError(403, "rateLimitExceeded", message, "RESOURCE_EXHAUSTED", "usageLimits")


def too_many_concurrent() -> ApiError:
    """More requests at the same time than a user may have."""
    message = "Too many concurrent requests for user."
    return ApiError(429, "rateLimitExceeded", message, "RESOURCE_EXHAUSTED", "usageLimits")


_USUAL = {
    400: invalid("Precondition check failed."),
    401: unauthenticated(),
    403: user_rate_exceeded(),
    404: not_found(),
    429: too_many_concurrent(),
    500: ApiError(500, "backendError", "Backend Error", "INTERNAL"),
    502: ApiError(502, "backendError", "Bad Gateway", "UNAVAILABLE"),
    503: ApiError(503, "backendError", "The service is currently unavailable.", "UNAVAILABLE"),
    504: ApiError(504, "deadlineExceeded", "Deadline exceeded", "DEADLINE_EXCEEDED"),
}

_BY_REASON = {
    "userRateLimitExceeded": user_rate_exceeded(),
    "rateLimitExceeded": project_rate_exceeded(),
    "dailyLimitExceeded": ApiError(
        403, "dailyLimitExceeded", "Daily Limit Exceeded", "RESOURCE_EXHAUSTED", "usageLimits"
    ),
    "domainPolicy": ApiError(
        403, "domainPolicy", "The domain administrators have disabled Gmail apps.", "PERMISSION_DENIED"
    ),
    "insufficientPermissions": insufficient_scopes(),
    "accessNotConfigured": ApiError(
        403,
        "accessNotConfigured",
        "Gmail API has not been used in this project before or it is disabled.",
        "PERMISSION_DENIED",
        "usageLimits",
    ),
}


def usual(status: int | None, reason: str | None = None) -> Answer:
    """What the real API answers with this status, for faults that name no body.

    :param reason: which of several errors with the status 403
    """
    return (_BY_REASON[reason] if reason else _USUAL[status or 200]).answer()
