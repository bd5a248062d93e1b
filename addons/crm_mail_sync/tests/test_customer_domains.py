# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The domains of customers: filled in by what a partner says, kept up to date, and a user's to change."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models import domain_filling
from .rematch_case import RematchCase


@tagged("post_install", "-at_install")
class TestCustomerDomains(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"]
        cls.acme = cls._company(website="https://www.acme-dom.test/en", email="info@acme-mail.test")

    @classmethod
    def _company(cls, **values):
        return cls.partners.create({"name": "Acme", "is_company": True, **values})

    def _domains(self, partner):
        return {d.domain: d.source for d in partner.mail_domain_ids}

    def test_website_and_email_of_a_company_tell_its_domains(self):
        self.assertEqual(self._domains(self.acme), {"acme-dom.test": "website", "acme-mail.test": "email"})

    def test_they_follow_website_and_email(self):
        self.acme.write({"website": "acme-new.test", "email": "info@acme-new.test"})
        self.assertEqual(self._domains(self.acme), {"acme-new.test": "website"})
        self.acme.website = False
        self.assertEqual(self._domains(self.acme), {"acme-new.test": "email"})
        self.acme.email = "acme@gmail.com"
        self.assertEqual(self._domains(self.acme), {})

    def test_people_tell_none_until_they_are_companies(self):
        person = self.partners.create({"name": "Hans", "email": "hans@hans-dom.test"})
        self.assertEqual(self._domains(person), {})
        person.is_company = True
        self.assertEqual(self._domains(person), {"hans-dom.test": "email"})

    def test_contacts_tell_a_domain_where_the_company_is_silent_and_they_agree(self):
        company = self._company()
        contact = {"name": "Anna", "parent_id": company.id}
        self.partners.create([{**contact, "email": "a@quiet-dom.test"}, {**contact, "email": "anna@gmail.com"}])
        self.assertEqual(self._domains(company), {"quiet-dom.test": "contacts"})
        bea = self.partners.create({**contact, "email": "b@other-dom.test"})
        self.assertEqual(self._domains(company), {}, "two domains are not clear")
        bea.parent_id = False
        self.assertEqual(self._domains(company), {"quiet-dom.test": "contacts"})
        company.email = "info@own-dom.test"
        self.assertEqual(self._domains(company), {"own-dom.test": "email"}, "what it says itself goes before")

    def test_contacts_tell_no_domain_that_another_customer_has(self):
        company = self._company()
        self.partners.create({"name": "Anna", "parent_id": company.id, "email": "anna@acme-dom.test"})
        self.assertEqual(self._domains(company), {})

    def test_one_that_is_removed_stays_away_and_can_be_entered_again(self):
        self.acme.write({"mail_domain_ids": [(2, self._record("acme-mail.test").id, 0)]})
        self.assertEqual(self._domains(self.acme), {"acme-dom.test": "website"})
        self.acme.email = "sales@acme-mail.test"
        domain_filling.fill_all(self.env)
        self.env.invalidate_all()
        self.assertEqual(self._domains(self.acme), {"acme-dom.test": "website"})
        self.acme.write({"mail_domain_ids": [(0, 0, {"domain": "acme-mail.test"})]})
        self.assertEqual(self._domains(self.acme)["acme-mail.test"], "manual")

    def test_one_entered_by_hand_stays_whatever_the_website_says(self):
        self.acme.write({"mail_domain_ids": [(0, 0, {"domain": " HTTPS://Büro-dom.test/x "})]})
        self.acme.write({"website": False, "email": False})
        self.assertEqual(self._domains(self.acme), {"xn--bro-dom-n2a.test": "manual"})
        self._record("xn--bro-dom-n2a.test").unlink()
        self.assertFalse(self.acme.with_context(active_test=False).mail_domain_ids)

    def _record(self, domain):
        return self.acme.mail_domain_ids.filtered(lambda d: d.domain == domain)

    def test_one_entered_twice_is_there_already(self):
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.acme.write({"mail_domain_ids": [(0, 0, {"domain": "acme-dom.test"})]})
            self.env.flush_all()

    def test_what_can_be_nobodys_is_refused_in_words(self):
        self.env.company.email = "info@ours-dom.test"
        self.env["ir.config_parameter"].set_param("crm_mail_sync.public_domains", "town-dom.test\nstudents-dom.test")
        for entered, words in (
            ("gmail.com", "mail provider"),
            ("inbox.lt", "mail provider"),
            ("students-dom.test", "mail provider"),
            ("ours-dom.test", "of ours"),
            ("eu.ours-dom.test", "of ours"),
            ("co.uk", "register their domains"),
            ("acme", "is no domain"),
            ("", "is no domain"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self.acme.write({"mail_domain_ids": [(0, 0, {"domain": entered})]})

    def test_neither_are_they_filled_in(self):
        self.env.company.email = "info@ours-dom.test"
        companies = self.partners.create(
            [{"name": e, "is_company": True, "email": e} for e in ("a@gmail.com", "a@ours-dom.test", "a@one.lt")]
        )
        self.assertFalse(companies.mail_domain_ids)
        self.assertFalse(self.env.company.partner_id.mail_domain_ids)

    def test_merged_customers_keep_the_domains_of_both(self):
        other = self._company(website="acme-dom.test", email="info@acme-else.test")
        other.mail_domain_ids.filtered(lambda d: d.domain == "acme-dom.test").unlink()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.acme | other).ids, self.acme)
        self.env.invalidate_all()
        self.acme.website = "https://acme-dom.test"
        self.assertEqual(set(self._domains(self.acme)), {"acme-dom.test", "acme-mail.test", "acme-else.test"})

    def test_an_import_asks_the_database_no_more_for_many_than_for_few(self):
        def queries(count):
            values = [
                {"name": f"C{n}", "is_company": True, "email": f"a@import-{count}-{n}.test"} for n in range(count)
            ]
            self.env.flush_all()
            companies = self.partners.with_context(tracking_disable=True).create(values)
            before = self.env.cr.sql_log_count
            companies._refresh_mail_domains()
            self.assertEqual(len(companies.mail_domain_ids), count)
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertEqual(queries(200), queries(2))

    def test_customers_that_are_there_before_the_addon_get_theirs(self):
        companies = self.partners.create(
            [{"name": str(n), "is_company": True, "website": f"https://before-{n}.test"} for n in range(7)]
        )
        self.env.cr.execute("DELETE FROM crm_mail_domain")
        self.patch(domain_filling, "_BATCH", 3)
        domain_filling.fill_all(self.env)
        self.env.invalidate_all()
        self.assertEqual(companies.mail_domain_ids.mapped("domain"), [f"before-{n}.test" for n in range(7)])
        self.assertEqual(self._domains(self.acme), {"acme-dom.test": "website", "acme-mail.test": "email"})


@tagged("post_install", "-at_install")
class TestDomainsEnteredLater(RematchCase):
    def test_a_domain_entered_or_told_later_gets_the_letters_of_before(self):
        self.bring("new@branch-scan.test")
        self.bring("new@eu.shop-scan.test")
        self.scan()
        self.assertFalse(self.letters())
        self.acme.mail_domain_ids = [(0, 0, {"domain": "branch-scan.test"})]
        self.acme.website = "https://shop-scan.test"
        self.work_off()
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_domain"] * 2)

    def test_one_that_was_removed_and_is_entered_again_too(self):
        self.acme.mail_domain_ids.unlink()
        self.bring("new@acme-scan.test")
        self.scan()
        self.work_off()
        self.scan()
        self.assertFalse(self.letters())
        self.acme.mail_domain_ids = [(0, 0, {"domain": "acme-scan.test"})]
        self.work_off()
        self.scan()
        self.assertEqual(list(self.links_of(self.acme).values()), ["customer_domain"])
