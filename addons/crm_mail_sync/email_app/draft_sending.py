# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From "Send" to the provider: some seconds in which it can be undone, then once and only once (ADR 0059)."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .app_email import UNDO_SECONDS
from .dispatch import Dispatch


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    send_at = fields.Datetime(readonly=True)
    # Until then a worker is at it; later than that, he died of it.
    lease_until = fields.Datetime(readonly=True)
    # Whether a try to send it had begun whose end nobody knows.
    is_doubtful = fields.Boolean(readonly=True)
    attempts = fields.Integer(readonly=True)
    sent_remote_id = fields.Char(readonly=True)
    met_count = fields.Integer(readonly=True)

    _due_idx = models.Index("(send_at) WHERE state IN ('queued', 'sending', 'filing')")
    _message_idx = models.Index("(message_id) WHERE message_id IS NOT NULL")

    @api.model
    def send_later(self, draft_id, values):
        """Send it as soon as it cannot be undone any more; ``{undo_until, undo_seconds, draft_id}``.

        :raises UserError: for what is missing or wrong; the draft stays as it is
        """
        draft = self._own(draft_id)
        draft._take(values)
        draft._check_can_be_sent()
        now = fields.Datetime.now()
        draft.write(
            {
                "state": "queued",
                "date": now,
                # Once for all tries: by this it is known whether one of them got through.
                "message_id": draft._new_message_id(),
                "send_at": now + timedelta(seconds=UNDO_SECONDS),
                "attempts": 0,
                "is_doubtful": False,
                "error": False,
            }
        )
        self._call_worker(draft.send_at)
        return {
            "undo_until": fields.Datetime.to_string(draft.send_at),
            "undo_seconds": UNDO_SECONDS,
            "draft_id": draft.id,
        }

    @api.model
    def undo_send(self, draft_id):
        """Back to writing, if it is not on its way yet; the draft."""
        draft = self._own(draft_id, states=("queued", "writing"))
        draft.write({"state": "writing", "send_at": False, "message_id": False})
        return draft._values()

    @api.model
    def send_now(self, draft_id):
        """Send what is due, for whoever waits for it; what has become of it: ``{state, error}``."""
        draft = self._own(draft_id, states=("writing", "queued", "sending", "filing", "sent"))
        Dispatch(self.env).work(draft.id)
        draft.invalidate_recordset()
        return {"state": draft.state, "error": draft.error or "", "email_id": draft._filed_letter()}

    @api.model
    def _cron_send(self):
        """Send what is due and nobody waits for."""
        Dispatch(self.env).work()

    @api.model
    def _call_worker(self, moment):
        self.env.ref("crm_mail_sync.sending_worker").sudo()._trigger(at=moment)

    def _check_can_be_sent(self):
        self.ensure_one()
        if not (self.to_people or self.cc_people or self.bcc_people):
            raise UserError(self.env._("Enter at least one recipient."))
        if misspelt := self._misspelt():
            raise UserError(
                self.env._("This is not an email address: %(addresses)s. Correct it.", addresses=", ".join(misspelt))
            )
        self._check_room()
        if why := self._why_not_from_here():
            raise UserError(why)

    def _why_not_from_here(self):
        """The sentence that says why its mailbox cannot send it, "" if it can."""
        if self.mailbox_id.user_id != self.user_id:
            return self.env._("This mailbox belongs to somebody else now. Copy the text into a new email.")
        return self.mailbox_id._why_not_send()

    def _give_back(self, error):
        """It was not sent, for this reason; its owner goes on with it."""
        self.write({"state": "writing", "error": error, "send_at": False, "lease_until": False, "message_id": False})
        self._tell()

    def _tell(self):
        """Tell the browsers of its owner what has become of it; arrives with the commit."""
        self.user_id._bus_send(
            "crm_mail_sync.draft",
            {"id": self.id, "state": self.state, "error": self.error or "", "subject": self.subject or ""},
        )
