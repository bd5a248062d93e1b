# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class CrmMailDomain(models.Model):
    """A customer who gets a domain gets the older letters of its people."""

    _inherit = "crm.mail.domain"

    @api.model_create_multi
    def create(self, vals_list):
        domains = super().create(vals_list)
        domains._search_older()
        return domains

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") or not {"domain", "partner_id"}.isdisjoint(vals):
            self._search_older()
        return result

    def _search_older(self):
        self.env["crm.mail.rematch"]._search_for(self.sudo().partner_id)

    @api.model
    def _refresh(self, partners):
        added = super()._refresh(partners)
        if added:
            self.env["crm.mail.rematch"]._search_for(partners)
        return added
