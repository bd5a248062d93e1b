# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from . import item_tables


class CrmMailItem(models.Model):
    """A message of a Main mailbox as the app Email lists it: one row a copy, written in bulk by ``scan/``.

    Only the mailbox's owner sees it. What it is about is here for him, whether the letter is archived or not.
    """

    _name = "crm.mail.item"
    _description = "Message in the app Email"
    _order = "received DESC, id DESC"
    _rec_name = "copy_id"

    mailbox_id = fields.Many2one("crm.mail.mailbox", required=True, readonly=True, ondelete="cascade")
    copy_id = fields.Many2one("crm.mail.copy", required=True, readonly=True, ondelete="cascade")
    received = fields.Datetime(required=True, readonly=True)
    sender_name = fields.Char(readonly=True)
    sender_address = fields.Char(readonly=True)
    people = fields.Json(readonly=True, help="Field of the header → [[name, address], …]; the sender is not in it.")
    subject = fields.Char(readonly=True)
    snippet = fields.Char(readonly=True, help="The beginning of the text; nothing as long as nobody has looked.")
    has_files = fields.Boolean(required=True, readonly=True, default=False)
    is_seen = fields.Boolean(required=True, readonly=True, default=False)
    is_flagged = fields.Boolean(required=True, readonly=True, default=False)
    is_answered = fields.Boolean(required=True, readonly=True, default=False)
    is_draft = fields.Boolean(required=True, readonly=True, default=False)
    is_here = fields.Boolean(
        required=True, readonly=True, default=False, help="A folder beside spam and trash holds it."
    )
    is_rough = fields.Boolean(required=True, readonly=True, default=False, help="Its header was not asked for yet.")

    _copy_unique = models.Constraint("UNIQUE (copy_id)")
    _rough_idx = models.Index("(mailbox_id, received DESC) WHERE is_rough")

    def init(self):
        item_tables.install(self.env.cr)
