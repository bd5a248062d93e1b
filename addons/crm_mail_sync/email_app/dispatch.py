# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The worker that sends: in a request, while somebody waits, or in a job.

A letter is claimed by one worker, for some minutes. A claim that was not kept means that nobody knows whether the
letter was sent, as does a connection that broke on the way: then it is looked for among what was sent, by its
Message-ID, before it is sent again or given back (ADR 0059).
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from ..mailsync.acting import ANSWERED
from ..mailsync.errors import (
    CertificateInvalid,
    ConnectionFailed,
    ConnectionRefused,
    EncryptionRequired,
    HostNotAllowed,
    HostNotFound,
    MailSyncError,
    Paced,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TlsUnavailable,
)
from ..mailsync.provider import Query
from ..models import asking, error_texts
from ..models.acting import acting_session
from ..scan.bulk import execute
from ..scan.unit import Unit

_logger = logging.getLogger(__name__)

# Longer than a try may take.
LEASE = timedelta(minutes=5)
# A passing fault is tried again so often, later each time.
TRIES = 3
_PAUSE = timedelta(seconds=30)
_WORK_SECONDS = 60
# A mailbox that is full, or out of reach, is not another one in half a minute.
_COPY_PAUSE = timedelta(minutes=10)
# After these a letter may have left: whoever answers for a server that is slow does not know what that server did.
_UNCLEAR = (ConnectionFailed, ServerUnavailable, ProtocolError)
# No letter had left when these were met.
_BEFORE = (
    HostNotFound,
    HostNotAllowed,
    ConnectionRefused,
    TlsUnavailable,
    EncryptionRequired,
    CertificateInvalid,
    RateLimited,
    Paced,
)
# Where the provider itself puts what it sends among what was sent: what is not there was not sent.
_TRUSTED = ("gmail", "outlook")


@dataclass(frozen=True)
class Work:
    """All that sending needs, read before the network."""

    mailbox: object
    message: bytes = field(repr=False)
    message_id: str
    thread_id: str
    draft_remote_id: str
    answered: tuple[str, str] | None


class Dispatch:
    """Sends and files what is due."""

    def __init__(self, env):
        self.env = env(su=True)
        self.unit = Unit(self.env)
        self.drafts = self.env["crm.mail.draft"]

    def work(self, draft_id=None):
        """:param draft_id: this letter only"""
        end = time.monotonic() + _WORK_SECONDS
        while claimed := self.unit.run(self._claim, draft_id):
            self._advance(self.drafts.browse(claimed))
            if draft_id or time.monotonic() > end:
                break
        if claimed and not draft_id:
            self.unit.run(self.drafts._call_worker, fields.Datetime.now())

    def _claim(self, draft_id):
        """The id of the letter that has been due longest, now ours; None if there is none."""
        now = fields.Datetime.now()
        rows = execute(
            self.env,
            SQL(
                """
                -- As a table in FROM it may be asked again for each row, and then finds another letter each time.
                WITH old AS MATERIALIZED (
                    SELECT id, state FROM crm_mail_draft
                     WHERE (state = 'queued' AND send_at <= %(now)s
                            OR state IN ('sending', 'filing') AND lease_until <= %(now)s) AND %(which)s
                     ORDER BY send_at FOR NO KEY UPDATE SKIP LOCKED LIMIT 1)
                UPDATE crm_mail_draft d
                   SET state = CASE old.state WHEN 'queued' THEN 'sending' ELSE old.state END,
                       is_doubtful = d.is_doubtful OR old.state = 'sending', attempts = d.attempts + 1,
                       lease_until = %(until)s
                  FROM old
                 WHERE d.id = old.id
             RETURNING d.id
                """,
                now=now,
                until=now + LEASE,
                which=SQL("id = %s", draft_id) if draft_id else SQL("TRUE"),
            ),
        )
        row = rows.fetchone()
        self.env.invalidate_all()
        return row and row[0]

    def _advance(self, draft):
        try:
            if draft.state == "sending":
                self._send(draft)
            if draft.state == "filing":
                self._file(draft)
        except Exception as error:  # pylint: disable=broad-except
            # The boundary of a letter: what nobody has foreseen must not stop the others. Its text may hold addresses.
            self.unit.rollback()
            _logger.error("draft %s: %s", draft.id, type(error).__name__)
            self.unit.run(self._note_unforeseen, draft)

    def _note_unforeseen(self, draft):
        """It is tried again when the lease is over, a few times."""
        draft = draft.exists()
        if draft.state not in ("sending", "filing"):
            return
        if draft.attempts < TRIES:
            self.drafts._call_worker(draft.lease_until)
        elif draft.state == "filing":
            draft._leave_unfiled()
        else:
            draft._give_back(self._doubt_text(draft))

    def _send(self, draft):
        """Send it, unless it turns out to be sent already; whatever happens, it is not lost."""
        if why := draft.with_context(lang=draft.user_id.lang)._why_not_from_here():
            self.unit.run(draft._give_back, why)
            return
        try:
            if draft.is_doubtful and not self._settle_doubt(draft):
                return
            draft._learn_ancestors()
            self._hand_over(draft)
        except MailSyncError as error:
            self.unit.rollback()
            _logger.info("draft %s: %s", draft.id, error.code)
            self.unit.run(self._note_failure, draft, error)

    def _hand_over(self, draft):
        work = draft._work()
        is_begun = False
        try:
            with acting_session(work.mailbox, patience=None) as actor:
                is_begun = True
                remote_id = actor.send(work.message, work.thread_id)
                is_owed = not remote_id and work.mailbox.provider not in _TRUSTED
                self.unit.run(self._note_sent, draft, remote_id, is_owed)
        except _UNCLEAR as error:
            is_sure = error.is_unsent or isinstance(error, _BEFORE)
            if is_begun and not is_sure and draft.state == "sending":
                raise Uncertain(retry_after=error.retry_after) from error
            raise

    def _note_sent(self, draft, remote_id, is_copy_owed=False):
        draft.write(
            {
                "state": "filing",
                "sent_remote_id": remote_id or False,
                "is_copy_owed": is_copy_owed,
                "is_doubtful": False,
                "attempts": 0,
                "lease_until": fields.Datetime.now() + LEASE,
            }
        )

    def _tidy(self, draft):
        """What mail programs do after they have sent; that it was sent stands, whatever becomes of this.

        In a session of its own: the one that was there while it was sent may have been silent for too long.

        :return: why there is still no copy of it in the mailbox, None if one is there
        """
        work, is_owed = draft._work(), draft.is_copy_owed
        if not (is_owed or work.answered or work.draft_remote_id):
            return None
        try:
            with acting_session(work.mailbox, patience=None) as actor:
                if is_owed:
                    copy_id = actor.keep_sent(work.message)
                    self.unit.run(draft.write, {"is_copy_owed": False, "sent_remote_id": copy_id or False})
                    is_owed = False
                if work.answered:
                    folder, remote_id = work.answered
                    actor.set_flags(folder, [remote_id], add=[ANSWERED])
                if work.draft_remote_id:
                    actor.discard_draft(work.draft_remote_id)
        except MailSyncError as error:
            self.unit.rollback()
            _logger.info("mailbox %s after sending: %s", work.mailbox.id, error.code)
            return error if is_owed else None
        return None

    def _settle_doubt(self, draft):
        """Whether it is to be sent again: not if it is among what was sent, nor where that tells nothing."""
        mailbox, message_id, is_trusted = draft.mailbox_id, draft.message_id, draft.mailbox_id.provider in _TRUSTED
        try:
            with asking.session(mailbox) as provider:
                found = [hit for hit in asking.search(provider, [Query(message_id=message_id)], 5) if _is_sent(hit)]
        except MailSyncError:
            if draft.attempts <= TRIES:
                raise
            found = []
        if found:
            self.unit.run(self._note_sent, draft, self._id_among_sent(draft, found))
            return False
        if is_trusted and draft.attempts <= TRIES:
            return True
        self.unit.run(draft._give_back, self._doubt_text(draft))
        return False

    def _id_among_sent(self, draft, found):
        """An id is good in one folder, except where a message lies in several."""
        folder, is_everywhere = draft._folder("sent").remote_id, draft.mailbox_id.provider in _TRUSTED
        return next((hit.listing.remote_id for hit in found if hit.folder == folder or is_everywhere), "")

    def _doubt_text(self, draft):
        env = draft.with_context(lang=draft.user_id.lang).env
        return env._(
            "The connection broke while this email was being sent, and it is not in your sent mail. It is not known "
            "whether it arrived: ask before you send it again."
        )

    def _note_failure(self, draft, error):
        """Try a passing fault again later, and give all others back; in doubt it is looked for once more."""
        is_passing = isinstance(error, ConnectionFailed | ServerUnavailable)
        if isinstance(error, Uncertain) or (is_passing and draft.attempts < TRIES):
            pause = max(_PAUSE * draft.attempts, timedelta(seconds=error.retry_after or 0))
            moment = fields.Datetime.now() + pause
            again = {"lease_until": moment, "is_doubtful": isinstance(error, Uncertain) or draft.is_doubtful}
            if not again["is_doubtful"]:
                again |= {"state": "queued", "send_at": moment}
            draft.write(again)
            self.drafts._call_worker(moment)
            return
        reader = draft.with_context(lang=draft.user_id.lang)
        is_doubtful = isinstance(error, Uncertain) or draft.is_doubtful
        draft._give_back(
            self._doubt_text(draft) if is_doubtful else error_texts.explain(reader.env, error, reader.mailbox_id)
        )

    def _file(self, draft):
        """Bring the mailbox in order and archive it; while no copy lies in the mailbox, its text stays here."""
        why = self._tidy(draft)
        draft._file_sent(self.unit)
        if why:
            self.unit.run(self._put_off_copy, draft, why)

    def _put_off_copy(self, draft, why):
        if draft.attempts < TRIES:
            moment = fields.Datetime.now() + _COPY_PAUSE * (draft.attempts + 1)
            draft.lease_until = moment
            self.drafts._call_worker(moment)
        else:
            draft._leave_without_copy(why)


class Uncertain(ConnectionFailed):
    """The connection broke on the way, or the answer tells nothing: nobody knows whether the letter was sent."""


def _is_sent(hit):
    return "\\Draft" not in hit.listing.flags
