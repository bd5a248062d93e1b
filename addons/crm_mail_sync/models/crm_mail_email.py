# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from .visibility import LETTER_LEVELS


class CrmMailEmail(models.Model):
    """A letter: an archived message, once, however many mailboxes hold it. Written in bulk by ``scan/``.

    Here is that it happened; what it is about is in ``crm.mail.head``, what it says in ``crm.mail.content``.
    """

    _name = "crm.mail.email"
    _description = "Synced email"
    _order = "date DESC, id DESC"

    identity = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    date = fields.Datetime(required=True, readonly=True)
    direction = fields.Selection([("received", "Received"), ("sent", "Sent")], required=True, readonly=True)
    kind = fields.Selection(
        [
            ("personal", "Letter"),
            ("bulk", "Bulk mail"),
            ("automatic", "Automatic reply"),
            ("invitation", "Invitation"),
        ],
        required=True,
        default="personal",
        readonly=True,
    )
    visibility = fields.Selection(
        LETTER_LEVELS,
        required=True,
        default="private",
        readonly=True,
        help="What colleagues are shown of it: those who may see the customer or lead.",
    )
    owner_ids = fields.Many2many(
        "res.users", "crm_mail_email_owner_rel", "email_id", "user_id", string="Owners", readonly=True
    )
    company_ids = fields.Many2many("res.company", "crm_mail_email_company_rel", "email_id", "company_id", readonly=True)
    # The company that had it first; most letters have no other, and record rules then need not look into the table.
    company_id = fields.Many2one("res.company", string="First company", readonly=True)
    participant_ids = fields.One2many("crm.mail.participant", "email_id", readonly=True)
    link_ids = fields.One2many("crm.mail.link", "email_id", string="Linked to", readonly=True)
    content_ids = fields.One2many("crm.mail.content", "email_id", readonly=True)
    # Denormalised from the links for cheap record rules; the database itself keeps them true, see crm.mail.link.
    is_linked_partner = fields.Boolean(readonly=True)
    is_linked_lead = fields.Boolean(readonly=True)
    # The one mail.message that stands for the letter in chatters.
    pointer_id = fields.Many2one("mail.message", readonly=True, ondelete="set null")

    _identity_unique = models.Constraint("UNIQUE (identity)")
    _date_idx = models.Index("(date DESC, id DESC)")
    _pointer_idx = models.Index("(pointer_id) WHERE pointer_id IS NOT NULL")

    @api.ondelete(at_uninstall=False)
    def _delete_pointers(self):
        self.sudo().pointer_id.unlink()
        self.sudo().content_ids.unlink()
