# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What follows from a failure. Pure: (error, failures so far) → what to do; no clock, no chance, no I/O.

A failure is judged where it happened: a mailbox waits or asks its owner to sign in again, a message is tried again,
set aside or gone. Nothing here is ever given up silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .errors import (
    AppInvalid,
    CertificateInvalid,
    EncryptionRequired,
    HostNotAllowed,
    HostNotFound,
    MailSyncError,
    MessageGone,
    MessageTooLarge,
    SignInFailed,
    TlsUnavailable,
)

MailboxState = Literal["waiting", "sign_in"]
Verdict = Literal["retry", "failed", "gone"]

FIRST_DELAY = 30.0
LONGEST_DELAY = 15 * 60.0
# What only a person can mend is looked at less often, but looked at: certificates are renewed, names return.
LASTING_DELAY = 60 * 60.0
# A server may ask for patience; beyond a day it is taken for a mistake of the server.
LONGEST_RETRY_AFTER = 24 * 60 * 60.0

# A folder that was listed from its beginning so often in a row is left out (UIDVALIDITY that never stays).
FOLDER_RESETS = 5
MESSAGE_TRIES = 3

_LASTING = (HostNotAllowed, HostNotFound, TlsUnavailable, EncryptionRequired, CertificateInvalid)


@dataclass(frozen=True, slots=True)
class MailboxVerdict:
    """``delay``: seconds until the next try, None if there is none before somebody acts."""

    state: MailboxState
    delay: float | None


def after_failure(error: MailSyncError, failures: int, chance: float = 1.0) -> MailboxVerdict:
    """What becomes of a mailbox whose scan broke off.

    :param failures: failures in a row before this one.
    :param chance: drawn by the caller from [0, 1]: many mailboxes of one server must not return in step.
    """
    if isinstance(error, AppInvalid):
        # Nothing that its user could mend; it goes on when the app has been set right.
        return MailboxVerdict("waiting", None)
    if isinstance(error, SignInFailed):
        # Every further try with the same secret brings the account nearer to being locked.
        return MailboxVerdict("sign_in", None)
    longest = LASTING_DELAY if isinstance(error, _LASTING) else LONGEST_DELAY
    delay = min(FIRST_DELAY * 2.0 ** min(failures, 20), longest) * (0.5 + chance / 2)
    if error.retry_after is not None:
        # The jitter comes on top: a server's wish is never undercut.
        asked = min(max(error.retry_after, 0.0), LONGEST_RETRY_AFTER)
        delay = max(delay, asked * (1 + chance / 10))
    return MailboxVerdict("waiting", delay)


def after_message_failure(error: Exception, failures: int) -> Verdict:
    """What becomes of a message that failed ``failures`` times before.

    Takes any exception: reading and archiving a message may fail in ways that no provider knows of.
    "failed" sets it aside with its reason until somebody asks for another try.
    """
    if isinstance(error, MessageGone):
        return "gone"
    if isinstance(error, MessageTooLarge):
        return "failed"
    return "failed" if failures + 1 >= MESSAGE_TRIES else "retry"
