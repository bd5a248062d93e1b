# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

STATES = [
    ("pending", "To be archived"),
    ("kept", "Archived"),
    ("skipped", "Skipped"),
    ("failed", "Set aside"),
    ("gone", "Gone before it was archived"),
]


class CrmMailCopy(models.Model):
    """A message as it lies in one mailbox. Every listed message has one: that is how none gets lost.

    Only the mailbox's owner sees copies. The rows are written in bulk by ``scan/``.
    """

    _name = "crm.mail.copy"
    _description = "Message in a mailbox"
    _order = "received DESC, id DESC"
    _rec_name = "remote_id"

    mailbox_id = fields.Many2one("crm.mail.mailbox", required=True, ondelete="cascade")
    folder_id = fields.Many2one("crm.mail.folder", required=True, ondelete="cascade")
    remote_id = fields.Char(required=True)
    state = fields.Selection(STATES, required=True)
    reason = fields.Char(help="Why it was skipped or set aside, as a code.")
    reason_text = fields.Char(help="The server's own words.")
    attempts = fields.Integer(default=0)
    header_key = fields.Char()
    message_id = fields.Char(string="Message-ID")
    addresses = fields.Char(help="Normalised addresses of all header fields, parted by blanks.")
    size = fields.Integer(help="Bytes, as the server says.")
    received = fields.Datetime()
    flags = fields.Char()
    is_removed = fields.Boolean(help="No longer in the folder; the archive keeps the letter.")
    # Set while a folder is listed anew (UIDVALIDITY): its old id is dead, its message not yet met again.
    is_stale = fields.Boolean()
    subject = fields.Char(help="Main mailbox only.")
    # Message-IDs of the nearest and the first ancestor: when one of them turns out to be a customer's, so is the reply.
    thread_parent = fields.Char()
    thread_root = fields.Char()
    email_id = fields.Many2one("crm.mail.email", string="Letter", ondelete="set null")

    _remote_unique = models.Constraint("UNIQUE (mailbox_id, remote_id)")
    _pending_idx = models.Index("(mailbox_id, received DESC) WHERE state = 'pending'")
    _failed_idx = models.Index("(mailbox_id) WHERE state = 'failed'")
    _folder_idx = models.Index("(folder_id)")
    _parent_idx = models.Index(
        "(mailbox_id, thread_parent) WHERE thread_parent IS NOT NULL AND reason IN ('nobody_known', 'scan_all')"
    )
    _root_idx = models.Index(
        "(mailbox_id, thread_root) WHERE thread_root IS NOT NULL AND reason IN ('nobody_known', 'scan_all')"
    )
    _stale_idx = models.Index("(folder_id, header_key) WHERE is_stale")
    _email_idx = models.Index("(email_id) WHERE email_id IS NOT NULL")

    def _set_pending(self):
        self.write({"state": "pending", "reason": False, "reason_text": False, "attempts": 0})
