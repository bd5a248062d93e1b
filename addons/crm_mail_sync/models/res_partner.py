# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "crm.mail.target.mixin"]
    _mail_link_field = "partner_id"

    mail_link_ids = fields.One2many("crm.mail.link", "partner_id", string="Synced emails", groups="base.group_user")

    # Core has no index on the normalised address at all. What is longer than any address would not fit into an entry,
    # and a stranger's mail could no longer make a contact or a lead; the scan's query asks with the same condition.
    _mail_sync_email_idx = models.Index("(email_normalized) WHERE length(email_normalized) <= 320")
