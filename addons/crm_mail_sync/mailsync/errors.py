# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Everything that can go wrong with a mailbox, as one tree.

MailSyncError
├── ConnectionFailed          HostNotFound · HostNotAllowed · ConnectionRefused · ConnectionTimedOut ·
│                             TooSlow · ConnectionLost · TlsUnavailable · EncryptionRequired · CertificateInvalid
├── SignInFailed              WrongCredentials · AppPasswordNeeded · BasicAuthDisabled · ImapDisabled ·
│                             TokenRevoked · ConsentMissing · ConsentRefused · AdminConsentNeeded ·
│                             WrongAccount · MailboxDisabled · AppInvalid
├── ServerUnavailable         RateLimited · Paced
├── ProtocolError
├── StorageUnavailable        StorageFull
├── NotPermitted
├── MailboxFull
├── SendingNotSetUp
├── CursorExpired
├── FolderError               FolderGone · FolderUnreadable · FolderUnsteady
├── SendingError              MessageRefused · RecipientsRefused
└── MessageError              MessageGone · MessageUnreadable · MessageTooLarge

Each provider translates its own failures into these in exactly one place. The texts here are for
developers; what a person reads is chosen from ``code`` by the addon, in the person's language, with
``server_text`` (the server's own words, never holding a secret) beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class MailSyncError(Exception):
    """Base of the tree; ``code`` is the stable name stored with a mailbox, a folder or a copy."""

    code: ClassVar[str] = "unknown"
    # The message that was on its way when it happened, if the provider knows.
    remote_id: str = ""
    # Whether it is about sending, at IMAP about the server that mail is sent through; and whether it is sure that
    # nothing had been sent.
    is_about_sending: bool = False
    is_unsent: bool = False

    def __init__(self, detail: str = "", *, server_text: str = "", retry_after: float | None = None) -> None:
        """:param retry_after: seconds the server asked to wait, if it said so."""
        super().__init__(detail or self.__doc__ or self.code)
        self.server_text = server_text
        self.retry_after = retry_after


def readable(text: bytes | str, secrets: Iterable[str] = ()) -> str:
    """The server's words in a form that can be stored and shown, without the secrets that it may echo."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    for secret in secrets:
        if secret:
            words = words.replace(secret, "…")
    return "".join(char if char.isprintable() else " " for char in words).strip()[:300]


class ConnectionFailed(MailSyncError):
    """The server could not be reached or the connection broke."""

    code = "connection_failed"


class HostNotFound(ConnectionFailed):
    """No server has this name."""

    code = "host_not_found"


class HostNotAllowed(ConnectionFailed):
    """The name leads to an address inside the server's own network, or the port is not one of mail."""

    code = "host_not_allowed"


class ConnectionRefused(ConnectionFailed):
    """The host answered, but nothing listens on this port."""

    code = "connection_refused"


class ConnectionTimedOut(ConnectionFailed):
    """No answer in time."""

    code = "timed_out"


class TooSlow(ConnectionTimedOut):
    """The line is too slow for what was asked: a session's time was over in the middle of an answer."""

    code = "too_slow"


class ConnectionLost(ConnectionFailed):
    """The connection ended in the middle of a conversation."""

    code = "connection_lost"


class TlsUnavailable(ConnectionFailed):
    """The server does not offer the encryption that was asked for."""

    code = "tls_unavailable"


class EncryptionRequired(ConnectionFailed):
    """An unencrypted connection is made to this machine itself only."""

    code = "encryption_required"


class CertificateInvalid(ConnectionFailed):
    """The server's certificate is not to be trusted for this name.

    ``server_text`` says what it is issued for and when it is valid.
    """

    code = "certificate_invalid"


class SignInFailed(MailSyncError):
    """The server refused the log-in; only the owner or an admin can help."""

    code = "sign_in_failed"


class WrongCredentials(SignInFailed):
    """User name or password is wrong."""

    code = "wrong_credentials"


class AppPasswordNeeded(SignInFailed):
    """The provider wants an app password instead of the account's own."""

    code = "app_password_needed"


class BasicAuthDisabled(SignInFailed):
    """The provider no longer takes passwords over IMAP."""

    code = "basic_auth_disabled"


class ImapDisabled(SignInFailed):
    """IMAP access is switched off for this account."""

    code = "imap_disabled"


class TokenRevoked(SignInFailed):
    """The grant was withdrawn or has expired."""

    code = "token_revoked"


class ConsentMissing(SignInFailed):
    """The grant lacks a permission that is needed."""

    code = "consent_missing"


class ConsentRefused(SignInFailed):
    """The person at the provider's consent page said no."""

    code = "consent_refused"


class AdminConsentNeeded(SignInFailed):
    """The organisation lets only its administrator give this consent."""

    code = "admin_consent_needed"


class WrongAccount(SignInFailed):
    """The account that signed in is not the mailbox's address; ``server_text`` is the one that came."""

    code = "wrong_account"


class MailboxDisabled(SignInFailed):
    """The account has no mailbox, or the organisation has switched this service off."""

    code = "mailbox_disabled"


class AppInvalid(SignInFailed):
    """Client id, secret, tenant or redirect address of the registered app is wrong or has expired.

    It concerns everybody whose mailbox is read through the app, and only an administrator can mend it.
    """

    code = "app_invalid"


class ServerUnavailable(MailSyncError):
    """The server says that it cannot serve now; later it may."""

    code = "server_unavailable"


class RateLimited(ServerUnavailable):
    """The server asks for fewer requests."""

    code = "rate_limited"


class Paced(ServerUnavailable):
    """The share of the provider's quota that we keep to is used up for now. The server refused nothing.

    ``retry_after`` says when there is more.
    """

    code = "paced"


class ProtocolError(MailSyncError):
    """The server's answer breaks its own protocol."""

    code = "protocol_error"


class StorageUnavailable(MailSyncError):
    """Our own file store cannot be written; it says nothing against any server or message."""

    code = "storage_unavailable"


class StorageFull(StorageUnavailable):
    """Our own disk has no room left, for files or for the database."""

    code = "storage_full"


class NotPermitted(MailSyncError):
    """The account may read here, and change nothing."""

    code = "not_permitted"


class MailboxFull(MailSyncError):
    """The mailbox has no room for another message."""

    code = "mailbox_full"


class SendingNotSetUp(MailSyncError):
    """No server is known that takes mail from this account."""

    code = "sending_not_set_up"


class SendingError(MailSyncError):
    """A message is not sent as it is; that nobody got it is sure."""

    code = "not_sent"


class MessageRefused(SendingError):
    """The server does not send this message."""

    code = "message_refused"


class RecipientsRefused(SendingError):
    """The server does not take mail for some of the recipients."""

    code = "recipients_refused"

    def __init__(self, addresses: Iterable[str] = (), *, server_text: str = "") -> None:
        super().__init__(server_text=server_text)
        self.addresses = tuple(addresses)


class CursorExpired(MailSyncError):
    """The bookmark is no longer known to the server; the folder must be listed anew."""

    code = "cursor_expired"


class FolderError(MailSyncError):
    """One folder fails, the others may go on."""

    code = "folder_error"


class FolderGone(FolderError):
    """The folder no longer exists."""

    code = "folder_gone"


class FolderUnreadable(FolderError):
    """The folder exists but cannot be opened."""

    code = "folder_unreadable"


class FolderUnsteady(FolderError):
    """The folder is numbered anew again and again (UIDVALIDITY): listing it has no end."""

    code = "folder_unsteady"


class MessageError(MailSyncError):
    """One message fails, the others go on."""

    code = "message_error"


class MessageGone(MessageError):
    """The message was deleted or moved between listing and fetching."""

    code = "message_gone"


class MessageUnreadable(MessageError):
    """The server does not hand out this message."""

    code = "message_unreadable"


class MessageTooLarge(MessageError):
    """The message is larger than what is archived."""

    code = "message_too_large"


class MessageInterrupted(MessageError):
    """Whoever read this message died of it."""

    code = "interrupted"
