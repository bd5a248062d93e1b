# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person clicks who misses a letter, in a real browser."""

from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ..mailsync import search_keys
from ..mailsync.letter import Address, Head
from ..mailsync.providers.memory import MemoryMailbox
from .common import NOON, LetterFactory
from .scan_case import letter


@tagged("post_install", "-at_install")
class TestWhereIsMyLetterUi(LetterFactory, HttpCase):
    def setUp(self):
        super().setUp()
        self.box = self.make_mailbox(self.clerk)
        self.server = MemoryMailbox("Sent", "Archive")
        self.env["crm.mail.folder"]._store_listing(self.box, self.server.session().folders())
        self.box.folder_ids.filtered(lambda f: f.name == "INBOX").selected = True
        self.box._set_connected()
        self.box.write({"state": "up_to_date", "last_scan": NOON})
        connector = patch.object(
            self.registry["crm.mail.mailbox"], "_connector__", lambda _mailbox, _keep: self.server.session
        )
        connector.start()
        self.addCleanup(connector.stop)
        self.skipped = self._skipped("nobody@else.example", "Offer for the hall")

    def _skipped(self, address, subject):
        copy = self.env["crm.mail.copy"].create(
            {
                "mailbox_id": self.box.id,
                "folder_id": self.box.folder_ids.filtered("selected").id,
                "remote_id": "1.1@INBOX",
                "state": "skipped",
                "reason": "nobody_known",
                "addresses": f"{address} {self.clerk.email}",
                "received": NOON,
                "subject": subject,
                "header_key": "key",
            }
        )
        keys = search_keys.message_keys(Head(subject=subject, addresses=(Address("", address),)))
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_mail_copy SET search_keys = %s WHERE id = %s", [keys, copy.id])
        return copy

    def test_a_user_without_rights_finds_why_and_files_it(self):
        self.start_tour("/odoo/where-is-my-letter", "mail_sync_trace_skipped", login=self.clerk.login)
        self.env.invalidate_all()
        self.assertEqual((self.skipped.state, self.skipped.is_wanted), ("pending", True))
        self.assertEqual(self.skipped.wanted_targets, {"res.partner": self.company.ids})
        self.assertEqual(self.box.state, "importing")

    def test_what_is_not_found_is_looked_for_on_the_server(self):
        self.server.deliver(letter("anna@roses.example", self.clerk.email, subject="Roses for Köln"), "Archive")
        self.start_tour("/odoo/where-is-my-letter", "mail_sync_trace_server", login=self.clerk.login)
        self.env.invalidate_all()
        [copy] = self.env["crm.mail.copy"].search([("folder_id.name", "=", "Archive")])
        self.assertEqual((copy.state, copy.is_wanted), ("pending", True))
        self.assertTrue(self.box.folder_ids.filtered(lambda f: f.name == "Sent").selected)
