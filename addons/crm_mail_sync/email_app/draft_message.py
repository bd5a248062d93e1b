# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A draft as a message."""

from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import fields, models

from ..mailsync import compose
from ..mailsync.letter import Address
from .crm_mail_draft import PEOPLE


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    # Under which it lies among the drafts; what is sent has another, made once before the first try.
    draft_key = fields.Char(readonly=True)
    message_id = fields.Char(string="Message-ID", readonly=True)
    date = fields.Datetime(readonly=True)
    # Its place in a conversation: Message-IDs parted by blanks, and the provider's own name for the conversation.
    in_reply_to = fields.Char(readonly=True)
    reference_ids = fields.Text(readonly=True)
    thread_id = fields.Char(readonly=True)
    # Nothing more is to be learned of it.
    is_placed = fields.Boolean(readonly=True)

    def _as_message(self, message_id):
        """The bytes of a message (RFC 5322) with this Message-ID."""
        self.ensure_one()
        people = {
            role: tuple(Address(person["name"], person["address"], role) for person in self[f"{role}_people"] or [])
            for role in PEOPLE
        }
        return compose.build(
            compose.Outgoing(
                sender=Address(self.user_id.name or "", self.mailbox_id.address),
                message_id=message_id,
                date=self._local_date(),
                subject=self.subject or "",
                html=f"{self.body or ''}{self.quote or ''}",
                files=self._as_files(),
                in_reply_to=self.in_reply_to or "",
                references=tuple((self.reference_ids or "").split()),
                **people,
            )
        )

    def _local_date(self):
        """Its date, as the clock of its owner shows it."""
        zone = ZoneInfo(self.user_id.tz) if self.user_id.tz else timezone.utc
        date = self.date or fields.Datetime.now()
        return date.replace(tzinfo=timezone.utc).astimezone(zone)

    def _new_message_id(self):
        return compose.new_message_id(self.mailbox_id.address)
