# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.mail.target.mixin"]
    _mail_link_field = "lead_id"

    mail_link_ids = fields.One2many("crm.mail.link", "lead_id", string="Synced emails", groups="base.group_user")

    # Core has a trigram index at best, and only where the extension is.
    _mail_sync_email_idx = models.Index("(email_normalized) WHERE length(email_normalized) <= 320")

    def _merge_dependences(self, opportunities):
        self._take_letters_of(opportunities)
        return super()._merge_dependences(opportunities)
