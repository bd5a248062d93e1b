# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a form never sends, but a client may: records given away by a write, forms with somebody else's records in them."""

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
