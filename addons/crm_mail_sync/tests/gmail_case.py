# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox at the stand-in for Gmail, whose real clients talk to it."""

import tempfile
import time
from pathlib import Path

from sandbox.google import running

from ..mailsync.endpoints import GoogleEndpoints
from ..mailsync.oauth import Tokens
from ..mailsync.providers.gmail import GmailSettings, connect, connect_to_act

READONLY = "https://www.googleapis.com/auth/gmail.readonly"
MODIFY = "https://www.googleapis.com/auth/gmail.modify"
OWNER = "owner@scan-own.test"


class Account:
    """The mailbox's account at the stand-in, and the sessions with it."""

    def __init__(self, google, address):
        self.google = google
        self.address = address
        self.account = google.add_account(address)
        self.pace = ""
        self.sessions = []

    def renewed(self, _tokens):
        answer = self.google.grant(self.address, [READONLY, MODIFY])
        return Tokens(answer["access_token"], time.time() + answer["expires_in"], answer["refresh_token"])

    def session(self):
        if self.sessions:
            self.pace = self.sessions[-1].traffic.pace
        self.sessions.append(connect(self._settings(), self.google.clock.now))
        return self.sessions[-1]

    def actor(self):
        return connect_to_act(self._settings(), self.google.clock.now)

    def _settings(self):
        names = ("auth_uri", "token_uri", "revoke_uri", "api_root")
        endpoints = GoogleEndpoints(
            **{name: self.google.endpoints[name] for name in names}, ca_file=str(self.google.ca_file)
        )
        return GmailSettings(self.address, self, None, lambda tokens: None, endpoints, self.pace, 20.0)


class AtGmail:
    """For a ScanCase: its owner's mailbox is one at the stand-in, which counts no quota."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.google = cls.enterClassContext(running(Path(folder)))

    def setUp(self):
        super().setUp()
        self.gmail = self.servers[OWNER] = Account(self.google, OWNER)
        self.account = self.gmail.account
        self.addCleanup(self.google.limits.on)
        self.google.limits.off()
