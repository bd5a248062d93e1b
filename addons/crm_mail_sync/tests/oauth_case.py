# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""People who sign in at a provider, and their way there and back."""

import logging
from urllib.parse import parse_qs, urlsplit

import requests

from odoo.http import root

from .mailbox_case import PeopleFactory

# How long our side and the stand-in may take for one step.
_PATIENCE = 30


class NetworkGuard:
    """Mixin for test classes of Odoo that reach providers by requests."""

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        """Odoo's guard of the network knows a timeout as one number only, not as one to connect and one to read."""
        if isinstance(options.get("timeout"), tuple):
            options["timeout"] = max(options["timeout"])
        return super()._request_handler(session, request, **options)


class SignInFactory(NetworkGuard, PeopleFactory):
    """Mixin: what the tests of every provider do that people sign in at."""

    @classmethod
    def save_settings(cls, **values):
        cls.env["res.config.settings"].with_user(cls.admin).create(values).execute()

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

    Mixin for HttpCase. ``callback`` is where the provider sends it, ``filled`` what its page is sent.
    """

    callback = None

    def filled(self, account, **choice):
        raise NotImplementedError

    def press_connect(self, mailbox):
        """The page that the button leads to, at first in Odoo."""
        return mailbox.with_user(self.session.uid).action_connect()["url"]

    def to_provider(self, mailbox):
        """The address of the provider's page."""
        response = self.url_open(self.press_connect(mailbox), allow_redirects=False, timeout=_PATIENCE)
        self.assertEqual(response.status_code, 303, response.text)
        return response.headers["Location"]

    def answer(self, page, account, **choice):
        """Choose on the provider's page; the query that it sends the browser back with."""
        form = self.filled(account, **choice)
        response = requests.post(page, data=form, allow_redirects=False, timeout=_PATIENCE)
        self.assertIn(response.status_code, (302, 303), response.text)
        location = urlsplit(response.headers["Location"])
        self.assertEqual(location.path, self.callback)
        return {name: values[0] for name, values in parse_qs(location.query).items()}

    def come_back(self, answer, path=None):
        """Odoo's answer to the provider's redirect."""
        return self.url_open(path or self.callback, params=answer, allow_redirects=False, timeout=_PATIENCE)

    def connect(self, mailbox, account=None, **choice):
        """The whole way; where it ends."""
        response = self.come_back(self.answer(self.to_provider(mailbox), account or mailbox.address, **choice))
        self.assertEqual(response.status_code, 303, response.text)
        return urlsplit(response.headers["Location"]).path

    def stored_session(self):
        """What is kept of the session between two requests, as the store has it."""
        return root.session_store.get(self.session.sid)


class LinkingCase:
    """Mixin beside a Browser: Anna has logged in, and ``mailbox`` is hers and not linked yet."""

    def setUp(self):
        super().setUp()
        self.authenticate(self.anna.login, self.anna.login)
        self.mailbox = self.new_mailbox()

    def new_mailbox(self):
        """One that nobody has signed in for."""
        raise NotImplementedError

    def linked(self, mailbox=None, account=None):
        mailbox = mailbox or self.mailbox
        self.connect(mailbox, account)
        mailbox = self.stored(mailbox)
        self.assertTrue(mailbox.is_tested, mailbox.link_message or mailbox.test_message)
        return mailbox

    def submitted(self, mailbox=None, account=None):
        mailbox = self.linked(mailbox, account)
        mailbox.with_user(mailbox.user_id).action_submit()
        return self.stored(mailbox)
