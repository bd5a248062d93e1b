# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one place where an IMAP server's words become errors of ours.

Servers say what is wrong by response codes (RFC 5530) if one is lucky, else in prose. The tables are tried from
the top; what fits none is told as plainly as the situation allows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...errors import (
    AppPasswordNeeded,
    BasicAuthDisabled,
    ConsentMissing,
    FolderGone,
    ImapDisabled,
    MailboxFull,
    MailSyncError,
    MessageGone,
    MessageTooLarge,
    MessageUnreadable,
    NotPermitted,
    RateLimited,
    ServerUnavailable,
    SignInFailed,
    TlsUnavailable,
    TokenRevoked,
    WrongAccount,
    WrongCredentials,
)

Table = Sequence[tuple["re.Pattern[str]", type[MailSyncError]]]


def _table(*rows: tuple[str, type[MailSyncError]]) -> Table:
    return [(re.compile(pattern, re.IGNORECASE), error) for pattern, error in rows]


# Gmail, Dovecot, Exchange, Yahoo: too much, too often, too many at once.
_BUSY = _table(
    (r"\[(THROTTLED|OVERQUOTA|LIMIT)\]", RateLimited),
    (r"too many (simultaneous|concurrent|open)? ?connections|maximum number of connections", RateLimited),
    (r"bandwidth limit|rate limit|too many (commands|requests|logins?|login failures)|throttl", RateLimited),
    (r"\[(UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN)\]", ServerUnavailable),
    (r"temporar|try (again )?later|server error|internal error|backend|service unavailable", ServerUnavailable),
    (r"shutting down|maintenance", ServerUnavailable),
)  # fmt: skip

_SIGN_IN = _table(
    # Yandex names both in one sentence: it says nothing about IMAP.
    (r"invalid credentials or imap is disabled", WrongCredentials),
    (r"app(lication)?[- ]?(specific )?password|generate (an )?app", AppPasswordNeeded),
    (r"basic ?auth\w*[^.]{0,30}(block|disab|not (supported|allowed))|BasicAuthBlocked", BasicAuthDisabled),
    (r"\[PRIVACYREQUIRED\]|(requires?|must use|first).{0,20}(tls|ssl|encrypt)", TlsUnavailable),
    (r"not enabled for imap|imap[^.]{0,40}\b(disabled|not (enabled|allowed|permitted))", ImapDisabled),
    # Exchange, if the mailbox has no IMAP or is not the one that signed in.
    (r"authenticated but not connected", ImapDisabled),
    (r"insufficient_scope", ConsentMissing),
    (r"\[AUTHORIZATIONFAILED\]", WrongAccount),
    (r"web ?login|log in via your web|weblogin", SignInFailed),
    *[(row.pattern, error) for row, error in _BUSY],
    (r"\[(AUTHENTICATIONFAILED|EXPIRED)\]", WrongCredentials),
    (r"invalid|incorrect|wrong|denied|fail|bad (user|login|password)|unknown user", WrongCredentials),
)  # fmt: skip

# Dovecot, Cyrus, Exchange and Gmail of what they do not do.
_ACT = _table(
    (r"\[OVERQUOTA\](?!.*bandwidth)|quota exceeded|mailbox is full|over quota", MailboxFull),
    (r"\[TOOBIG\]|(message|literal)[^.]{0,30}too (large|big|long)|maximum (message )?size", MessageTooLarge),
    *[(row.pattern, error) for row, error in _BUSY],
    (r"\[(NONEXISTENT|TRYCREATE)\]", FolderGone),
)

# Providers that take nothing but app passwords, or no passwords at all, and do not say so.
_APP_PASSWORD_HOSTS = re.compile(r"(^|\.)(me\.com|icloud\.com)$", re.IGNORECASE)
_NO_PASSWORD_HOSTS = re.compile(r"(^|\.)(outlook\.com|office365\.com|hotmail\.com)$", re.IGNORECASE)

_GONE = re.compile(
    r"\[(NONEXISTENT|TRYCREATE)\]|does ?n.t exist|does not exist|unknown mailbox|no such (mailbox|folder)",
    re.IGNORECASE,
)


def sign_in_error(text: str, *, host: str, with_token: bool) -> MailSyncError:
    """Why the server refused the log-in; ``text`` is :func:`readable`."""
    kind = _first(_SIGN_IN, text) or SignInFailed
    if kind is WrongCredentials:
        if with_token:
            kind = TokenRevoked
        elif _APP_PASSWORD_HOSTS.search(host):
            kind = AppPasswordNeeded
        elif _NO_PASSWORD_HOSTS.search(host):
            kind = BasicAuthDisabled
    return kind(server_text=text)


def farewell(text: str) -> MailSyncError:
    """The server ended the session (BYE, RFC 3501 §7.1.5)."""
    return (_first(_BUSY, text) or ServerUnavailable)(server_text=text)


def refusal(text: str) -> MailSyncError | None:
    """A NO that is about the whole session rather than about what was asked, else None."""
    if _first(_ACT, text) is MailboxFull:
        return MailboxFull(server_text=text)
    kind = _first(_BUSY, text)
    return kind(server_text=text) if kind is RateLimited else None


def message_error(text: str) -> MessageUnreadable | MessageGone:
    """A NO to the fetching of one message."""
    if "[EXPUNGEISSUED]" in text.upper():
        return MessageGone(server_text=text)
    return MessageUnreadable(server_text=text)


def act_error(text: str) -> MailSyncError:
    """A NO to a change. Whatever else the server's reason is, it does not let that be done."""
    return (_first(_ACT, text) or NotPermitted)(server_text=text)


def means_gone(text: str) -> bool:
    """Whether a NO to EXAMINE says that there is no such folder."""
    return bool(_GONE.search(text))


def is_passing(text: str) -> bool:
    """Whether a NO says that it may be another matter later."""
    return _first(_BUSY, text) is not None


def _first(table: Table, text: str) -> type[MailSyncError] | None:
    return next((error for pattern, error in table if pattern.search(text)), None)
