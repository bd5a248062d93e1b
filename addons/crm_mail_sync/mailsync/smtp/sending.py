# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session from the greeting to the good-bye, and the one place where its failures become errors of ours."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..errors import ConnectionLost, MailSyncError, ProtocolError, ServerUnavailable, readable
from ..provider import Traffic
from .handing import hand_in
from .settings import SmtpSettings
from .signin import sign_in
from .transport import Connection


def check(settings: SmtpSettings) -> None:
    """Sign in and out again; raises MailSyncError."""
    with _session(settings, Traffic()):
        pass


def send(settings: SmtpSettings, message: bytes, traffic: Traffic) -> None:
    """Hand a message in for all whom To, Cc and Bcc name, or for nobody.

    :param traffic: what it costs is added there.
    :raises MailSyncError: MessageTooLarge, MessageRefused, RecipientsRefused; after a ConnectionFailed it is not known
        whether it was taken.
    """
    with _session(settings, traffic) as connection:
        hand_in(connection, message)


@contextmanager
def _session(settings: SmtpSettings, traffic: Traffic) -> Iterator[Connection]:
    connection = Connection(settings, traffic)
    try:
        code, words = connection.open()
        if code != 220:
            raise (ServerUnavailable if 400 <= code < 600 else ProtocolError)(server_text=readable(words))
        sign_in(connection, settings)
        yield connection
        _leave(connection)
    except MailSyncError as error:
        error.is_about_sending, error.is_unsent = True, not connection.is_given
        raise
    except (smtplib.SMTPException, ValueError) as error:
        # smtplib's words may hold what we said. It reads numbers as it goes.
        told = (ConnectionLost if isinstance(error, smtplib.SMTPServerDisconnected) else ProtocolError)()
        told.is_about_sending, told.is_unsent = True, not connection.is_given
        raise told from None
    finally:
        connection.close()


def _leave(connection: Connection) -> None:
    """Whatever becomes of a good-bye, what was handed in was taken."""
    with suppress(MailSyncError, smtplib.SMTPException, ValueError):
        connection.docmd("QUIT")
