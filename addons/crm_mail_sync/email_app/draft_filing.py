# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter is archived as soon as it is sent, by the code of the scan, and where it was written from (ADR 0060)."""

import logging
from dataclasses import replace

from odoo import fields, models
from odoo.exceptions import UserError

from ..mailsync import compose
from ..mailsync.errors import MailSyncError
from ..mailsync.letter import Head
from ..mailsync.provider import Listing
from ..mailsync.reading import read
from ..mailsync.rules import Rules
from ..models import asking, error_texts, notices
from ..scan import sent_here
from ..scan.asked import FINAL
from ..scan.decider import KEEP, decide
from ..scan.files import FileKeeper
from ..scan.scope import scope_of
from ..scan.writer import Item, Writer
from .dispatch import Work
from .listing_now import list_now, unlist_now

_logger = logging.getLogger(__name__)


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    # It was sent, and its mailbox has no copy of it: what it says is here alone.
    is_copy_owed = fields.Boolean(readonly=True)
    email_id = fields.Many2one("crm.mail.email", string="Letter", readonly=True, ondelete="set null")

    _email_idx = models.Index("(email_id) WHERE email_id IS NOT NULL")

    def _work(self):
        """What is sent, and all that belongs to it."""
        self.ensure_one()
        is_answer = self.kind in ("reply", "reply_all")
        return Work(
            mailbox=self._mailbox_of_owner(),
            message=self._as_message(self.message_id),
            message_id=self.message_id,
            thread_id=self.thread_id or "",
            draft_remote_id=self.remote_id or "",
            answered=(self.answered_folder, self.answered_remote_id) if is_answer and self.answered_remote_id else None,
        )

    def _learn_ancestors(self):
        """Ask the mailbox where the answered letter stands in its conversation, if only its whole header tells."""
        self.ensure_one()
        if not self.answered_remote_id or not self.reference_ids or self.is_placed:
            return
        known = self.reference_ids.split()[-1]
        listing = self._look_at(self.answered_folder, self.answered_remote_id)
        if listing and listing.head.message_id == known:
            place = compose.ancestors_of(listing.head)
            self.write({"reference_ids": " ".join(place.references), "thread_id": listing.thread_id or False})
        self.is_placed = True

    def _look_at(self, folder, remote_id):
        """How the mailbox lists this message now; None if it does not, or cannot be asked."""
        mailbox = self.mailbox_id
        try:
            with asking.session(mailbox) as provider:
                return next(iter(provider.listings(folder, [remote_id])), None)
        except MailSyncError as error:
            _logger.info("mailbox %s: a message cannot be looked at: %s", mailbox.id, error.code)
            return None

    def _file_sent(self, unit):
        """Archive it and forget what it says, once the mailbox has it."""
        self.ensure_one()
        reading = read(self._as_message(self.message_id), fields.Datetime.now())
        keeper = FileKeeper(self.env)
        reading = replace(reading, files=tuple(keeper.keep(file) for file in reading.files))
        unit.run(self._store_sent, reading)

    def _store_sent(self, reading):
        """Within one transaction, which a conflict may run again."""
        scope = scope_of(self.mailbox_id)
        folder = self._folder("sent")
        copy_id = self._listed(scope, folder, reading)
        matches, email_id = self._matches(scope, folder, reading.head), False
        if matches is not None:
            item = Item(copy_id, reading, matches)
            Writer(self.env, scope).write([item])
            self.env.invalidate_all()
            email_id = item.email_id
            self._assign_sent(email_id)
        if self.is_copy_owed:
            self.email_id = email_id
        else:
            self._unlist_draft(scope)
            self._forget(email_id)
        self._scan_soon()
        self._tell()

    def _matches(self, scope, folder, head: Head):
        """The links that the rules give it; None if it is not to be archived."""
        place = [folder.remote_id if folder else ""]
        decision = decide(self.env, [head], [frozenset()], place, scope)[0]
        if decision.state == KEEP:
            return decision.matches if self.mailbox_id.scan_active or self.targets else None
        if not self._readable_targets() or decision.reason in FINAL:
            return None
        # It was written from a record: it is filed there, whatever the rules say.
        open_scope = replace(scope, rules=Rules(), archives_internal=True)
        return decide(self.env, [head], [frozenset()], place, open_scope)[0].matches

    def _folder(self, role):
        return self.mailbox_id.folder_ids.filtered(lambda f: f.role == role and not f.is_gone)[:1]

    def _listed(self, scope, folder, reading):
        """The copy in the mailbox, listed now if the provider has told its id; None if the scan is to find it."""
        if not (folder and folder._is_read() and self.sent_remote_id):
            return None
        listing = Listing(
            self.sent_remote_id,
            reading.head,
            size=reading.size,
            received=fields.Datetime.now().timestamp(),
            flags=frozenset({"\\Seen"}),
            thread_id=self.thread_id or "",
            snippet=reading.snippet,
        )
        return list_now(scope, folder, listing)

    def _unlist_draft(self, scope):
        drafts = self._folder("drafts")
        if drafts and self.remote_id:
            unlist_now(scope, drafts, self.remote_id)

    def _assign_sent(self, email_id):
        """Link it to what it was written about, as its sender by hand; what he may not see any more is left out."""
        letter = self.env["crm.mail.email"].browse(email_id)
        linked = {link._target() for link in letter.link_ids}
        targets = {
            model: [target_id for target_id in ids if (model, target_id) not in linked]
            for model, ids in self._readable_targets().items()
        }
        targets = {model: ids for model, ids in targets.items() if ids}
        if not targets:
            return
        try:
            with self.env.cr.savepoint():
                letter.with_user(self.user_id).with_company(self.mailbox_id.company_id)._assign(targets)
        except UserError as error:
            _logger.info("draft %s: the letter cannot be assigned: %s", self.id, type(error).__name__)

    def _readable_targets(self):
        readable = {}
        for model, ids in (self.targets or {}).items():
            records = self.env[model].with_user(self.user_id).browse(ids).exists()
            if found := records._filtered_access("read").ids:
                readable[model] = found
        return readable

    def _forget(self, email_id):
        """What remains is what a scan knows it by."""
        self.file_ids.unlink()
        self.write(
            {
                "state": "sent",
                "email_id": email_id,
                **dict.fromkeys(
                    ("subject", "to_people", "cc_people", "bcc_people", "body", "quote", "targets", "error",
                     "remote_id", "kept_digest", "answered_folder", "answered_remote_id", "lease_until",
                     "in_reply_to", "reference_ids", "answered_email_id"),
                    False,
                ),
            }
        )  # fmt: skip
        self.flush_recordset()
        sent_here.want_message(self.env, self.mailbox_id.id, self.message_id)

    def _leave_without_copy(self, why):
        """Nothing more is tried; its owner is told, and finds what it says here."""

        def text(env):
            mailbox = self.mailbox_id.with_env(env).sudo()
            return env._(
                "An email of yours was sent, but no copy of it could be put into your sent mail. %(why)s Open it here "
                "to save it, with its files.",
                why=error_texts.explain(env, why, mailbox),
            )

        # The version among the drafts, if there is one, is a draft like any other from now on.
        self.write(
            {
                "state": "sent",
                "error": text(self.with_context(lang=self.user_id.lang).env),
                "remote_id": False,
                "lease_until": False,
            }
        )
        sent_here.want_message(self.env, self.mailbox_id.id, self.message_id)
        notices.tell(
            self.user_id,
            lambda env: env._("A sent email is not in your sent mail"),
            text,
            f"/crm_mail_sync/draft/{self.id}.eml",
        )
        self._tell()

    def _leave_unfiled(self):
        """It was sent, and is not archived here; nothing more is tried, and its owner is told."""
        if self.is_copy_owed:
            self._leave_without_copy(MailSyncError())
            return

        def text(env):
            return env._(
                "An email of yours was sent and is in your sent mail, but Odoo could not archive it. If you miss it at "
                "a customer or lead, find it in the app Email and assign it there."
            )

        self._forget(False)
        self.error = text(self.with_context(lang=self.user_id.lang).env)
        notices.tell(self.user_id, lambda env: env._("A sent email is not archived"), text, "/odoo/email")
        self._scan_soon()
        self._tell()

    def _scan_soon(self):
        """What was not listed here is listed by the next scan, which comes at once."""
        mailbox = self.mailbox_id
        if mailbox.scan_active and mailbox.state in ("up_to_date", "partly_failed"):
            mailbox.next_run = fields.Datetime.now()
            mailbox._schedule_scan()

    def _filed_letter(self):
        """The letter, for who waits for it."""
        return self.email_id.id or False
