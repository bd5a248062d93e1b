# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import TransactionCase, tagged

from ..hooks import uninstall_hook
from ..scan.lease import Lease
from .common import LetterFactory

_PARAMETERS = [
    f"crm_mail_sync.{name}"
    for name in (
        "google_client_secret",
        "google_service_account",
        "google_trouble",
        "google_trouble_for_all",
        "microsoft_client_secret",
        "microsoft_certificate",
        "microsoft_trouble",
        "microsoft_trouble_for_all",
    )
]


@tagged("post_install", "-at_install")
class TestNeutralize(LetterFactory, TransactionCase):
    def setUp(self):
        super().setUp()
        self.mailbox.password = "canary"
        self.mailbox.account_address = "canary@tulips.example"
        self.mailbox._set_connected()
        self.mailbox.is_paced = True
        for name in _PARAMETERS:
            self.env["ir.config_parameter"].set_param(name, "canary")
        self.draft = self.make_mailbox(self.salesman, password="canary")
        self.env.flush_all()
        for query in get_neutralization_queries(["crm_mail_sync"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_nothing_is_scanned(self):
        self.assertEqual(self.mailbox.state, "paused")
        self.assertEqual(self.draft.state, "draft")
        self.assertFalse((self.mailbox | self.draft).filtered(lambda m: m.scan_active or m.next_run))
        self.assertIsNone(Lease(self.env).take())

    def test_no_secret_stays(self):
        for mailbox in self.mailbox | self.draft:
            self.assertFalse(mailbox.password_encrypted)
            self.assertFalse(mailbox.tested_settings)
            self.assertFalse(mailbox.has_password)

    def test_nothing_stays_of_the_accounts_and_the_apps_state(self):
        self.assertFalse(self.mailbox.account_address)
        self.assertFalse(self.mailbox.is_paced)
        parameters = self.env["ir.config_parameter"]
        self.assertFalse([name for name in _PARAMETERS if parameters.get_param(name)])

    def test_the_archive_stays(self):
        letter = self.make_letter([self.company])
        for query in get_neutralization_queries(["crm_mail_sync"]):
            self.env.cr.execute(query)
        self.assertTrue(letter.with_user(self.owner).read(["subject"]))


@tagged("post_install", "-at_install")
class TestUninstall(TransactionCase):
    def test_no_secret_stays(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("crm_mail_sync.google_client_secret", "canary")
        parameters.set_param("crm_mail_sync.microsoft_trouble", "app_invalid")
        parameters.set_param("crm_mail_sync_else.setting", "stays")
        uninstall_hook(self.env)
        self.assertFalse(parameters.search_count([("key", "=like", "crm_mail_sync.%")]))
        self.assertEqual(parameters.get_param("crm_mail_sync_else.setting"), "stays")
