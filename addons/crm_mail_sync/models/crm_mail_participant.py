# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CrmMailParticipant(models.Model):
    """An address of a letter, found by address or by domain."""

    _name = "crm.mail.participant"
    _description = "Participant of a synced email"
    _order = "id"
    _rec_name = "address"

    email_id = fields.Many2one("crm.mail.email", required=True, index=True, ondelete="cascade", readonly=True)
    role = fields.Selection(
        [
            ("from", "From"),
            ("sender", "Sender"),
            ("reply_to", "Reply-To"),
            ("to", "To"),
            ("cc", "Cc"),
            ("bcc", "Bcc"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char(readonly=True)
    address = fields.Char(required=True, readonly=True)
    domain = fields.Char(readonly=True)

    _address_idx = models.Index("(address)")
    _domain_idx = models.Index("(domain)")
