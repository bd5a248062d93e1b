# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Somebody leaves, and comes back; a colleague reads on."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..scan.runner import Runner
from .common import LetterFactory
from .rematch_case import RematchCase


@tagged("post_install", "-at_install")
class TestLeaver(RematchCase):
    def test_archived_and_back_again_nothing_is_doubled(self):
        self.bring(self.anna.email, 2)
        self.scan()
        self.mailbox.password = "secret"
        self.user.active = False
        self.env.flush_all()
        self.assertEqual(self.mailbox.state, "draft")
        self.assertFalse(self.mailbox.password_encrypted)
        self.mailbox.next_run = "2026-01-01 00:00:00"
        self.cr.commit()
        runner = Runner(self.env)
        self.assertNotEqual(runner.unit.run(runner.lease.take), self.mailbox.id)
        self.assertEqual(len(self.links_of(self.anna)), 2)
        self.user.active = True
        self.assertEqual(self.mailbox.state, "draft", "it asks to be connected again")
        self.bring(self.anna.email, 1)
        self.mailbox._set_connected()
        self.scan()
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 3)
        self.assertEqual(len(self.links_of(self.anna)), 3)

    def test_a_functional_mailbox_goes_on_with_its_new_user(self):
        mailbox = self._mailbox(self.user, "info@scan-own.test")
        self.bring(self.anna.email, 2, self.servers["info@scan-own.test"])
        self.scan(mailbox)
        new = new_test_user(self.env, login="scan.new", email="new@scan-own.test")
        private = self.letters()[0]
        private.visibility = "private"
        self.user.active = False
        wizard = self.env["crm.mail.mailbox.handover"].create({"user_id": self.user.id, "colleague_id": new.id})
        self.assertEqual(wizard.functional_ids, mailbox)
        wizard.mailbox_ids = mailbox
        wizard.action_hand_over()
        self.assertEqual((mailbox.user_id, mailbox.state), (new, "draft"))
        self.assertTrue(mailbox.is_main)
        self.assertTrue(self.mailbox.is_main)
        owners = {letter: letter.with_context(active_test=False).owner_ids for letter in self.letters()}
        self.assertEqual(owners.pop(private), self.user)
        self.assertEqual(list(owners.values()), [self.user | new])
        self.bring(self.anna.email, 1, self.servers["info@scan-own.test"])
        mailbox._set_connected()
        self.scan(mailbox)
        self.assertEqual(len(self.letters()), 3)
        self.assertEqual(len(self.links_of(self.anna)), 3)

    def test_copies_of_private_letters_tell_their_new_user_nothing(self):
        mailbox = self._mailbox(self.user, "info@scan-own.test", is_main=True)
        self.bring(self.anna.email, 2, self.servers["info@scan-own.test"])
        self.scan(mailbox)
        new = new_test_user(self.env, login="scan.new", email="new@scan-own.test")
        private = self.letters()[0]
        private.visibility = "private"
        self.mailbox.is_main = True
        mailbox.write({"smtp_host": "smtp.scan-own.test", "smtp_username": "leaver", "smtp_password": "of the leaver"})
        self.assertTrue(mailbox.sudo().smtp_password_encrypted)
        mailbox._give_to(new)
        self.assertFalse(mailbox.smtp_username or mailbox.sudo().smtp_password_encrypted or mailbox.sudo().tested_smtp)
        copies = self.env["crm.mail.copy"].with_user(new).search([("email_id", "in", self.letters().ids)])
        told = {copy.email_id.id: bool(copy.subject or copy.addresses or copy.message_id) for copy in copies}
        self.assertEqual(told, {private.id: False, (self.letters() - private).id: True})
        copy = copies.filtered(lambda c: c.email_id.id == private.id)
        mailbox._set_connected()
        with self.assertRaises(AccessError):
            copy._file({"res.partner": self.acme.ids})
        mailbox._set_connected()
        self.scan(mailbox)
        self.assertEqual(len(self.letters()), 2)


@tagged("post_install", "-at_install")
class TestHandover(LetterFactory, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.letters = {
            "customer": cls.make_letter([cls.company]),
            "lead": cls.make_letter([cls.lead]),
            "nobody": cls.make_letter(),
            "private": cls.make_letter([cls.company], visibility="private"),
            "elsewhere": cls.make_letter([cls.company], company_ids=[(6, 0, elsewhere.ids)], company_id=elsewhere.id),
            "somebody_else": cls.make_letter([cls.company], owners=cls.salesman),
        }
        cls.letters["elsewhere"].company_id = elsewhere
        cls.env.flush_all()

    def hand_over(self, to, user=None, **values):
        wizards = self.env["crm.mail.mailbox.handover"].with_user(user or self.admin)
        wizard = wizards.create({"user_id": self.owner.id, "colleague_id": to.id, **values})
        count = wizard.letter_count
        wizard.action_hand_over()
        self.env.flush_all()
        return count

    def reads(self, user):
        found = self.env["crm.mail.email"].with_user(user).search([])
        return {name for name, letter in self.letters.items() if letter in found}

    def test_a_colleague_without_sales_rights_reads_what_salespeople_could(self):
        self.assertFalse(self.reads(self.clerk))
        self.owner.active = False
        self.assertEqual(self.hand_over(self.clerk), "2")
        self.assertEqual(self.reads(self.clerk), {"customer", "lead"})
        self.assertTrue(self.letters["lead"].content_ids.with_user(self.clerk).text)

    def test_leads_keep_their_salesperson_and_letters_their_owner(self):
        self.hand_over(self.clerk)
        self.assertEqual(self.lead.user_id, self.owner)
        self.assertIn(self.owner, self.letters["customer"].owner_ids)

    def test_it_leaves_a_trace_and_sends_nothing(self):
        before = self.env["mail.mail"].search_count([])
        self.hand_over(self.clerk)
        for partner in (self.owner.partner_id, self.clerk.partner_id):
            self.assertIn("2 archived emails", partner.message_ids[0].body)
            self.assertFalse(partner.message_ids[0].notification_ids)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_twice_changes_nothing(self):
        self.hand_over(self.clerk)
        self.hand_over(self.clerk)
        self.assertEqual(self.reads(self.clerk), {"customer", "lead"})

    def test_an_admin_takes_main_from_no_mailbox_to_hand_it_over(self):
        main = self.make_mailbox(self.owner, address="info@ours.example", is_main=True)
        other = self.make_mailbox(self.owner, address="draft@ours.example")
        other.with_user(self.admin).action_make_main()
        main.with_user(self.admin).action_make_main()
        self._list(main)
        with self.assertRaises(AccessError):
            other.with_user(self.admin).write({"is_main": True})
        new = self.env["crm.mail.mailbox"].with_user(self.admin)
        made = new.create({"user_id": self.owner.id, "address": "new@ours.example", "is_main": True})
        self.assertEqual((main.is_main, made.is_main), (True, False))
        with self.assertRaises(UserError):
            self.hand_over(self.clerk, mailbox_ids=[(6, 0, main.ids)])
        made.with_user(self.owner).action_make_main()
        self.hand_over(self.clerk, mailbox_ids=[(6, 0, main.ids)])
        self.assertEqual(main.user_id, self.clerk)

    def _list(self, mailbox):
        """Something was listed of it."""
        folder = self.env["crm.mail.folder"].create(
            {"mailbox_id": mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"}
        )
        values = {"mailbox_id": mailbox.id, "folder_id": folder.id, "remote_id": "1", "state": "skipped"}
        return self.env["crm.mail.copy"].create(values)

    def test_a_user_s_own_mailbox_and_a_private_one_never_go(self):
        private = self.make_mailbox(self.owner, address="info@ours.example", visibility="private")
        # An address that is not the user's log-in may be his own all the same.
        own = self.make_mailbox(self.owner, address="main@ours.example", is_main=True)
        wizard = self.env["crm.mail.mailbox.handover"].with_user(self.admin).create({"user_id": self.owner.id})
        self.assertFalse(wizard.functional_ids)
        for mailbox in (self.mailbox, private, own):
            with self.assertRaises(UserError):
                self.hand_over(self.clerk, mailbox_ids=[(6, 0, mailbox.ids)])
            self.assertEqual(mailbox.user_id, self.owner)

    def test_a_new_user_who_has_the_address_already_is_told(self):
        functional = self.make_mailbox(self.owner, address="info@ours.example")
        self.make_mailbox(self.clerk, address="info@ours.example")
        with self.assertRaisesRegex(UserError, "already"):
            self.hand_over(self.clerk, mailbox_ids=[(6, 0, functional.ids)])

    def test_only_admins_hand_over_and_only_to_internal_users(self):
        for user in (self.owner, self.salesman_all):
            with self.assertRaises(AccessError):
                self.hand_over(self.clerk, user)
        for nobody in (self.portal, self.owner, self.env["res.users"]):
            with self.assertRaises(UserError):
                self.hand_over(nobody)
