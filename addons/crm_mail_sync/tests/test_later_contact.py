# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whoever is entered later gets his older letters, those archived and those skipped."""

from unittest.mock import patch

from odoo.tests import tagged

from ..scan import older_letters
from .rematch_case import OWN, RematchCase
from .scan_case import letter

BEN = "ben@later-scan.test"


@tagged("post_install", "-at_install")
class TestSkippedLetters(RematchCase):
    def test_a_contact_entered_later_gets_what_was_skipped(self):
        self.bring(BEN, 3)
        self.bring("else@nobody-scan.test")
        self.scan()
        self.assertFalse(self.letters())
        ben = self._partner(name="Ben", email="Ben@Later-Scan.test")
        self.work_off()
        self.assertEqual(len(self.copies("pending")), 3)
        self.scan()
        self.assertEqual(set(self.links_of(ben).values()), {"customer_main"})
        self.assertEqual(len(self.links_of(ben)), 3)
        self.assertEqual(len(self.copies("skipped")), 1)

    def test_a_company_gets_what_its_domain_sent(self):
        self.bring("any@later-scan.test", 2)
        self.scan()
        company = self._partner(name="Later", email="info@later-scan.test", is_company=True)
        self.work_off()
        self.scan()
        self.assertEqual(set(self.links_of(company).values()), {"customer_domain"})

    def test_a_domain_entered_later_brings_what_its_people_sent(self):
        self.bring("any@branch.later-scan.test", 2)
        self.bring("any@notlater-scan.test")
        self.scan()
        domain = self.env["crm.mail.domain"].create({"partner_id": self.acme.id, "domain": "later-scan.test"})
        self.work_off()
        self.scan()
        self.assertEqual(list(self.links_of(self.acme).values()), ["customer_domain"] * 2)
        domain.unlink()

    def test_a_website_entered_later_too(self):
        self.bring("any@later-scan.test")
        self.scan()
        company = self._partner(name="Later", is_company=True)
        self.work_off()
        company.website = "https://www.later-scan.test"
        self.work_off()
        self.scan()
        self.assertEqual(list(self.links_of(company).values()), ["customer_domain"])

    def test_a_lead_gets_what_was_skipped(self):
        self.bring(BEN)
        self.scan()
        lead = self.env["crm.lead"].create({"name": "Later", "email_from": BEN})
        self.work_off()
        self.scan()
        self.assertEqual(list(self.links_of(lead).values()), ["lead_main"])

    def test_replies_of_unknown_people_come_with_the_letter_they_answer(self):
        self.server.deliver(letter(BEN, OWN, message_id="<first@later.test>"))
        self.server.deliver(letter("cleo@unknown-scan.test", OWN, number=5, In_Reply_To="<first@later.test>"))
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.scan()
        self.scan()
        self.assertEqual(set(self.links_of(ben).values()), {"customer_main", "thread"})

    def test_the_mailbox_is_scanned_at_once(self):
        self.bring(BEN)
        self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date")
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(self.mailbox.state, "importing")

    def test_who_waits_to_sign_in_is_not_called(self):
        self.bring(BEN)
        self.scan()
        self.mailbox.write({"state": "sign_in", "next_run": False})
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(self.mailbox.state, "sign_in")
        self.assertFalse(self.mailbox.next_run)
        self.assertEqual(len(self.copies("pending")), 1)
        self.assertFalse(self.searches(), "nothing is waited for that only its user can bring about")

    def test_what_was_removed_from_the_mailbox_stays_skipped(self):
        self.bring(BEN)
        self.scan()
        self.copies().is_removed = True
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))

    def test_a_switch_that_is_off_stays_off(self):
        self.mailbox.sync_clients = False
        self.bring(BEN)
        self.scan()
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))

    def test_a_contact_of_another_company_brings_nothing(self):
        self.bring(BEN)
        self.scan()
        other = self.env["res.company"].create({"name": "Other scan.test"})
        self.addCleanup(self._drop, other)
        self._partner(name="Ben", email=BEN, company_id=other.id)
        self.work_off()
        self.assertFalse(self.copies("pending"))

    def _drop(self, company):
        self.records.write({"company_id": False})
        self.env["res.partner"].search([("company_id", "=", company.id)]).company_id = False
        partner = company.partner_id
        company.unlink()
        partner.unlink()
        self.cr.commit()


@tagged("post_install", "-at_install")
class TestArchivedLetters(RematchCase):
    def setUp(self):
        super().setUp()
        self.scan_all_letters()

    def test_letters_of_nobody_are_linked_without_asking_the_server(self):
        self.bring(BEN, 3)
        self.scan()
        self.assertEqual(len(self.letters()), 3)
        self.assertFalse(any(self.letters().mapped("is_linked_partner")))
        self.servers.clear()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(set(self.links_of(ben).values()), {"customer_main"})
        self.assertEqual(self.letters().mapped("is_linked_partner"), [True] * 3)
        self.assertFalse(self.searches())

    def test_letters_of_another_customer_are_linked_too(self):
        self.server.deliver(letter(self.anna.email, OWN, BEN))
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(list(self.links_of(ben).values()), ["customer_main"])
        self.assertEqual(list(self.links_of(self.anna).values()), ["customer_contact"])

    def test_letters_of_a_domain_entered_later_and_of_those_below_it_are_linked(self):
        self.bring("any@branch.later-scan.test", 2)
        self.bring("any@notlater-scan.test")
        self.scan()
        company = self._partner(name="Later", is_company=True, email="info@later-scan.test")
        self.work_off()
        self.assertEqual(list(self.links_of(company).values()), ["customer_domain"] * 2)

    def test_twice_the_same_makes_no_second_link(self):
        self.bring(BEN, 2)
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.env["crm.mail.rematch"]._search_for(ben)
        self.work_off()
        self.assertEqual(len(ben.mail_link_ids), 2)

    def test_what_was_undone_stays_undone(self):
        self.bring(BEN, 2)
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        ben.mail_link_ids[0].is_undone = True
        self.env.flush_all()
        self.env["crm.mail.rematch"]._search_for(ben)
        self.work_off()
        self.assertEqual(sorted(ben.mail_link_ids.mapped("is_undone")), [False, True])

    def test_a_second_lead_leaves_the_first_one_its_letters(self):
        self.bring(self.lead.email_from, 2)
        self.scan()
        second = self.env["crm.lead"].create({"name": "Second", "email_from": self.lead.email_from})
        self.work_off()
        self.assertEqual(len(self.links_of(self.lead)), 2)
        self.assertFalse(self.links_of(second))
        self.bring(self.lead.email_from, 1)
        self.scan()
        self.assertEqual(len(self.links_of(second)), 1, "a new letter goes to the newest lead")

    def test_an_address_changed_twice_is_looked_for_as_it_is_in_the_end(self):
        self.bring(BEN)
        self.bring("wrong@later-scan.test")
        self.bring("old@later-scan.test")
        self.scan()
        ben = self._partner(name="Ben", email="old@later-scan.test")
        self.work_off()
        ben.email = "wrong@later-scan.test"
        self.cr.commit()
        ben.email = BEN
        self.work_off()
        self.assertEqual(set(ben.mail_link_ids.email_id.mapped("email_from")), {"old@later-scan.test", BEN})

    def test_an_address_changed_while_a_worker_claims_is_not_forgotten(self):
        self.bring(BEN)
        self.scan()
        ben = self._partner(name="Ben", email="wrong@later-scan.test")
        self.cr.commit()
        with self.registry.cursor() as cr:
            self.env(cr=cr)["res.partner"].browse(ben.id).email = BEN
            self.env(cr=cr).flush_all()
            # The row that waits is locked by whoever changes its record.
            self.work_off()
            cr.commit()
        self.work_off()
        self.assertEqual(len(self.links_of(ben)), 1)

    def test_nothing_is_asked_for_a_change_that_is_none(self):
        self._partner(name="Ben", email=BEN)
        self.work_off()
        partner = self.env["res.partner"].search([("email", "=", BEN)])
        partner.write({"email": BEN, "name": "Benjamin", "active": True})
        self.assertFalse(self.searches())

    def test_unarchived_again_it_gets_what_came_meanwhile(self):
        ben = self._partner(name="Ben", email=BEN)
        ben.active = False
        self.work_off()
        self.bring(BEN)
        self.scan()
        self.assertFalse(self.links_of(ben))
        ben.active = True
        self.work_off()
        self.assertEqual(len(self.links_of(ben)), 1)

    def test_letters_of_a_public_provider_are_not_looked_through(self):
        self.bring("somebody@gmail.com", 2)
        self.scan()
        shop = self._partner(name="Shop", email="shop@gmail.com", is_company=True)
        self.cr.commit()
        with patch.object(older_letters.OlderLetters, "handle", side_effect=AssertionError):
            self.work_off()
        self.assertFalse(self.links_of(shop))

    def test_a_thousand_addresses_in_one_create(self):
        self.bring("p7@many-scan.test")
        self.bring("p999@many-scan.test")
        self.scan()
        partners = self.env["res.partner"]
        values = [{"name": f"P {n}", "email": f"p{n}@many-scan.test"} for n in range(1000)]
        self.records |= partners.create({"name": "The first fills caches", "email": "p@many-scan.test"})
        before = self.cr.sql_log_count
        partners = partners.create(values)
        self.env.flush_all()
        self.records |= partners
        with patch.object(type(self.env["crm.mail.rematch"]), "_search_for", lambda *_args: None):
            between = self.cr.sql_log_count
            self.records |= partners.create([{**v, "email": f"x{v['email']}"} for v in values])
            self.env.flush_all()
        cost = (between - before) - (self.cr.sql_log_count - between)
        self.assertLess(cost, 20, "it costs a create as good as nothing")
        self.assertEqual(len(self.searches()), 1001)
        self.work_off()
        self.assertEqual(len(partners.mail_link_ids), 2)
        self.assertFalse(self.searches())
