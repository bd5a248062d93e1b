# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A signed-in connection and its end, whatever the session is for."""

from __future__ import annotations

import imaplib

from ...errors import MailSyncError
from ...provider import Traffic
from .settings import ImapSettings
from .signin import capabilities_after
from .transport import Client
from .wire import Wire

# Seconds that a good-bye may take; nothing depends on it.
_FAREWELL = 5.0


class ImapSession:
    """What reading and acting have in common."""

    def __init__(self, client: Client, settings: ImapSettings) -> None:
        self.traffic: Traffic = client.connection.traffic
        self._client: Client | None = client
        self._timeout = settings.timeout
        self._wire = Wire(client.connection)
        try:
            self._capabilities = frozenset(capabilities_after(client, settings))
        except MailSyncError:
            client.shutdown()
            raise

    def close(self) -> None:
        """Sign out; never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            # In the middle of an answer the server would send all of it before it heard LOGOUT.
            if self._wire.is_idle:
                client.connection.socket().settimeout(min(_FAREWELL, self._timeout))
                client.logout()
        except (MailSyncError, imaplib.IMAP4.error, OSError):
            # Whatever becomes of a good-bye, the connection ends here.
            pass
        finally:
            client.shutdown()
