# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import email_normalize


class CrmMailImageSender(models.Model):
    """A sender whose pictures on other servers are shown to a user without asking."""

    _name = "crm.mail.image.sender"
    _description = "Sender of shown pictures"
    _rec_name = "address"

    user_id = fields.Many2one(
        "res.users", required=True, ondelete="cascade", default=lambda self: self.env.user, readonly=True
    )
    address = fields.Char(required=True, readonly=True)

    _address_unique = models.Constraint("UNIQUE (user_id, address)")

    @api.model
    def _is_shown(self, address):
        domain = [("user_id", "=", self.env.uid), ("address", "=", address)]
        return bool(address and self.sudo().search_count(domain, limit=1))

    @api.model
    def _set_shown(self, address, is_shown):
        address = email_normalize(address or "")
        if not address or self._is_shown(address) == is_shown:
            return
        if is_shown:
            self.sudo().create({"user_id": self.env.uid, "address": address})
        else:
            self.sudo().search([("user_id", "=", self.env.uid), ("address", "=", address)]).unlink()
