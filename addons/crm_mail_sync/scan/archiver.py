# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..mailsync import policy
from ..mailsync.errors import FolderError, MailSyncError, StorageUnavailable, TooSlow
from . import asked, claims, erased
from .bulk import execute
from .decider import KEEP, decide
from .fetching import Brought, Claimed, Cut, Fetcher, first_batch, suspect_of
from .start import BEFORE_START, is_before
from .writer import Item, Writer

_logger = logging.getLogger(__name__)

# One is fetched while the last is stored: they are of one size, or one of the two waits for the other.
BATCH_COUNT = 250
BATCH_BYTES = 16 * 1024 * 1024
# More are listed when fewer than these wait, so that there always is one to be fetched.
_AHEAD = 3 * BATCH_COUNT
# A batch that is still being fetched so long after the slice's end is cut (seconds); Odoo ends the whole job at 120.
_GRACE = 20
# What the database or the file store says against a message. Odoo's own UserError: its file collides with another.
_REFUSED = (
    psycopg2.DataError,
    psycopg2.IntegrityError,
    psycopg2.errors.ProgramLimitExceeded,
    ValueError,
    OSError,
    UserError,
)
_STATE_AFTER = {"retry": "pending", "failed": "failed", "gone": "gone"}


class Archiver:
    """Fetches pending copies and archives them, in batches bounded by count and bytes.

    While one batch is stored, the next is fetched and read by a thread that knows no database, and the next page is
    listed by the same. The transaction that stores never waits for it.

    Every try is counted before it is made. A message on which a worker died is tried alone the next time, and set
    aside after the third; its neighbours go on.
    """

    def __init__(self, env, scope, lease, unit, tally, keeper):
        self.env = env
        self.scope = scope
        self.lease = lease
        self.unit = unit
        self.tally = tally
        self._fetcher = Fetcher(keeper.keep)
        self._thread = ThreadPoolExecutor(1, "crm_mail_sync_fetch")
        # Whether it will soon have nothing more to fetch.
        self.is_running_out = False
        self._closed = set()
        self._cut = None
        # What ended the session's use; whatever was to be asked behind it is not tried any more.
        self._error = None

    def run(self, provider, deadline, ask_first=None):
        """Archive all that is pending; yields False when the first batch is on its way, and True after each.

        Closed early, it gives back what it had claimed.

        :param ask_first: called before anything else is asked of the server
        """
        self._cut, self._error = Cut(deadline + _GRACE), None
        coming = deque()
        has_stored = False
        try:
            if ask_first:
                ask_first()
            # What was stored may have put others in wait: replies that follow it, or another try.
            while self._fill(coming, provider):
                if not has_stored:
                    yield False
                    # A page may have come meanwhile.
                    self._fill(coming, provider)
                self._store_batch(coming.popleft().fetched.result())
                has_stored = True
                yield True
        finally:
            self._cut.set()
            for claimed in coming:
                self._unclaim(claimed.fetched.result().batch)

    def _fill(self, coming, provider):
        """Claim batches and have them fetched, as far as there are any; whether one is coming."""
        while len(coming) < 2 and not self._error and not any(_is_suspect(claimed.batch) for claimed in coming):
            interrupted, batch = self.unit.run(self._claim, [copy.id for claimed in coming for copy in claimed.batch])
            self.tally.failed += interrupted
            if not batch:
                break
            coming.append(Claimed(batch, self._thread.submit(self._bring, provider, batch)))
        return bool(coming)

    def _bring(self, provider, batch):
        if self._error:
            return Brought(batch, is_cut=True)
        brought = self._fetcher.fetch(provider, batch, self._cut)
        self._error = brought.error
        return brought

    def expect(self, count):
        """Make ready for so many messages."""
        self._thread.submit(self._fetcher.expect, count)

    def aside(self, work, *args):
        """Have the thread that talks to the server do this when it is done with what it is at; a Future."""
        return self._thread.submit(self._do, work, *args)

    def _do(self, work, *args):
        if self._error:
            raise self._error
        try:
            return work(*args)
        except FolderError:
            raise
        except MailSyncError as error:
            self._error = error
            raise

    def close(self):
        """End what reads and what talks to the server beside this thread."""
        self._thread.shutdown(cancel_futures=True)
        self._fetcher.close()

    def _store_batch(self, brought):
        try:
            settled = self._settle(brought)
        except StorageUnavailable:
            self._unclaim(brought.batch)
            raise
        self._give_back(brought, [copy for copy in brought.batch if copy.id not in settled])

    def _settle(self, brought):
        """Store what was brought, readings and failures; the ids of these copies."""
        settled = set()
        read_ones = []
        for copy, result in brought.results:
            settled.add(copy.id)
            if isinstance(result, MailSyncError):
                args = (copy, result, result.code, result.server_text)
                self._count_failure(self.unit.run(self._fail, *args))
            else:
                read_ones.append((copy, result))
        self._store(read_ones)
        return settled

    def _give_back(self, brought, unsettled):
        """What was not fetched for no fault of its own was not tried."""
        # Nothing of a folder that cannot be opened is claimed again in this scan; its listing says why.
        self._closed |= brought.closed.keys()
        if brought.is_cut:
            self._unclaim(unsettled)
        else:
            self._leave([copy for copy in unsettled if copy.folder_remote_id in brought.closed], brought.closed)
        if brought.error:
            unsettled = [copy for copy in unsettled if copy.folder_remote_id not in brought.closed]
            # A connection that broke says nothing against the messages that it had still to bring, but the next of them
            # may be what broke it: that one is tried alone from now on.
            suspect = suspect_of(brought.error, unsettled)
            self._unclaim([copy for copy in unsettled if copy is not suspect])
            if suspect and isinstance(brought.error, TooSlow):
                # Its line had all the time that a job has: after a few such tries it is set aside for that reason.
                self._count_failure(self.unit.run(self._fail, suspect, brought.error, brought.error.code))
            raise brought.error

    def _leave(self, copies, errors):
        """These lie in folders that cannot be opened; what becomes of a folder that is scanned, its listing says."""
        self._unclaim([copy for copy in copies if copy.is_scanned])
        for copy in copies:
            if not copy.is_scanned:
                error = errors[copy.folder_remote_id]
                self._count_failure(self.unit.run(self._fail, copy, error, error.code, error.server_text))

    def _claim(self, in_flight):
        mailbox_id = self.scope.mailbox_id
        self.lease.renew(mailbox_id)
        interrupted = claims.set_aside(self.env, mailbox_id, in_flight)
        waiting = claims.waiting(self.env, mailbox_id, in_flight, self._closed, BATCH_COUNT + _AHEAD)
        batch = first_batch(waiting[:BATCH_COUNT], BATCH_COUNT, BATCH_BYTES)
        self.is_running_out = len(waiting) - len(batch) < _AHEAD
        if in_flight and _is_suspect(batch):
            # What becomes of a message that failed before is not to befall another.
            batch = []
        claims.count_attempt(self.env, [copy.id for copy in batch], 1)
        return interrupted, batch

    def _unclaim(self, copies):
        if copies:
            self.unit.run(claims.count_attempt, self.env, [copy.id for copy in copies], -1)

    def _store(self, read_ones):
        """Store all in one commit; if the database refuses one of them, each in its own."""
        if not read_ones:
            return
        try:
            kept, woken = self.unit.run(self._write, read_ones)
        except _REFUSED as error:
            if len(read_ones) == 1:
                copy = read_ones[0][0]
                _logger.warning("copy %s cannot be stored: %s", copy.id, type(error).__name__)
                self._count_failure(self.unit.run(self._fail, copy, error, "cannot_store"))
                return
            for one in read_ones:
                self._store([one])
        else:
            # Those that wait again are counted when they are done again.
            self.tally.kept += kept - woken.count("kept")
            self.tally.skipped += len(read_ones) - kept - woken.count("skipped")

    def _write(self, read_ones):
        self.lease.renew(self.scope.mailbox_id)
        items, skipped = [], []
        wanted = asked.among(self.env, [copy.id for copy, _reading in read_ones])
        for (copy, reading), decision in zip(read_ones, self._decide(read_ones, wanted), strict=True):
            if decision.state == KEEP:
                items.append(Item(copy.id, reading, decision.matches, odoo_message=decision.odoo_message))
            else:
                skipped.append((copy.id, decision))
        # First, so that what follows one of the others is found.
        self._skip(skipped)
        woken = Writer(self.env, self.scope).write(items) if items else []
        asked.settle(self.env, wanted, items)
        return len(items), woken

    def _decide(self, read_ones, wanted):
        copies = [copy for copy, _reading in read_ones]
        heads = [replace(reading.head, conversation=copy.conversation) for copy, reading in read_ones]
        decisions = decide(
            self.env, heads, [copy.flags for copy in copies], [copy.folder_remote_id for copy in copies], self.scope
        )
        decisions = [self._after_start(*pair) for pair in zip(copies, decisions, strict=True)]
        return asked.keep(self.env, wanted, copies, heads, decisions, self.scope)

    def _after_start(self, copy, decision):
        """The decision; what is archived already is none of the start's business."""
        is_left_out = decision.state == KEEP and not copy.has_letter and is_before(copy.received, self.scope)
        return BEFORE_START if is_left_out else decision

    def _skip(self, skipped):
        """What is not to be archived, as its whole header shows; a letter archived before stays."""
        execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_copy c
                   SET state = CASE WHEN email_id IS NULL THEN 'skipped' ELSE 'kept' END, reason = n.reason,
                       rule_ref = CASE WHEN email_id IS NULL THEN n.rule_ref END
                  FROM unnest(%s::int[], %s::text[], %s::text[]) AS n (id, reason, rule_ref) WHERE c.id = n.id
                """,
                [copy_id for copy_id, _decision in skipped],
                [decision.reason for _copy_id, decision in skipped],
                [decision.rule_ref for _copy_id, decision in skipped],
            ),
        )
        erased.wipe(self.env, [copy_id for copy_id, decision in skipped if decision.reason == erased.ERASED])

    def _fail(self, copy, error, reason, server_text=""):
        """One more failed try: to be tried again, set aside with the reason, or gone."""
        self.lease.renew(self.scope.mailbox_id)
        verdict = policy.after_message_failure(error, copy.attempts)
        state = _STATE_AFTER[verdict]
        execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_copy
                   SET state = CASE WHEN email_id IS NULL THEN %s ELSE 'kept' END, reason = %s, reason_text = %s,
                       is_removed = %s
                 WHERE id = %s
                """,
                state,
                reason,
                server_text[:500] or None,
                state == "gone",
                copy.id,
            ),
        )
        return state

    def _count_failure(self, state):
        # Counted after the commit, for a conflict runs _fail again.
        self.tally.gone += state == "gone"
        self.tally.failed += state == "failed"


def _is_suspect(batch):
    return any(copy.attempts for copy in batch)
