# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Exclude rules as a person meets them: what they say before they are saved, what they would have left out, and whose
they are."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, HttpCase, tagged

from .common import LetterCase, LetterFactory


@tagged("post_install", "-at_install")
class TestExcludeRules(LetterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["crm.mail.rule"]

    def _rule(self, kind, value, user=None, **values):
        rules = self.rules.with_user(user or self.owner)
        return rules.create({"kind": kind, "value": value, "user_id": (user or self.owner).id, **values})

    def test_each_rule_says_what_it_does(self):
        for kind, value, more, words in (
            ("address", "News@Acme.test", {}, "Emails that news@acme.test sends will not be archived"),
            ("domain", "https://www.Acme.test/x", {}, "which somebody at acme.test has not sent, stay"),
            ("domain", "acme.test", {"reach": "anybody"}, "as sender or as recipient"),
            ("pattern", "*@noreply.*", {}, "somebody with an address like *@noreply.*"),
            ("folder", "Customers / Old", {}, "directories named “Customers / Old”"),
            ("header", "Weekly  report", {"header": "subject"}, "“Weekly report” in the field Subject"),
            ("header", "", {"header": "list_id"}, "mailing lists"),
            ("header", "", {"header": "auto_submitted"}, "out-of-office"),
        ):
            rule = self._rule(kind, value, **more)
            self.assertIn(words, rule.meaning)
            self.assertIn("will not be archived", rule.meaning)
            self.assertIn("your own mailboxes only", rule.with_user(self.owner).meaning)
            self.assertIn("mailboxes of Letter Owner only", rule.with_user(self.clerk).sudo().meaning)

    def test_what_says_nothing_is_refused_in_words(self):
        for kind, value, words in (
            ("address", "acme.test", "a whole address"),
            ("address", "*@acme.test", "a whole address"),
            ("address", "", "a whole address"),
            ("domain", "acme", "a domain"),
            ("pattern", "*@*", "leave out everything"),
            ("pattern", "a b", "a pattern"),
            ("folder", " ", "name of a directory"),
            ("header", "", "the words"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self._rule(kind, value)

    def test_the_form_says_it_before_it_is_saved_and_goes_from_address_to_domain(self):
        form = Form(self.rules.with_user(self.clerk))
        self.assertFalse(form.meaning)
        form.value = "Anna@Acme.test"
        self.assertIn("anna@acme.test", form.meaning)
        form.kind = "domain"
        self.assertEqual(form.value, "acme.test")
        self.assertIn("somebody at acme.test", form.meaning)
        rule = form.save()
        self.assertEqual((rule.user_id, rule.value), (self.clerk, "acme.test"))

    def test_the_preview_shows_what_it_would_have_left_out_of_what_one_may_read(self):
        mine = self.make_letter([self.company])
        self.make_letter([self.company], owners=self.clerk)
        other = self.make_letter([self.company], subject="Weekly report")
        other.participant_ids.filtered(lambda p: p.role == "from").address = "bea@beta.example"
        rule = self._rule("address", "astrid@lindqvist.example")
        self.assertEqual(rule.preview_ids, mine)
        self.assertIn("Of the last 2 archived emails that you may read, it would have left out 1.", rule.preview)
        self.assertEqual(self._rule("header", "WEEKLY").preview_ids, other)
        self.assertIn("no telling", self._rule("header", "", header="list_id").preview)
        self.assertFalse(self._rule("address", "astrid@lindqvist.example", self.portal_like()).preview_ids)

    def portal_like(self):
        return self.make_user("letter_nobody")

    def test_a_companys_rule_is_previewed_on_all_that_one_may_read(self):
        letters = self.make_letter([self.company]) | self.make_letter([self.company], owners=self.clerk)
        self.make_letter(owners=self.clerk)
        manager = self.make_user("letter_manager", "sales_team.group_sale_manager")
        letters.company_id = self.env.company
        rule = self._rule("domain", "lindqvist.example", manager, user_id=False)
        self.assertEqual(rule.preview_ids, letters)

    def test_directories_and_what_waits_are_previewed_by_ones_own_mailboxes(self):
        archived = self.make_letter([self.company])
        folder = self.env["crm.mail.folder"].create(
            {"mailbox_id": self.mailbox.id, "remote_id": "P", "name": "Private", "complete_name": "INBOX / Private"}
        )
        copy = {
            "mailbox_id": self.mailbox.id,
            "folder_id": folder.id,
            "addresses": "astrid@lindqvist.example me@x.test",
        }
        self.env["crm.mail.copy"].create(
            [
                {**copy, "remote_id": "1", "state": "kept", "email_id": archived.id},
                {**copy, "remote_id": "2", "state": "pending"},
                {**copy, "remote_id": "3", "state": "pending", "addresses": "bea@beta.example"},
            ]
        )
        rule = self._rule("folder", "private")
        self.assertEqual(rule.preview_ids, archived)
        self.assertIn("Up to 2 emails that still wait", rule.preview)
        self.assertIn("Up to 1 emails", self._rule("domain", "lindqvist.example").preview)

    def test_from_a_letter_the_rule_is_filled_in_with_who_sent_it(self):
        action = self.make_letter([self.company]).with_user(self.owner).action_exclude_sender()
        rule = self.rules.with_user(self.owner).with_context(**action["context"]).new({})
        self.assertEqual(
            (rule.kind, rule.value, rule.user_id._origin), ("address", "astrid@lindqvist.example", self.owner)
        )

    def test_the_action_on_a_letter_works_for_those_who_can_only_read_it(self):
        letter = self.make_letter([self.company])
        action = self.env.ref("crm_mail_sync.crm_mail_email_action_exclude").with_user(self.owner)
        found = action.with_context(active_model="crm.mail.email", active_id=letter.id, active_ids=letter.ids).run()
        self.assertEqual(found["res_model"], "crm.mail.rule")


@tagged("post_install", "-at_install")
class TestExcludeRulesInTheBrowser(LetterFactory, HttpCase):
    def test_a_rule_is_made_from_a_letter_and_read_before_it_is_saved(self):
        self.make_letter([self.company], subject="Newest letter")
        self.start_tour("/odoo/synced-emails", "crm_mail_sync_exclude", login="letter_owner")
        rule = self.env["crm.mail.rule"].search([])
        self.assertEqual((rule.kind, rule.value, rule.user_id), ("domain", "lindqvist.example", self.owner))

    def test_a_domain_is_added_and_another_removed_on_a_customers_form(self):
        self.owner.group_ids += self.env.ref("base.group_partner_manager")
        self.company.website = "https://lindqvist-old.test"
        self.start_tour(f"/odoo/contacts/{self.company.id}", "crm_mail_sync_domains", login="letter_owner")
        self.assertEqual(
            {(d.domain, d.source) for d in self.company.mail_domain_ids},
            {("lindqvist.example", "email"), ("lindqvist.test", "manual")},
        )
