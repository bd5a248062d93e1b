# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drafts in the mailbox itself, where other programs and devices find them."""

import hashlib
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..mailsync.errors import MailSyncError
from ..models import error_texts
from ..models.acting import acting_session
from ..models.asking import for_good
from ..scan.scope import scope_of
from .listing_now import list_now, listing_of, unlist_now

_logger = logging.getLogger(__name__)

# A larger message does not travel with every pause in the typing (bytes).
_LARGE = 1_000_000
_LARGE_AFTER = timedelta(minutes=1)
# A list above the mailbox has room for.
_MOST_LEFT = 5
_FLAGS = ("\\Draft", "\\Seen")


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    # Its id among the drafts, and what it was when it was last put there.
    remote_id = fields.Char(readonly=True)
    kept_digest = fields.Char(readonly=True)
    kept_at = fields.Datetime(readonly=True)

    _remote_idx = models.Index("(mailbox_id, remote_id) WHERE remote_id IS NOT NULL")

    @api.model
    @api.readonly
    def left(self):
        """The user's drafts that came back unsent, or that no mailbox has: ``[{id, subject, error}]``, newest first."""
        domain = [("user_id", "=", self.env.uid), ("state", "=", "writing")]
        only_here = Domain("error", "!=", False) | Domain("remote_id", "=", False)
        drafts = self.sudo(False).search(Domain(domain) & only_here, order="write_date DESC", limit=_MOST_LEFT).sudo()
        return [
            {"id": draft.id, "subject": draft.subject or "", "error": draft.error or ""}
            for draft in drafts
            if draft.error or not draft._is_untouched()
        ]

    def _keep_in_mailbox(self, is_last=False):
        """Bring the mailbox's version up to date. What goes wrong is told in ``error``: what was typed is safe here."""
        self.ensure_one()
        if self.mailbox_id.user_id != self.user_id:
            self.error = self._why_not_from_here()
            return
        if not self.mailbox_id.can_act:
            return
        digest = self._digest()
        if digest == self.kept_digest or (self._is_large() and not is_last and self._is_fresh()):
            return
        if not self.draft_key:
            self.draft_key = self._new_message_id()
        message, old, thread_id = self._as_message(self.draft_key), self.remote_id or "", self.thread_id or ""
        try:
            with acting_session(self._mailbox_of_owner()) as actor:
                remote_id = actor.save_draft(message, replacing=old, thread_id=thread_id)
                # At once: a version whose id is lost would stay for ever.
                listing = listing_of(message, remote_id, _FLAGS, thread_id)
                for_good(self, lambda it: it._note_kept(listing, digest, old))
        except MailSyncError as error:
            _logger.info("draft %s cannot be kept in its mailbox: %s", self.id, error.code)
            self.error = self.env._(
                "Saved here, but not in your mailbox. %(why)s",
                why=error_texts.explain(self.env, error, self.mailbox_id),
            )
        self.invalidate_recordset()

    def _note_kept(self, listing, digest, old):
        """Within a transaction of its own."""
        draft = self.exists()
        draft.write({"remote_id": listing.remote_id, "kept_digest": digest, "kept_at": fields.Datetime.now()})
        folder = draft._folder("drafts")
        if folder and folder._is_read():
            scope = scope_of(draft.mailbox_id)
            if old and old != listing.remote_id:
                unlist_now(scope, folder, old)
            list_now(scope, folder, listing)

    def _drop_from_mailbox(self):
        """Remove the mailbox's version; one that cannot be removed now stays there, and why is answered."""
        self.ensure_one()
        remote_id = self.remote_id
        if not remote_id or self.mailbox_id.user_id != self.user_id:
            return ""
        try:
            with acting_session(self._mailbox_of_owner()) as actor:
                actor.discard_draft(remote_id)
            self._unlist_draft(scope_of(self.mailbox_id))
        except MailSyncError as error:
            _logger.info("draft %s cannot be removed from its mailbox: %s", self.id, error.code)
            return error_texts.explain(self.env, error, self.mailbox_id)
        return ""

    def _mailbox_of_owner(self):
        return self.mailbox_id.with_user(self.user_id)

    def _is_in_mailbox(self):
        """Whether the mailbox has it as it is now."""
        return bool(self.remote_id) and self.kept_digest == self._digest()

    def _digest(self):
        """What the message would say, without building it."""
        parts = [self.subject, self.to_people, self.cc_people, self.bcc_people, self.body, self.quote]
        parts += [(file.name, file.checksum) for file in self.file_ids]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _is_large(self):
        return sum(self.file_ids.mapped("file_size")) > _LARGE

    def _is_fresh(self):
        return bool(self.kept_at) and self.kept_at > fields.Datetime.now() - _LARGE_AFTER
