# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The records that a letter may belong to, as they are offered to whoever assigns it."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .assign_case import StrangerCase


@tagged("post_install", "-at_install")
class TestLetterCandidates(StrangerCase):
    def candidates(self, letters, user=None):
        return letters.with_user(user or self.owner)._assign_candidates()

    def test_who_has_the_address_comes_first_with_the_reason(self):
        found = self.candidates(self.letter_from("astrid@lindqvist.example"))
        self.assertEqual(found[0], (self.contact.with_user(self.owner), "has the address astrid@lindqvist.example"))
        self.assertIn((self.company.with_user(self.owner), "the company of Astrid Lindqvist"), found)

    def test_all_leads_of_an_address_open_ones_first(self):
        won = self.env.ref("crm.stage_lead4")
        make = self.env["crm.lead"].create
        base = {"email_from": "nils@byggare.example", "user_id": self.owner.id, "type": "opportunity"}
        lost = make({**base, "name": "Lost", "active": False, "probability": 0})
        old, new = make({**base, "name": "Old"}), make({**base, "name": "New"})
        sold = make({**base, "name": "Sold", "stage_id": won.id})
        found = [record for record, _reason in self.candidates(self.letter_from("nils@byggare.example"))]
        self.assertEqual([lead.id for lead in found], (new | old | sold | lost).ids)

    def test_leads_follow_people(self):
        lead = {"name": "Roof", "email_from": "astrid@lindqvist.example", "user_id": self.owner.id}
        lead = self.env["crm.lead"].create(lead)
        found = [record.id for record, _reason in self.candidates(self.make_letter())]
        self.assertEqual(set(found[:2]), {self.contact.id, self.company.id})
        self.assertEqual(found[2:], lead.ids)

    def test_leads_are_offered_to_those_who_may_see_them(self):
        lead = self.env["crm.lead"].create(
            {"name": "Other's", "email_from": "nils@byggare.example", "user_id": self.salesman_all.id}
        )
        letter = self.letter_from("nils@byggare.example", owners=self.owner | self.clerk | self.salesman_all)
        self.assertEqual([record for record, _reason in self.candidates(letter, self.salesman_all)], [lead])
        for user in (self.owner, self.clerk):
            self.assertFalse(self.candidates(letter, user))

    def test_companies_of_the_domain_unless_it_is_everybodys(self):
        self.assertEqual(
            self.candidates(self.letter_from("nils@bygg.example")),
            [(self.other.with_user(self.owner), "same domain, bygg.example")],
        )
        self.other.email = "bygg@gmail.com"
        self.assertFalse(self.candidates(self.letter_from("nils@gmail.com")))

    def test_of_several_domains_the_most_specific_one_comes_first(self):
        letter = self.letter_from("new@eu.lindqvist.test")
        europe = self.env["res.partner"].create({"name": "Europe", "is_company": True, "website": "eu.lindqvist.test"})
        self.env["crm.mail.domain"].create({"partner_id": self.company.id, "domain": "lindqvist.test"})
        self.assertEqual([record.id for record, _reason in self.candidates(letter)], [europe.id, self.company.id])
        europe.mail_domain_ids.unlink()
        self.assertEqual([record.id for record, _reason in self.candidates(letter)], [self.company.id])

    def test_where_the_other_letters_of_the_conversation_are(self):
        first = self.letter_from("nils@byggare.example", message_id="first@byggare.example")
        first._assign({"res.partner": self.other.ids})
        reply = self.letter_from("ola@nobody.example")
        folder = self.env["crm.mail.folder"].create(
            {"mailbox_id": self.mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"}
        )
        copy = self.env["crm.mail.copy"].create(
            {
                "mailbox_id": self.mailbox.id,
                "folder_id": folder.id,
                "remote_id": "1",
                "state": "kept",
                "email_id": reply.id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_mail_copy SET thread_keys = ARRAY[crm_mail_thread_key('first@byggare.example')] WHERE id = %s",
            (copy.id,),
        )
        self.assertEqual(
            self.candidates(reply),
            [(self.other.with_user(self.owner), "other emails of this conversation are here")],
        )

    def test_what_a_letter_has_already_is_not_offered(self):
        letter = self.letter_from("astrid@lindqvist.example")
        letter._assign({"res.partner": self.contact.ids})
        self.assertNotIn(self.contact, [record for record, _reason in self.candidates(letter)])
        both = letter | self.letter_from("astrid@lindqvist.example")
        self.assertIn(self.contact.with_user(self.owner), [record for record, _reason in self.candidates(both)])

    def test_addresses_of_our_domains_are_ours_unless_they_are_a_customers(self):
        self.env.company.email = "office@byggare.example"
        for address, is_ours in (
            ("robot@ours.example", True),
            ("robot@lists.ours.example", True),
            ("robot@byggare.example", True),
            ("nils@nobody.example", False),
        ):
            letter = self.letter_from(address).with_user(self.owner)
            self.assertEqual(letter._counterpart(), "" if is_ours else address)
            self.assertEqual(letter._foreign_addresses(), [] if is_ours else [address])
            wizard = (
                self.env["crm.mail.assign.wizard"].with_user(self.owner).create({"email_ids": [(6, 0, letter.ids)]})
            )
            learned = {choice["value"] for choice in wizard.scopes} & {"address", "domain"}
            self.assertEqual(learned, set() if is_ours else {"address", "domain"}, address)
            for scope, value in (("address", address), ("domain", address.partition("@")[2])):
                if is_ours:
                    with self.assertRaisesRegex(UserError, "our own"):
                        letter._assign({"res.partner": self.other.ids}, scope=scope, learned=value)
        partner = self.env["res.partner"].create({"name": "Freelancer", "email": "free@ours.example"})
        letter = self.letter_from("free@ours.example").with_user(self.owner)
        self.assertEqual(letter._counterpart(), "free@ours.example")
        self.assertIn(partner.with_user(self.owner), [record for record, _reason in letter._assign_candidates()])
