# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What exclude rules keep out of a scan, and what becomes of it when they change or go."""

from unittest.mock import patch

from odoo.tests import tagged

from .deciding_case import OWN, STRANGER, DecidingCase
from .scan_case import letter


@tagged("post_install", "-at_install")
class TestExcluding(DecidingCase):
    def test_a_rule_of_the_company_keeps_out_and_the_copy_says_which(self):
        rule = self.rule("domain", "@Acme-Scan.test")
        self.server.deliver(letter("anna@acme-scan.test", OWN))
        self.server.deliver(letter("lead@lead-scan.test", OWN, "anna@acme-scan.test", number=1))
        self.scan()
        copy = self.copies("skipped")
        self.assertEqual((copy.reason, copy.rule_id), ("excluded", rule))
        other = self.rule("domain", "beta-scan.test")
        for domain in ([("rule_id", "=", rule.id)], [("rule_id", "ilike", "acme-scan")]):
            self.assertEqual(self.copies().search(domain), copy)
        self.assertFalse(self.copies().search([("rule_id", "=", other.id)]))
        self.assertEqual(self.letters().email_from, "lead@lead-scan.test", "who only takes part keeps nothing out")

    def test_each_kind_of_rule(self):
        rules = [
            self.rule("address", "anna@acme-scan.test"),
            self.rule("pattern", "noreply@*"),
            self.rule("header", "weekly report", header="subject"),
            self.rule("header", "", header="auto_submitted"),
            self.rule("header", "desks", header="list_id"),
            self.rule("folder", "sent"),
        ]
        mails = [
            (letter("anna@acme-scan.test", OWN), "INBOX"),
            (letter("noreply@acme-scan.test", OWN, number=1), "INBOX"),
            (letter("info@acme-scan.test", OWN, subject="Your WEEKLY  report", number=2), "INBOX"),
            (letter("info@acme-scan.test", OWN, Auto_Submitted="auto-replied", number=3), "INBOX"),
            (letter("info@acme-scan.test", OWN, List_Id="Desks <l.acme-scan.test>", number=4), "INBOX"),
            (letter(OWN, "info@acme-scan.test", number=5), "Sent"),
        ]
        for content, folder in mails:
            self.server.deliver(content, folder)
        self.server.deliver(letter("info@acme-scan.test", OWN, subject="Kept", number=9))
        self.scan()
        self.assertEqual(self.letters().subject, "Kept")
        self.assertEqual(set(self.copies("skipped").rule_id), set(rules))

    def test_a_rule_of_ones_own_acts_on_ones_own_mailboxes_and_one_of_another_company_on_none(self):
        other_user = self.env["res.users"].create(
            {"name": "Other", "login": "scan.other", "email": "other@scan-own.test"}
        )
        other = self._mailbox(other_user, "other@scan-own.test")
        elsewhere = self.env["res.company"].create({"name": "Scan elsewhere"})
        self.addCleanup(self._remove, elsewhere)
        self.rule("address", "anna@acme-scan.test", user_id=self.user.id)
        self.rule("address", "info@acme-scan.test", company_id=elsewhere.id)
        for server in self.servers.values():
            server.deliver(letter("anna@acme-scan.test", OWN, other.address, subject="Anna"))
            server.deliver(letter("info@acme-scan.test", OWN, other.address, subject="Info", number=1))
        self.scan()
        self.assertEqual(self.letters().mapped("subject"), ["Info"])
        self.scan(other)
        self.assertEqual(set(self.letters().mapped("subject")), {"Info", "Anna"})
        self.assertEqual(self.letters().filtered(lambda e: e.subject == "Anna").owner_ids, other_user)

    def _remove(self, company):
        self.cr.rollback()
        partner = company.partner_id
        company.unlink()
        partner.unlink()
        self.cr.commit()

    def test_what_is_archived_stays_and_what_waits_is_decided_by_the_new_rule(self):
        self.server.deliver(letter("anna@acme-scan.test", OWN, subject="Before"))
        self.scan()
        self.rule("address", "anna@acme-scan.test")
        self.server.deliver(letter("anna@acme-scan.test", OWN, subject="After", number=1))
        self.copies()._set_pending()
        self.scan()
        self.assertEqual(self.letters().subject, "Before")
        self.assertEqual(self.copies("kept").email_id, self.letters())
        self.assertEqual(self.copies("skipped").reason, "excluded")

    def test_without_its_rule_a_message_is_decided_anew(self):
        rule = self.rule("domain", "acme-scan.test")
        strangers = self.rule("domain", "else-scan.test")
        for number, sender in enumerate(("anna@acme-scan.test", "info@acme-scan.test", STRANGER, STRANGER)):
            self.server.deliver(letter(sender, OWN, number=number))
        self.scan()
        self.assertEqual(self.copies().mapped("reason"), ["excluded"] * 4)
        (rule | strangers).unlink()
        received = self.server.traffic.bytes_received
        self.scan()
        self.assertEqual(len(self.letters()), 2)
        self.assertEqual(self.copies("skipped").mapped("reason"), ["nobody_known"] * 2)
        self.assertFalse(self.copies("skipped").mapped("rule_ref")[0])
        self.assertTrue(self.server.traffic.bytes_received > received)

    def test_without_its_rule_a_message_of_nobody_waits_where_all_is_scanned(self):
        rule = self.rule("domain", "else-scan.test")
        self.server.deliver(letter(STRANGER, OWN))
        self.scan()
        self.scan_all_letters()
        rule.unlink()
        self.scan()
        self.assertEqual(self.copies().reason, "scan_all")

    def test_a_reply_that_a_rule_kept_out_follows_its_thread_again(self):
        rule = self.rule("domain", "home-scan.test")
        self.server.deliver(letter("anna@acme-scan.test", OWN, message_id="<root@acme-scan.test>"))
        self.server.deliver(
            letter("anna@home-scan.test", OWN, number=1, In_Reply_To="<root@acme-scan.test>", subject="Re")
        )
        self.scan()
        self.assertEqual(len(self.letters()), 1)
        rule.unlink()
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])

    def test_a_changed_rule_is_another_and_an_unchanged_one_moves_nothing(self):
        rule = self.rule("address", "anna@acme-scan.test")
        self.server.deliver(letter("anna@acme-scan.test", OWN))
        self.server.deliver(letter("info@acme-scan.test", OWN, "third@lead-scan.test", number=1))
        self.scan()
        before = self._rows()
        rule.write({"header": "cc"})
        self.scan()
        self.assertEqual(self._rows(), before)
        rule.value = "info@acme-scan.test"
        self.scan()
        self.assertEqual(set(self.letters().mapped("email_from")), {"info@acme-scan.test", "anna@acme-scan.test"})

    def _rows(self):
        self.cr.execute("SELECT id, xmin::text FROM crm_mail_copy ORDER BY id")
        return self.cr.fetchall()

    def test_many_are_taken_back_in_batches(self):
        rule = self.rule("domain", "else-scan.test")
        for number in range(7):
            self.server.deliver(letter(STRANGER, OWN, number=number))
        self.scan()
        rule.unlink()
        self._patch("odoo.addons.crm_mail_sync.scan.taking_back.BATCH", 2)
        self.scan()
        self.assertEqual(self.copies().mapped("reason"), ["nobody_known"] * 7)

    def _patch(self, name, value):
        patcher = patch(name, value)
        patcher.start()
        self.addCleanup(patcher.stop)
