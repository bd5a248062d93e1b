# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CrmMailEmail(models.Model):
    """A letter: an archived message, once, however many mailboxes hold it. Written in bulk by ``scan/``.

    Here is what a list shows; body, files and search text are in ``crm.mail.content``.
    """

    _name = "crm.mail.email"
    _description = "Synced email"
    _order = "date DESC, id DESC"
    _rec_name = "subject"

    identity = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    message_id = fields.Char(string="Message-ID", readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    direction = fields.Selection([("received", "Received"), ("sent", "Sent")], required=True, readonly=True)
    subject = fields.Char(readonly=True)
    email_from = fields.Char(string="From", readonly=True)
    recipients = fields.Char(string="To", readonly=True)
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
    file_count = fields.Integer(string="Files", readonly=True)
    size = fields.Integer(readonly=True, help="Bytes of the whole message.")
    visibility = fields.Selection(
        [("everything", "Colleagues"), ("private", "Only the owners")],
        required=True,
        default="everything",
        readonly=True,
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
    _message_id_idx = models.Index("(message_id) WHERE message_id IS NOT NULL")
    _pointer_idx = models.Index("(pointer_id) WHERE pointer_id IS NOT NULL")

    @api.depends("subject")
    @api.depends_context("uid")
    def _compute_display_name(self):
        # Odoo tells the names of linked records as superuser: who may not read the letter is not told its subject so.
        readable = self.sudo(False)._filtered_access("read")
        for email in self:
            subject = email.subject or self.env._("(no subject)")
            email.display_name = subject if email in readable else self.env._("Synced email")

    @api.ondelete(at_uninstall=False)
    def _delete_pointers(self):
        self.sudo().pointer_id.unlink()
        self.sudo().content_ids.unlink()
