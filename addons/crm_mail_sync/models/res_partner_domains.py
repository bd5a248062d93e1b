# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

# What domains are told by.
_TELLING = frozenset({"email", "website", "parent_id", "is_company", "company_type", "active"})


class ResPartner(models.Model):
    _inherit = "res.partner"

    mail_domain_ids = fields.One2many(
        "crm.mail.domain",
        "partner_id",
        string="Email domains",
        groups="base.group_user",
        copy=False,
        help="Letters from and to addresses of these domains belong to this customer.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        telling = partners.filtered(lambda p: p.email or p.website)
        telling.commercial_partner_id._refresh_mail_domains()
        return partners

    def write(self, vals):
        if _TELLING.isdisjoint(vals):
            return super().write(vals)
        before = self.commercial_partner_id
        result = super().write(vals)
        (before | self.commercial_partner_id).exists()._refresh_mail_domains()
        return result

    def _refresh_mail_domains(self):
        if self:
            self.env["crm.mail.domain"].sudo()._refresh(self.sudo())
