# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The report and what it leads to, in the browser."""

from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged

from .common import LetterFactory


@tagged("post_install", "-at_install")
class TestReportInTheBrowser(LetterFactory, HttpCase):
    def setUp(self):
        super().setUp()
        self.now = Datetime.now()  # above whatever letters there are

    def test_from_the_list_over_figures_to_a_letter(self):
        self.make_letter([self.contact], subject="Crane offer", date=self.now)
        self.start_tour("/odoo/synced-emails-report", "crm_mail_sync_report", login=self.salesman.login)

    def test_by_customer(self):
        for subject in ("Crane offer", "Roof repair"):
            self.make_letter([self.contact], subject=subject, date=self.now)
        self.make_letter([self.company], subject="Bridge", date=self.now)
        self.start_tour("/odoo/synced-emails", "crm_mail_sync_by_customer", login=self.salesman.login)

    def test_what_was_not_archived(self):
        self.mailbox._set_connected()
        folder = self.env["crm.mail.folder"].create(
            {"mailbox_id": self.mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"}
        )
        self.env["crm.mail.copy"].create(
            [
                {
                    "mailbox_id": self.mailbox.id,
                    "folder_id": folder.id,
                    "remote_id": reason,
                    "state": state,
                    "reason": reason,
                    "received": self.now,
                }
                for state, reason in (("skipped", "excluded"), ("failed", "message_unreadable"))
            ]
        )
        self.make_letter([self.contact], date=self.now)
        self.start_tour("/odoo/synced-emails", "crm_mail_sync_not_archived", login=self.owner.login)

    def test_who_waits(self):
        answered = self.env["res.partner"].create({"name": "Answered AB"})
        self.make_letter([self.contact, answered], date=self.now)
        self.make_letter([answered], date=self.now, direction="sent")
        self.start_tour("/odoo/contacts?view_type=list", "crm_mail_sync_waiting", login=self.salesman.login)
