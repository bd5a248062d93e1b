# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stand-in for Google, an app registered there, and people who sign in."""

import json
import logging
import os
import tempfile
from base64 import b64encode
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import requests

from odoo.http import root

from sandbox import google

from .mailbox_case import PeopleFactory

READ = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"
CALLBACK = "/crm_mail_sync/oauth/google"
# How long our side and the stand-in may take for one step.
_PATIENCE = 30


class GoogleFactory(PeopleFactory):
    """Mixin: Google with accounts for ``anna``, ``boris`` and a stranger, and the app in the settings."""

    _numbers = count(1)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="google"))
        cls.google = stack.enter_context(google.running(Path(folder)))
        at = cls.google.endpoints
        names = ("auth_uri", "token_uri", "revoke_uri", "certs_uri", "userinfo_uri", "api_root")
        places = {f"CRM_MAIL_SYNC_GOOGLE_{name.upper()}": at[name] for name in names}
        stack.enter_context(patch.dict(os.environ, places))
        cls.trust(stack, cls.google.ca_file)
        cls.set_up_app()

    def setUp(self):
        super().setUp()
        for user in (self.anna, self.boris):
            self.google.add_account(user.email, user.name, aliases=[f"alias.{user.email}"])
        self.google.add_account("stranger@gmail.com", "Stranger")
        self.google.faults.clear()
        self.google.requests.clear()

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        """Odoo's guard of the network knows a timeout as one number only, not as one to connect and one to read."""
        if isinstance(options.get("timeout"), tuple):
            options["timeout"] = max(options["timeout"])
        return super()._request_handler(session, request, **options)

    @classmethod
    def set_up_app(cls, **values):
        """What an administrator enters and saves."""
        redirect_uri = cls.env["crm.mail.app"]._redirect_uri("gmail")
        cls.google.register_client(cls.google.client_id, cls.google.client_secret, [redirect_uri])
        cls.save_settings(
            mail_sync_google_client_id=cls.google.client_id,
            mail_sync_google_client_secret=cls.google.client_secret,
            **values,
        )

    @classmethod
    def save_settings(cls, **values):
        cls.env["res.config.settings"].with_user(cls.admin).create(values).execute()

    @classmethod
    def delegate(cls, domain="tulips.example", scopes=(READ, SEND)):
        """A service account that may read everybody's mailbox of the domain."""
        # A name of its own: what is made in a test is rolled back here, and stays there.
        key = cls.google.service_account(f"sync{next(cls._numbers)}", domain=domain, scopes=scopes)
        cls.save_settings(mail_sync_google_service_account=b64encode(json.dumps(key).encode()))
        return key

    def new_gmail(self, user=None, maker=None, **values):
        """A mailbox that nobody has signed in for."""
        user = user or self.anna
        mailboxes = self.env["crm.mail.mailbox"].with_user(maker or user)
        return mailboxes.create({"user_id": user.id, "address": user.email, "provider": "gmail", **values})

    def log_all(self):
        """Whatever level the tests were started with."""
        self.addCleanup(logging.disable, logging.root.manager.disable)
        logging.disable(logging.NOTSET)

    def scan(self, mailboxes):
        """A worker's turn; due since long and free, as the clock of the test's transaction stands still."""
        mailboxes.sudo().write({"next_run": "2026-01-01 00:00:00", "lease_until": False})
        with self.enter_registry_test_mode():
            self.env.ref("crm_mail_sync.scan_worker_1").method_direct_trigger()
        return self.stored(mailboxes)

    def stored(self, mailbox):
        """The mailbox as the database has it now, with the secrets."""
        self.env.invalidate_all()
        return mailbox.with_env(self.env)


class Browser:
    """A person's way through the pages, without a browser: what is asked, answered and sent back.

    Mixin for HttpCase.
    """

    def press_connect(self, mailbox):
        """The page that the button leads to, at first in Odoo."""
        return mailbox.with_user(self.session.uid).action_connect()["url"]

    def to_provider(self, mailbox):
        """The address of the provider's page."""
        response = self.url_open(self.press_connect(mailbox), allow_redirects=False, timeout=_PATIENCE)
        self.assertEqual(response.status_code, 303, response.text)
        return response.headers["Location"]

    def answer(self, page, account, *, deny=False, scopes=(READ, SEND)):
        """Choose on the provider's page; the query that it sends the browser back with."""
        form = {"account": account, "scope": list(scopes)} | ({"deny": "1"} if deny else {"allow": "1"})
        response = requests.post(page, data=form, allow_redirects=False, timeout=_PATIENCE)
        self.assertIn(response.status_code, (302, 303), response.text)
        location = urlsplit(response.headers["Location"])
        self.assertEqual(location.path, CALLBACK)
        return {name: values[0] for name, values in parse_qs(location.query).items()}

    def come_back(self, answer, path=CALLBACK):
        """Odoo's answer to the provider's redirect."""
        return self.url_open(path, params=answer, allow_redirects=False, timeout=_PATIENCE)

    def connect(self, mailbox, account=None, **choice):
        """The whole way; where it ends."""
        response = self.come_back(self.answer(self.to_provider(mailbox), account or mailbox.address, **choice))
        self.assertEqual(response.status_code, 303, response.text)
        return urlsplit(response.headers["Location"]).path

    def stored_session(self):
        """What is kept of the session between two requests, as the store has it."""
        return root.session_store.get(self.session.sid)
