# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stand-in for Microsoft, an app registered there, and people who sign in."""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from sandbox import microsoft

from .oauth_case import Browser as SignInBrowser
from .oauth_case import SignInFactory

TEAM = "team@tulips.example"
STRANGER = "stranger@tulips.example"


class MicrosoftFactory(SignInFactory):
    """Mixin: Microsoft with accounts for ``anna``, ``boris`` and a stranger, and the app in the settings."""

    def setUp(self):
        super().setUp()
        # Anew for each test: what is set up there is not rolled back.
        stack = ExitStack()
        self.addCleanup(stack.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="microsoft"))
        self.microsoft = stack.enter_context(microsoft.running(Path(folder)))
        at = self.microsoft.endpoints
        places = {f"CRM_MAIL_SYNC_MICROSOFT_{name.upper()}": at[name] for name in ("login", "graph")}
        stack.enter_context(patch.dict(os.environ, places))
        self.trust(stack, self.microsoft.ca_file)
        self.register_app()
        self.save_settings(
            mail_sync_microsoft_client_id=self.microsoft.client_id,
            mail_sync_microsoft_client_secret=self.microsoft.client_secret,
            mail_sync_microsoft_tenant=self.microsoft.tenant,
        )
        for user in (self.anna, self.boris):
            self.microsoft.add_account(user.email, user.name, aliases=[f"alias.{user.email}"])
        self.microsoft.add_account(STRANGER, "Stranger")

    def register_app(self, **options):
        """The app as Microsoft knows it; ``options`` as in ``Microsoft.register_app``."""
        redirect_uri = self.env["crm.mail.app"]._redirect_uri("outlook")
        return self.microsoft.register_app(
            self.microsoft.client_id, self.microsoft.client_secret, [redirect_uri], **options
        )

    def new_outlook(self, user=None, maker=None, **values):
        """A mailbox that nobody has signed in for."""
        user = user or self.anna
        mailboxes = self.env["crm.mail.mailbox"].with_user(maker or user)
        return mailboxes.create({"user_id": user.id, "address": user.email, "provider": "outlook", **values})


class Browser(SignInBrowser):
    """At Microsoft."""

    callback = "/crm_mail_sync/oauth/microsoft"

    def filled(self, account, *, deny=False):
        return {"account": account} | ({"cancel": "1"} if deny else {"accept": "1"})
