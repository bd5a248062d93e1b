# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from sandbox.services.maildir import Mail

from .mailbox_case import MailboxFactory

SUITE = "@crm_mail_sync"
LETTER = b"""From: Customer <customer@roses.example>\r
To: anna@tulips.example\r
Subject: Order\r
Date: Mon, 02 Mar 2026 09:00:00 +0000\r
Message-ID: <%d@roses.example>\r
\r
Ten roses, please.\r
"""


@tagged("post_install", "-at_install")
class TestMailboxUi(MailboxFactory, HttpCase):
    """What a user clicks, in a real browser and with a real IMAP server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Tours type address and password only.
        for name, value in (("host", "localhost"), ("port", cls.dovecot.imaps_port)):
            cls.env["ir.default"].set("crm.mail.mailbox", name, value)

    def mailboxes_of(self, user):
        self.env.invalidate_all()
        return self.env["crm.mail.mailbox"].search([("user_id", "=", user.id)])

    def scan(self, mailbox):
        """A worker's turn; due since long, as the clock of the test's transaction stands still."""
        mailbox.sudo().next_run = "2026-01-01 00:00:00"
        with self.enter_registry_test_mode():
            self.env.ref("crm_mail_sync.scan_worker_1").method_direct_trigger()

    def test_connecting_as_a_user_without_rights(self):
        self.start_tour("/odoo/my-mailboxes", "mail_sync_connect", login=self.anna.login)
        mailbox = self.mailboxes_of(self.anna)
        self.assertTrue(mailbox.is_main)
        self.assertTrue(self.folder(mailbox, "Archiv / 顧客").selected)
        self.assertEqual(len(mailbox.folder_ids.filtered("selected")), 3)
        self.assertFalse(mailbox.username)

    def test_scanning(self):
        self.dovecot.append(self.anna.email, "INBOX", [Mail(LETTER % number) for number in range(3)])
        mailbox = self.connected_mailbox()
        self.scan(mailbox)
        self.assertEqual(self.mailboxes_of(self.anna).state, "up_to_date", mailbox.error_message)
        self.start_tour("/odoo/my-mailboxes", "mail_sync_scan", login=self.anna.login)
        self.assertFalse(self.mailboxes_of(self.anna))

    def test_my_preferences(self):
        self.start_tour("/odoo/my-mailboxes", "mail_sync_preferences", login=self.anna.login)
        self.assertEqual(self.mailboxes_of(self.anna).address, "anna@tulips.example")

    def test_an_admin_connects_another_user_s_mailbox(self):
        self.start_tour("/odoo/users", "mail_sync_for_another_user", login=self.admin.login)
        self.assertEqual(self.mailboxes_of(self.boris).state, "importing")
        self.assertFalse(self.mailboxes_of(self.admin))

    def test_another_main_mailbox(self):
        self.new_mailbox(address="first@tulips.example")
        second = self.new_mailbox(address="second@tulips.example")
        self.start_tour("/odoo/my-mailboxes", "mail_sync_main", login=self.anna.login)
        self.assertEqual(self.mailboxes_of(self.anna).filtered("is_main"), second.with_env(self.env))

    def test_company_settings(self):
        self.new_mailbox()
        self.start_tour("/odoo/settings", "mail_sync_settings", login=self.admin.login)
        settings = self.env["res.config.settings"]
        self.assertTrue(settings._mail_sync_scan_all())
        self.assertEqual(settings._mail_sync_allowed_hosts(), ("mail.intranet",))


@tagged("post_install", "-at_install")
class TestComponents(HttpCase):
    def test_unit_tests_of_the_web_client(self):
        """Ours only, chosen by the hash that Odoo's test runner gives a suite's name."""
        number = 0
        for char in SUITE:
            number = ((number << 5) - number + ord(char)) & 0xFFFFFFFF
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={number:08x}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
