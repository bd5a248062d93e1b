# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Secrets of an app, codes, verifiers and tokens go into the database encrypted or not at all, and into no log."""

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged

from .google_case import Browser, GoogleFactory
from .trace_search import TraceSearch

CANARY = "GOCSPX-canary-7f3a-kingfisher"


@tagged("post_install", "-at_install")
class TestSignInCanary(TraceSearch, Browser, GoogleFactory, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(self.anna.login, self.anna.login)

    def rpc(self, model, method, *args, user=None, **kwargs):
        self.env.invalidate_all()
        records = self.env(user=(user or self.anna).id)[model]
        try:
            return call_kw(records, method, list(args), kwargs)
        except UserError as error:
            return repr(error)

    def test_signing_in_leaves_no_trace(self):
        answers = self.enter_the_secret()
        mailbox = self.new_gmail()
        secrets = {CANARY, *self.sign_in(mailbox)}
        secrets |= self.renew(mailbox)
        answers += [
            self.rpc("crm.mail.mailbox", name, mailbox.ids) for name in ("action_submit", "action_test_connection")
        ]
        self.google.revoke(self.anna.email)
        self.scan(self.stored(mailbox))
        self.assertEqual(self.stored(mailbox).state, "sign_in")
        answers += self.read_everything(mailbox)
        self.assertGreaterEqual(len(secrets), 7)
        log = self.log()
        for expected in ("call res.config.settings", "query: ", "GET /crm_mail_sync/oauth/google", "token_revoked"):
            self.assertIn(expected, log, "the log that is searched is the whole log")
        written = [line for line in self.recorder.lines if not line.startswith(self.browsers_own())]
        for secret in secrets:
            self.assertEqual([line for line in written if secret in line], [])
            self.assertNotIn(secret, str(answers))
            self.assertEqual(self.tables_with(secret), [])

    def browsers_own(self):
        """How lines begin that the test writes in the place of a browser: of what it asks Google's page and Odoo."""
        return tuple(url.rpartition("/o/")[0] or url for url in (self.google.endpoints["auth_uri"], self.base_url()))

    def enter_the_secret(self):
        """As an administrator, in every way there is."""
        redirect_uri = self.env["crm.mail.app"]._redirect_uri("gmail")
        self.google.register_client(self.google.client_id, CANARY, [redirect_uri])
        self.addCleanup(self.set_up_app)
        values = {"mail_sync_google_client_id": self.google.client_id, "mail_sync_google_client_secret": CANARY}
        settings = "res.config.settings"
        ids = self.rpc(settings, "create", values, user=self.admin)
        shown = {"mail_sync_google_client_secret": {}}
        return [
            self.rpc(settings, "onchange", [], values, list(shown), shown, user=self.admin),
            self.rpc(settings, "web_save", [], values, shown, user=self.admin),
            self.rpc(settings, "execute", [ids], user=self.admin),
            self.rpc(settings, "default_get", list(shown), user=self.admin),
            self.rpc("ir.config_parameter", "search_read", [], ["key", "value"], user=self.admin),
        ]

    def sign_in(self, mailbox):
        """The code, what the session keeps, and the tokens."""
        page = self.to_provider(mailbox)
        [kept] = self.stored_session()["crm_mail_sync_sign_ins"].values()
        answer = self.answer(page, self.anna.email)
        self.come_back(answer)
        return {answer["code"], *map(str, kept[3].values()), *self.tokens(mailbox)}

    def renew(self, mailbox):
        """A token that has come to its end is renewed."""
        self.google.clock.advance(7_200)
        old = self.stored(mailbox)._tokens__()
        self.stored(mailbox).sudo()._store_tokens__(type(old)(old.access_token, 0.0, old.refresh_token, old.scopes))
        self.assertTrue(self.stored(mailbox).with_user(self.anna).action_test_connection())
        found = self.tokens(mailbox)
        self.assertNotIn(old.access_token, found)
        return found

    def tokens(self, mailbox):
        tokens = self.stored(mailbox).sudo()._tokens__()
        return {tokens.access_token, tokens.refresh_token}

    def read_everything(self, mailbox):
        found = []
        for user in (self.anna, self.admin):
            names = [name for name in self.rpc("crm.mail.mailbox", "fields_get", user=user) if name != "password"]
            found += [
                self.rpc("crm.mail.mailbox", "read", mailbox.ids, names, user=user),
                self.rpc("crm.mail.mailbox", "export_data", mailbox.ids, names, user=user),
                self.rpc("crm.mail.run", "search_read", [], ["error_code", "error_message"], user=user),
            ]
        return found
