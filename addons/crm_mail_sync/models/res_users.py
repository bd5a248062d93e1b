# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    mailbox_ids = fields.One2many("crm.mail.mailbox", "user_id", string="Mailboxes")

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["mailbox_ids"]

    def action_new_mailbox(self):
        """A form for a further mailbox of this user; who may make it is the mailbox's own business."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New mailbox"),
            "res_model": "crm.mail.mailbox",
            "view_mode": "form",
            "target": "new",
            "context": {"default_user_id": self.id, "default_address": self._mailbox_address()},
        }

    def _mailbox_address(self):
        """The user's own address, unless there is a mailbox for it already."""
        address = self.email_normalized
        return False if address in self.mailbox_ids.mapped("address") else address
