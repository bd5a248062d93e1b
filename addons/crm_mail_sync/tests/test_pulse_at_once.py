# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When customers wrote last, with two transactions that change it at once."""

from datetime import timedelta

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from .scan_case import START, ScanCase, letter

OWN = "owner@scan-own.test"


@tagged("post_install", "-at_install")
class TestPulseAtOnce(ScanCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.env.cr.execute, "DELETE FROM crm_mail_pulse_check")

    def send(self, minutes):
        date = START + timedelta(minutes=minutes)
        self.server.deliver(letter(OWN, "anna@acme-scan.test", number=minutes), "Sent", received=date.timestamp())
        self.scan()
        return date.replace(tzinfo=None)

    def last_out(self):
        self.env.invalidate_all()
        return self.anna.with_user(self.user).last_letter_out

    def test_the_newest_is_undone_while_an_older_one_is_archived(self):
        newest = self.send(5)
        self.assertEqual(self.last_out(), newest)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["crm.mail.link"].search([]).is_undone = True
            env.flush_all()
            older = self.send(3)
            self.assertEqual(self.last_out(), newest)
        self.cr.commit()
        links = self.env["crm.mail.link"]
        links._cron_check_pulse()
        self.assertFalse(self.last_out(), "neither of them saw the other")
        self.cr.execute("UPDATE crm_mail_pulse_check SET noted = noted - interval '1 hour'")
        links._cron_check_pulse()
        self.assertEqual(self.last_out(), older)
        self.cr.execute("SELECT count(*) FROM crm_mail_pulse_check")
        self.assertEqual(self.cr.fetchone()[0], 0)
