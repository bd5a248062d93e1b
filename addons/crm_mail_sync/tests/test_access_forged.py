# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What no form of ours sends, but a client may: records given away, and forms with records of somebody else in them."""

from itertools import product

from odoo.tests import tagged

from .access_case import ROLES, AccessCase

_MANAGERS = frozenset({"manager", "admin"})


@tagged("post_install", "-at_install")
class TestGivenAway(AccessCase):
    """A write is checked by what becomes of the record too, not only by what it was."""

    def test_a_rule_of_ones_own_stays_ones_own(self):
        for role, values in product(ROLES, ({"user_id": False}, {"user_id": self.salesman.id})):
            rule = self._rule(self.users[role])
            written = self._write(role, rule, values)
            self.assertEqual(written, role in _MANAGERS and not values["user_id"], (role, values))

    def test_a_rule_of_the_company_becomes_nobodys_own_and_no_other_companys(self):
        for role, values in product(
            ROLES,
            ({"user_id": self.salesman.id}, {"company_id": self.elsewhere.id}, {"company_id": False}),
        ):
            written = self._write(role, self._rule(), values)
            self.assertEqual(written, role == "admin" and values == {"company_id": False}, (role, values))

    def test_a_rule_for_all_companies_is_the_admins_matter(self):
        values = {"kind": "address", "value": "x@acme.example", "user_id": False, "company_id": False}
        for role in ROLES:
            rule = self._rule(company_id=False)
            self.assertEqual(bool(self.attempt(role, "crm.mail.rule", "create", [values])), role == "admin", role)
            self.assertEqual(self._write(role, rule, {"value": "y@acme.example"}), role == "admin", role)
            self.assertEqual(bool(self.attempt(role, "crm.mail.rule", "unlink", rule.ids)), role == "admin", role)

    def test_what_holds_for_mailboxes_is_not_told_outside(self):
        for role, name in product(ROLES, ("mail_sync_visibility", "mail_sync_floor", "mail_sync_scan_since")):
            answer = self.ask(role, "res.company", "read", self.users[role].company_id.ids, [name])
            self.assertEqual(answer is None, role in ("portal", "public"), (role, name))

    def test_a_domain_goes_to_no_customer_of_another_company(self):
        customers = self.env["res.partner"].create(
            [{"name": "Elsewhere's", "company_id": self.elsewhere.id}, {"name": "Everybody's"}]
        )
        domain = self.env["crm.mail.domain"].create({"partner_id": self.company.id, "domain": "moved.example"})
        for role, customer in product(ROLES, customers):
            may = self.users[role].has_group("base.group_partner_manager") and not (
                customer.company_id and role != "elsewhere"
            )
            self.assertEqual(self._write(role, domain, {"partner_id": customer.id}), may, (role, customer.name))

    def _rule(self, user=None, **values):
        values = {"kind": "address", "value": "n@acme.example", "company_id": self.env.company.id, **values}
        return self.env["crm.mail.rule"].create({"user_id": user and user.id, **values})

    def _write(self, role, record, values):
        return bool(self.attempt(role, record._name, "write", record.ids, values))


@tagged("post_install", "-at_install")
class TestForgedForms(AccessCase):
    """What is computed on a form that is not saved goes by the user's rights, whatever the form says."""

    def test_directories_of_others_are_not_named_by_a_mailbox(self):
        folder = self.mailboxes["owner"].folder_ids
        folder.write({"check_error": "It went wrong", "selected": True})
        for role, command in product(
            ("salesman_owner", "colleague", "elsewhere"), ([4, folder.id], [6, 0, folder.ids], [1, folder.id, {}])
        ):
            form = {"user_id": self.users[role].id, "state": "up_to_date", "folder_ids": [command]}
            asked = {"folder_ids": {}, "completeness_text": {}}
            answer = self.ask(role, "crm.mail.mailbox", "onchange", [], form, ["folder_ids"], asked)
            self.assertNotIn(folder.complete_name, str(answer), (role, command))
        answer = self.ask("owner", "crm.mail.mailbox", "read", self.mailboxes["owner"].ids, ["completeness_text"])
        self.assertTrue(answer)

    def test_a_check_of_others_is_not_told_by_a_mailbox(self):
        folder = self.mailboxes["owner"].folder_ids
        told = []
        for place in ("{}", False):
            folder.write({"check_place": place, "selected": True})
            pretended = {"selected": True, "is_gone": False, "resets": 0, "check_error": False, "check_result": False}
            form = {"user_id": self.users["colleague"].id, "state": "up_to_date"}
            form["folder_ids"] = [[1, folder.id, pretended]]
            asked = {"folder_ids": {}, "completeness": {}}
            told.append(self.ask("colleague", "crm.mail.mailbox", "onchange", [], form, ["folder_ids"], asked))
        self.assertEqual(*told)

    def test_its_owner_and_the_admin_are_told_of_a_check(self):
        mailbox = self.mailboxes["owner"]
        mailbox.write({"state": "up_to_date", "check_due": False})
        mailbox.folder_ids.write({"check_place": "{}", "selected": True})
        for role in ("owner", "admin"):
            [answer] = self.ask(role, "crm.mail.mailbox", "read", mailbox.ids, ["completeness"])
            self.assertEqual(answer["completeness"], "checking")

    def test_letters_of_others_are_not_counted_before_a_mailbox_is_deleted(self):
        mailbox = self.mailboxes["owner"]
        letters = self.letters["plain_customer"] | self.letters["plain_nobody"]
        for number, letter in enumerate(letters):
            mailbox.folder_ids.env["crm.mail.copy"].create(
                {
                    "mailbox_id": mailbox.id,
                    "folder_id": mailbox.folder_ids.id,
                    "remote_id": str(number),
                    "state": "kept",
                    "email_id": letter.id,
                }
            )
        asked = {"mailbox_ids": {}, "only_text": {}, "assigned_text": {}, "shared_text": {}, "is_own": {}}
        for role in ("owner", "admin", "salesman_owner", "colleague"):
            mine = {"user_id": self.users[role].id}
            for command, names in product(([4, mailbox.id], [1, mailbox.id, mine]), (["mailbox_ids"], ["is_own"], [])):
                form = {"mailbox_ids": [command], "is_own": True}
                answer = self.ask(role, "crm.mail.mailbox.removal", "onchange", [], form, names, asked)
                shown = (answer or {}).get("value", {}).get("only_text", "0")
                if role != "owner" or names == ["mailbox_ids"]:
                    self.assertEqual(shown, "2" if role == "owner" else "0", (role, command, names))
