# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Contacts and leads made out of a letter, filled from it and linked to it."""

from odoo import models
from odoo.exceptions import UserError


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def action_create_contact(self):
        """A contact of whom the letter was exchanged with, or the one there is; its form opens."""
        return self._create_target("res.partner")

    def action_create_lead(self):
        """A lead out of the letter, as the user's own; its form opens."""
        return self._create_target("crm.lead")

    def _create_target(self, model):
        """Make a record by the user's own rights, link the letter to it, and open it."""
        self.ensure_one()
        self.check_access("read")
        if not self._counterpart():
            raise UserError(
                self.env._("This email names nobody but ourselves: there is nothing to fill the record from.")
            )
        # There is one contact for an address.
        known = self._partners_with([self._counterpart()])[:1] if model == "res.partner" else None
        record = known or self.env[model].create(self._create_target_values(model))
        self._assign({model: record.ids}, kind="create")
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    def _create_target_values(self, model):
        """The values of a new contact or lead, from the letter."""
        address = self._counterpart()
        name = self._counterpart_name(address)
        partner = self._partners_with([address])[:1]
        company = partner.commercial_partner_id or self._company_of(address)
        if model == "res.partner":
            return {"name": name or address, "email": address, "parent_id": company.id}
        return {
            "name": self.subject or self.env._("Email from %(name)s", name=name or address),
            "partner_id": partner.id,
            "partner_name": company.name if company.is_company else False,
            "contact_name": partner.name or name,
            "email_from": partner.email or address,
            "user_id": self.env.uid,
        }

    def _counterpart_name(self, address):
        names = self.participant_ids.filtered(lambda p: p.address == address).mapped("name")
        return next((name for name in names if name), "")

    def _company_of(self, address):
        """The one company with the address's domain; nothing where several share it, or everybody does."""
        found = self._customers_at([address])
        companies = self.env["res.partner"].union(*(customer for customer, domain in found if domain == found[0][1]))
        return companies if len(companies) == 1 else companies.browse()
