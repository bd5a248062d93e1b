# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The records that a letter may belong to, as they are offered to whoever assigns it."""

from odoo.tests import tagged

from .common import LetterCase


@tagged("post_install", "-at_install")
class TestLetterCandidates(LetterCase):
    def _candidates(self, letter, user):
        return [record for record, _reason in letter.with_user(user)._assign_candidates()]

    def test_people_then_their_leads_the_liveliest_and_newest_first(self):
        lead = {"email_from": "astrid@lindqvist.example", "user_id": self.owner.id}
        lost, won, old, new = self.env["crm.lead"].create([{**lead, "name": n} for n in ("lost", "won", "old", "new")])
        lost.action_set_lost()
        won.action_set_won()
        found = self._candidates(self.make_letter(), self.owner)
        self.assertEqual(set(found[:2]), {self.contact, self.company})
        self.assertEqual(found[2:], [new, old, won, lost])

    def test_a_domain_leads_to_its_customer_the_most_specific_first(self):
        letter = self.make_letter()
        letter.participant_ids.address = "new@eu.lindqvist.test"
        europe = self.env["res.partner"].create({"name": "Europe", "is_company": True, "website": "eu.lindqvist.test"})
        self.env["crm.mail.domain"].create({"partner_id": self.company.id, "domain": "lindqvist.test"})
        self.assertEqual(self._candidates(letter, self.owner), [europe, self.company])
        europe.mail_domain_ids.unlink()
        self.assertEqual(self._candidates(letter, self.owner), [self.company])

    def test_only_what_the_reader_may_read(self):
        lead = self.env["crm.lead"].create(
            {"name": "Other's", "email_from": "astrid@lindqvist.example", "user_id": self.salesman_all.id}
        )
        letter = self.make_letter(owners=self.owner | self.clerk | self.salesman_all)
        self.assertIn(lead, self._candidates(letter, self.salesman_all))
        for user in (self.owner, self.clerk):
            self.assertFalse([record for record in self._candidates(letter, user) if record._name == "crm.lead"])
