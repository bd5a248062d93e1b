# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the wizard says, records made out of a letter, and all of it in the browser."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .assign_case import AssignCase, StrangerCase
from .common import LetterFactory


@tagged("post_install", "-at_install")
class TestAssignWizard(AssignCase):
    def test_who_will_read_it(self):
        wizard = self.env["crm.mail.assign.wizard"].with_user(self.owner)

        def readers(letters, **targets):
            values = {name: [(6, 0, records.ids)] for name, records in targets.items()}
            return wizard.new({"email_ids": [(6, 0, letters.ids)], **values}).readers

        open_one, private = self.make_letter(), self.make_letter(visibility="private")
        self.assertEqual(readers(open_one, partner_ids=self.company), "Will be read by all salespeople.")
        self.assertEqual(
            readers(open_one, lead_ids=self.lead), "Will be read by Letter Owner and whoever sees all leads."
        )
        self.assertEqual(
            readers(private, partner_ids=self.company), "Private emails are read by their owners only, as before."
        )
        self.assertIn("no more than that part", readers(self.make_letter(visibility="event"), partner_ids=self.company))
        self.assertFalse(readers(open_one))

    def test_a_choice_of_nothing_is_refused_with_a_sentence(self):
        wizard = self.env["crm.mail.assign.wizard"].with_user(self.owner)
        with self.assertRaisesRegex(UserError, "Choose"):
            wizard.create({"email_ids": [(6, 0, self.make_letter().ids)]}).action_apply()


@tagged("post_install", "-at_install")
class TestCreating(StrangerCase):
    def make(self, letter, method, user=None):
        action = getattr(letter.with_user(user or self.owner), method)()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_a_lead_of_somebody_unknown(self):
        letter = self.letter_from("nils@nilsson.example", subject="Eight desks")
        lead = self.make(letter, "action_create_lead")
        self.assertEqual(
            (lead.name, lead.email_from, lead.contact_name, lead.user_id, lead.partner_id.id),
            ("Eight desks", "nils@nilsson.example", "Nils Nilsson", self.owner, False),
        )
        self.assertEqual(self.letters_of(lead), letter)

    def test_a_lead_of_a_customer(self):
        lead = self.make(self.letter_from("astrid@lindqvist.example"), "action_create_lead")
        self.assertEqual(lead.partner_id, self.contact)

    def test_a_contact_of_the_company_with_the_domain(self):
        self.owner.group_ids += self.env.ref("base.group_partner_manager")
        letter = self.letter_from("nils@bygg.example")
        contact = self.make(letter, "action_create_contact")
        self.assertEqual(
            (contact.name, contact.email, contact.parent_id), ("Nils Nilsson", "nils@bygg.example", self.other)
        )
        self.assertEqual(self.letters_of(contact), letter)

    def test_no_second_contact_with_the_address(self):
        letter = self.letter_from("astrid@lindqvist.example")
        self.assertEqual(self.make(letter, "action_create_contact"), self.contact)
        self.assertEqual(self.letters_of(self.contact), letter)

    def test_who_may_not_make_the_record_makes_none(self):
        letter = self.letter_from("nils@nilsson.example", owners=self.clerk)
        for method in ("action_create_contact", "action_create_lead"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.make(letter, method, self.clerk)

    def test_a_letter_between_ourselves_makes_nothing(self):
        with self.assertRaisesRegex(UserError, "nobody but ourselves"):
            self.make(self.letter_from(self.salesman.email), "action_create_lead")


@tagged("post_install", "-at_install")
class TestAssignTours(LetterFactory, HttpCase):
    def test_assign_from_the_letter_and_undo(self):
        letter = self.make_letter(subject="Harbour crane", date=fields.Datetime.now())
        self.start_tour(f"/odoo/synced-emails/{letter.id}", "crm_mail_sync_assign", login=self.owner.login)
        self.assertEqual(letter.link_ids.partner_id, self.company)

    def test_several_from_the_list(self):
        now = fields.Datetime.now()
        letters = self.make_letter(subject="Harbour crane", date=now) | self.make_letter(subject="Roof", date=now)
        self.start_tour("/odoo/synced-emails", "crm_mail_sync_assign_list", login=self.owner.login)
        self.assertEqual(letters.link_ids.lead_id, self.lead)
        self.assertEqual(len(letters.link_ids), 2)

    def test_take_off_in_the_chatter_and_undo(self):
        letter = self.make_letter([self.contact, self.company], subject="Harbour crane")
        self.start_tour(f"/odoo/contacts/{self.contact.id}", "crm_mail_sync_unassign", login=self.salesman.login)
        active = letter.link_ids.filtered(lambda link: not link.is_undone)
        self.assertEqual(active.partner_id, self.contact | self.company)

    def test_create_a_lead(self):
        letter = self.make_letter(subject="Eight desks")
        self.start_tour(f"/odoo/synced-emails/{letter.id}", "crm_mail_sync_create_lead", login=self.owner.login)
        self.assertEqual(letter.link_ids.lead_id.name, "Eight desks")
