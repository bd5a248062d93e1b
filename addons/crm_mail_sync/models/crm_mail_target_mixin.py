# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CrmMailTargetMixin(models.AbstractModel):
    """What a model gets that letters are linked to: the count of its letters, and the way to them."""

    _name = "crm.mail.target.mixin"
    _description = "Target of synced emails"

    # The column of crm.mail.link that points here.
    _mail_link_field = None

    letter_count = fields.Integer(string="Emails", compute="_compute_letter_count", groups="base.group_user")

    def _compute_letter_count(self):
        links = self.env["crm.mail.link"].sudo(False)
        counts = {}
        if links.has_access("read"):
            groups = links._read_group(
                [(self._mail_link_field, "in", self.ids), ("is_undone", "!=", True)],
                [self._mail_link_field],
                ["__count"],
            )
            counts = {target.id: count for target, count in groups}
        for target in self:
            target.letter_count = counts.get(target.id, 0)

    def action_open_letters(self):
        """The letters of this record, as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_mail_sync.crm_mail_email_action")
        return {
            **action,
            "name": self.env._("Emails of %(name)s", name=self.display_name),
            "domain": [("link_ids", "any", [(self._mail_link_field, "=", self.id), ("is_undone", "!=", True)])],
            "context": {},
        }
