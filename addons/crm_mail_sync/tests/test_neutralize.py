# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import TransactionCase, tagged

from ..scan.lease import Lease
from .common import LetterFactory


@tagged("post_install", "-at_install")
class TestNeutralize(LetterFactory, TransactionCase):
    def setUp(self):
        super().setUp()
        self.mailbox.password = "canary"
        self.mailbox._set_connected()
        self.draft = self.make_mailbox(self.salesman, password="canary")
        self.env.flush_all()
        for query in get_neutralization_queries(["crm_mail_sync"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()

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

    def test_the_archive_stays(self):
        letter = self.make_letter([self.company])
        for query in get_neutralization_queries(["crm_mail_sync"]):
            self.env.cr.execute(query)
        self.assertTrue(letter.with_user(self.owner).read(["subject"]))
