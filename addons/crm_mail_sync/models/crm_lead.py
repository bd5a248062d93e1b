# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.fields import Domain


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.mail.target.mixin"]
    _mail_link_field = "lead_id"

    mail_link_ids = fields.One2many("crm.mail.link", "lead_id", string="Synced emails", groups="base.group_user")

    # Core has a trigram index at best, and only where the extension is.
    _mail_sync_email_idx = models.Index("(email_normalized) WHERE length(email_normalized) <= 320")

    @api.model
    def _search_display_name(self, operator, value):
        """Where letters are assigned, leads are also found by who they are of; elsewhere as ever."""
        found = super()._search_display_name(operator, value)
        if not self.env.context.get("crm_mail_by_person") or operator in Domain.NEGATIVE_OPERATORS:
            return found
        people = ("email_from", "contact_name", "partner_name", "partner_id.complete_name")
        return Domain.OR([found, *(Domain(name, operator, value) for name in people)])

    def _merge_dependences(self, opportunities):
        self._take_letters_of(opportunities)
        return super()._merge_dependences(opportunities)
