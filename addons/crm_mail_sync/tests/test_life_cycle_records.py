# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Customers and leads change, merge, move and go; their letters go along, and nobody new gets to see them by it."""

from odoo.tests import new_test_user, tagged

from .rematch_case import OWN, RematchCase
from .scan_case import letter

BEN = "ben@life-scan.test"


class RecordCase(RematchCase):
    def setUp(self):
        super().setUp()
        self.seller = self._seller("scan.seller")

    def _seller(self, login, **values):
        return new_test_user(
            self.env,
            login=login,
            email=f"{login}@scan-own.test",
            groups="base.group_user,base.group_partner_manager,sales_team.group_sale_salesman",
            **values,
        )

    def _lead(self, email=BEN, **values):
        return self.env["crm.lead"].create({"name": "Ben's lead", "email_from": email, "team_id": False, **values})

    def reads(self, user):
        return set(self.env["crm.mail.email"].with_user(user).search([]).mapped("subject"))

    def scan_and_work_off(self):
        self.scan()
        self.work_off()
        self.scan()


@tagged("post_install", "-at_install")
class TestLeads(RecordCase):
    def test_converted_with_a_customer_of_its_own(self):
        self.server.deliver(letter(BEN, OWN, subject="To the lead"))
        lead = self._lead(type="lead")
        self.scan_and_work_off()
        customer = self._partner(name="Ben", email=BEN)
        lead.convert_opportunity(customer)
        self.work_off()
        self.assertEqual(list(self.links_of(lead).values()), ["lead_main"])
        self.assertEqual(list(self.links_of(customer).values()), ["customer_main"])
        self.assertEqual(len(self.letters()), 1)

    def test_converted_into_a_customer_with_other_addresses(self):
        self.server.deliver(letter(self.anna.email, OWN, subject="Of the contact"))
        lead = self._lead(type="lead")
        self.scan_and_work_off()
        self.assertFalse(self.links_of(lead))
        lead.convert_opportunity(self.acme)
        self.work_off()
        self.assertEqual(list(self.links_of(lead).values()), ["lead_contact"])

    def test_converted_without_a_customer(self):
        self.bring(BEN, 2)
        lead = self._lead(type="lead")
        self.scan_and_work_off()
        lead.convert_opportunity(self.env["res.partner"])
        self.work_off()
        self.assertEqual(len(self.links_of(lead)), 2)

    def test_lost_restored_and_won(self):
        lead = self._lead(user_id=self.seller.id)
        self.bring(BEN, 2)
        self.scan()
        lead.action_set_lost()
        self.assertEqual(len(self.reads(self.seller)), 2)
        self.bring(BEN, 1)
        self.scan()
        lead.action_unarchive()
        lead.action_set_won()
        self.work_off()
        self.assertEqual(len(self.links_of(lead)), 3)
        self.assertEqual(len(lead.mail_link_ids), 3)

    def test_another_salesperson_reads_and_the_one_before_does_not(self):
        other = self._seller("scan.other")
        lead = self._lead(user_id=self.seller.id)
        self.bring(BEN)
        self.scan()
        self.assertTrue(self.reads(self.seller))
        self.assertFalse(self.reads(other))
        lead.user_id = other
        self.assertFalse(self.reads(self.seller))
        self.assertTrue(self.reads(other))

    def test_another_company_shows_it_to_nobody_new(self):
        company = self.env["res.company"].create({"name": "Other scan.test"})
        self.addCleanup(self._drop_company, company)
        elsewhere = self._seller("scan.elsewhere", company_id=company.id, company_ids=[(6, 0, company.ids)])
        lead = self._lead()
        self.bring(BEN)
        self.scan()
        lead.write({"company_id": company.id})
        self.work_off()
        self.env.flush_all()
        self.assertFalse(self.reads(elsewhere))
        self.assertFalse(self.reads(self.seller), "the lead is not his company's any more")
        self.assertTrue(self.reads(self.user))
        customer = self._partner(name="Ben", email=BEN)
        self.work_off()
        customer.company_id = company
        self.work_off()
        self.env.flush_all()
        self.assertFalse(self.reads(elsewhere))
        self.assertEqual(len(self.links_of(customer)), 1)

    def test_merged_leads_keep_reasons_and_what_was_undone(self):
        first, second = self._lead("a@life-scan.test"), self._lead("b@life-scan.test")
        self.server.deliver(letter("a@life-scan.test", OWN, "b@life-scan.test", subject="Both"))
        self.server.deliver(letter("b@life-scan.test", OWN, subject="Second", number=2))
        self.server.deliver(letter("b@life-scan.test", OWN, subject="Undone", number=3))
        self.scan()
        undone = second.mail_link_ids.filtered(lambda k: k.email_id.subject == "Undone")
        undone.is_undone = True
        self.env.flush_all()
        merged = (first | second).merge_opportunity()
        self.work_off()
        links = {k.email_id.subject: (k.reason, bool(k.is_undone)) for k in merged.mail_link_ids}
        self.assertEqual(
            links, {"Both": ("lead_main", False), "Second": ("lead_main", False), "Undone": ("lead_main", True)}
        )
        self.assertEqual(len(merged.mail_link_ids), 3)

    def _drop_company(self, company):
        self.cr.rollback()
        self.env["crm.lead"].search([("company_id", "=", company.id)]).unlink()
        self.env["res.partner"].search([("company_id", "=", company.id)]).company_id = False
        self.env["res.users"].search([("company_id", "=", company.id)]).unlink()
        partner = company.partner_id
        company.unlink()
        partner.unlink()
        self.cr.commit()


@tagged("post_install", "-at_install")
class TestPartners(RecordCase):
    def test_merged_with_contacts_and_leads(self):
        self.server.deliver(letter(BEN, OWN, self.acme.email, subject="Both"))
        self.server.deliver(letter(BEN, OWN, subject="Ben's", number=2))
        ben = self._partner(name="Ben", email=BEN)
        lead = self._lead(partner_id=ben.id)
        self.scan_and_work_off()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((ben | self.acme).ids, self.acme)
        self.work_off()
        self.assertEqual(lead.partner_id, self.acme)
        self.assertEqual({k.subject for k in self.links_of(self.acme)}, {"Both", "Ben's"})
        self.assertEqual(len(self.acme.mail_link_ids), 2)
        self.assertEqual(len(self.links_of(lead)), 2)

    def test_archived_it_keeps_its_letters_and_gets_no_more(self):
        ben = self._partner(name="Ben", email=BEN)
        self.server.deliver(letter(BEN, OWN, message_id="<one@life.test>"))
        self.scan()
        ben.active = False
        self.bring(BEN)
        self.server.deliver(letter("cleo@unknown-scan.test", OWN, number=5, In_Reply_To="<one@life.test>"))
        self.scan()
        self.assertEqual(len(self.links_of(ben)), 1)
        self.assertTrue(self.reads(self.seller))
        ben.active = True
        self.work_off()
        self.scan()
        self.assertEqual(len(self.links_of(ben)), 2)

    def test_deleted_its_letters_stay_with_their_owners(self):
        ben = self._partner(name="Ben", email=BEN)
        self.server.deliver(letter(BEN, OWN, subject="Ben's"))
        self.server.deliver(letter(BEN, OWN, self.acme.email, subject="Both", number=2))
        self.scan()
        ben.unlink()
        self.env.flush_all()
        self.assertEqual(self.reads(self.seller), {"Both"})
        self.assertEqual(self.reads(self.user), {"Both", "Ben's"})
        self.assertEqual(len(self.links_of(self.acme)), 1)

    def test_deleted_with_its_contacts_too(self):
        self.server.deliver(letter(self.anna.email, OWN, subject="Anna's"))
        self.scan()
        self.anna.unlink()
        self.env.flush_all()
        self.assertEqual(list(self.links_of(self.acme).values()), ["customer_contact"])

    def test_a_contact_that_moves_takes_his_letters_along_and_leaves_them_too(self):
        self.bring(self.anna.email, 2)
        self.scan()
        new = self._partner(name="New employer", is_company=True)
        self.anna.parent_id = new
        self.work_off()
        self.assertEqual(set(self.links_of(new).values()), {"customer_contact"})
        self.assertEqual(len(self.links_of(new)), 2)
        self.assertEqual(len(self.links_of(self.acme)), 2)
        self.assertEqual(len(self.links_of(self.anna)), 2)
        self.server.deliver(letter(self.anna.email, OWN, number=9))
        self.scan()
        self.assertEqual(len(self.links_of(new)), 3)
        self.assertEqual(len(self.links_of(self.acme)), 2)

    def test_a_link_undone_at_the_old_company_is_the_new_one_s_to_decide(self):
        self.bring(self.anna.email)
        self.scan()
        self.acme.mail_link_ids.is_undone = True
        self.anna.mail_link_ids.is_undone = True
        new = self._partner(name="New employer", is_company=True)
        self.anna.parent_id = new
        self.work_off()
        self.assertTrue(all(self.anna.mail_link_ids.mapped("is_undone")))
        self.assertEqual(len(self.links_of(new)), 1)
