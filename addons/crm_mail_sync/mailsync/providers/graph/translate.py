# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one place where Graph's answers become errors of ours.

Graph says what is wrong by a status and a code (https://learn.microsoft.com/graph/errors). The code is the more
exact of the two, but it is missing wherever a gateway answers in Graph's stead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import (
    ConsentMissing,
    CursorExpired,
    MailboxDisabled,
    MailboxFull,
    MailSyncError,
    MessageRefused,
    MessageTooLarge,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TokenRevoked,
)
from ...http_session import wait_of

# In lower case: the documentation writes syncStateNotFound, the service SyncStateNotFound.
_CODES: dict[str, type[MailSyncError]] = {
    "syncstatenotfound": CursorExpired,
    "syncstateinvalid": CursorExpired,
    "errorinvalidsyncstatedata": CursorExpired,
    "resyncrequired": CursorExpired,
    "mailboxnotenabledforrestapi": MailboxDisabled,
    "mailboxnotsupportedforrestapi": MailboxDisabled,
    "errornonexistentmailbox": MailboxDisabled,
    "errorinvaliduser": MailboxDisabled,
    "request_resourcenotfound": MailboxDisabled,
    "resourcenotfound": MailboxDisabled,
    "erroraccountsuspend": MailboxDisabled,
    "errormailboxmoveinprogress": ServerUnavailable,
    "mailboxinfostale": ServerUnavailable,
    "erroraccessdenied": ConsentMissing,
    "accessdenied": ConsentMissing,
    "errorsendasdenied": MessageRefused,
    "authorization_requestdenied": ConsentMissing,
    "errormessagesizeexceeded": MessageTooLarge,
    "errorquotaexceeded": MailboxFull,
    "errorinvalidrecipients": MessageRefused,
    "errormimecontentinvalid": MessageRefused,
    "errormessagesubmissionblocked": MessageRefused,
    "errorexceededmessagelimit": RateLimited,
    "applicationthrottled": RateLimited,
    "errorservicebusy": RateLimited,
}
_NOT_FOUND = frozenset({"erroritemnotfound", "errorfoldernotfound", "errorinvalididmalformed", "errorinvalidid"})
_STATUSES: dict[int, type[MailSyncError]] = {
    401: TokenRevoked,
    410: CursorExpired,
    413: MessageTooLarge,
    429: RateLimited,
    509: RateLimited,
}
# Those that pass by themselves; any other 5xx may be about what was asked for.
PASSING = frozenset({429, 503, 504, 509})


@dataclass(slots=True)
class Answer:
    """What was answered to one request, or to one part of a batch. ``body`` is JSON or text, None if there is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, from either form of Retry-After (RFC 9110 §10.2.3); None for none, or for nonsense."""
        return wait_of(next((value for name, value in self.headers.items() if name.lower() == "retry-after"), ""))

    @property
    def is_passing(self) -> bool:
        """Whether it passes by itself: the service is too busy, or says when it will be back."""
        return self.status in PASSING or (self.status >= 500 and self.retry_after is not None)

    @property
    def has_code(self) -> bool:
        """Whether an error was told by Graph; without a code a gateway answered in its stead."""
        return bool(_told(self.body)[0])


def longest(refused: Iterable[Answer]) -> Answer:
    """Of several refusals the one that asks for the longest wait."""
    return max(refused, key=lambda answer: answer.retry_after or 0.0)


def error_of(answer: Answer, missing: type[MailSyncError] = ProtocolError) -> MailSyncError:
    """The error that an answer stands for.

    :param missing: what it means that the thing asked for is not there.
    """
    codes, words = _told(answer.body)
    return _kind(answer.status, codes, missing)(
        f"status {answer.status}", server_text=_printable(words), retry_after=answer.retry_after
    )


def _kind(status: int, codes: list[str], missing: type[MailSyncError]) -> type[MailSyncError]:
    for code in codes:
        if code in _CODES:
            return _CODES[code]
        if code in _NOT_FOUND:
            return missing
    if status in _STATUSES:
        return _STATUSES[status]
    if status == 404 and codes:
        return missing
    if status == 403 and codes:
        return ConsentMissing
    # Without a code it was not Graph that answered: a gateway, a captive portal, a page of a proxy.
    return ServerUnavailable if status >= 500 or (status >= 400 and not codes) else ProtocolError


def _told(body: Any) -> tuple[list[str], str]:
    """The codes of an error body, in lower case, and its words."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return [], ""
    inner = error.get("innerError") or error.get("innererror")
    found = [error.get("code"), inner.get("code") if isinstance(inner, dict) else None]
    codes = [code.strip().lower() for code in found if isinstance(code, str) and code.strip()]
    return codes, ": ".join(str(error[key]) for key in ("code", "message") if error.get(key))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip()[:300]
