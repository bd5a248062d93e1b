# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stand-in for Google, an app registered there, and people who sign in."""

import json
import os
import tempfile
from base64 import b64encode
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from unittest.mock import patch

from sandbox import google

from .oauth_case import Browser as SignInBrowser
from .oauth_case import LinkingCase, SignInFactory

READ = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"
CALLBACK = "/crm_mail_sync/oauth/google"


class GoogleFactory(SignInFactory):
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
        names = ("auth_uri", "token_uri", "revoke_uri", "certs_uri", "api_root")
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


class Browser(SignInBrowser):
    """At Google."""

    callback = CALLBACK

    def filled(self, account, *, deny=False, scopes=(READ, SEND)):
        return {"account": account, "scope": list(scopes)} | ({"deny": "1"} if deny else {"allow": "1"})


class GmailLinkingCase(LinkingCase, Browser, GoogleFactory):
    """Mixin: a mailbox at Gmail that is to be linked."""

    def new_mailbox(self):
        return self.new_gmail()

    def committed(self):
        """What was to follow the commit of the test's own transaction."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()

    def revocations(self):
        return [record for record in self.google.requests if record.route == "revoke"]
