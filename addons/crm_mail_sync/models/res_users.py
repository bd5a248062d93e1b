# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import email_normalize
from odoo.tools.sql import escape_psql


class ResUsers(models.Model):
    _inherit = "res.users"

    mailbox_ids = fields.One2many("crm.mail.mailbox", "user_id", string="Mailboxes")

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["mailbox_ids"]

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self._drop_mailbox_secrets()
        return result

    def unlink(self):
        self._drop_mailbox_secrets()
        return super().unlink()

    def _drop_mailbox_secrets(self):
        """Nobody's mailbox is read any more after he has left; what was archived stays."""
        mailboxes = self.env["crm.mail.mailbox"].sudo().search([("user_id", "in", self.ids)])
        mailboxes.write({"password_encrypted": False, "smtp_password_encrypted": False})
        mailboxes.action_disconnect()

    @api.model
    def _with_address(self, address):
        """Internal users whose own address this is."""
        own = ["|", ("email_normalized", "=", address), ("login", "=ilike", escape_psql(address))]
        return self.search([("share", "=", False), *own])

    def _address_to_link(self):
        """The address of a mailbox that is opened without asking the user.

        The log-in if it is one: users can change their email themselves, to somebody else's even, but not their log-in.
        """
        return email_normalize(self.login) or self.email_normalized

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
