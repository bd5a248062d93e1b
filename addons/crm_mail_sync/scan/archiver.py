# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import psycopg2

from odoo.tools import SQL

from ..mailsync import plan, policy
from .bulk import execute
from .decider import KEEP, decide
from .reader import read
from .writer import Item, Writer

_logger = logging.getLogger(__name__)

BATCH_COUNT = 200
BATCH_BYTES = 16 * 1024 * 1024
_STATE_AFTER = {"retry": "pending", "failed": "failed", "gone": "gone"}


@dataclass(frozen=True)
class Pending:
    """A copy that waits to be archived."""

    id: int
    remote_id: str
    folder_remote_id: str
    size: int
    received: datetime | None
    flags: frozenset[str]
    attempts: int


class Archiver:
    """Fetches pending copies and archives them, in batches bounded by count and bytes.

    Every try is counted before it is made. A message on which a worker died is tried alone the next time, and set aside after
    the third; its neighbours go on.
    """

    def __init__(self, env, scope, lease, unit, tally):
        self.env = env
        self.scope = scope
        self.lease = lease
        self.unit = unit
        self.tally = tally

    def step(self, provider):
        """Archive one batch; False if nothing is pending."""
        interrupted, batch = self.unit.run(self._claim)
        self.tally.failed += interrupted
        if not batch:
            return False
        settled = set()
        try:
            for folder, copies in _by_folder(batch).items():
                self._archive(provider, folder, copies, settled)
        finally:
            # A connection that broke says nothing against the messages that it had still to bring.
            self.unit.run(self._unclaim, [copy.id for copy in batch if copy.id not in settled])
        return True

    def _claim(self):
        self.lease.renew(self.scope.mailbox_id)
        interrupted = self._set_aside()
        rows = execute(
            self.env,
            SQL(
                """
                SELECT c.id, c.remote_id, f.remote_id, c.size, c.received, c.flags, c.attempts
                  FROM crm_mail_copy c JOIN crm_mail_folder f ON f.id = c.folder_id
                 WHERE c.mailbox_id = %s AND c.state = 'pending' AND NOT COALESCE(c.is_stale, FALSE)
                 ORDER BY c.attempts, c.received DESC NULLS LAST, c.id LIMIT %s
                """,
                self.scope.mailbox_id,
                BATCH_COUNT,
            ),
        ).fetchall()
        batch = _first_batch(
            [Pending(*row[:5], frozenset((row[5] or "").split()), row[6]) for row in rows]
        )
        self._count_attempt([copy.id for copy in batch], 1)
        return interrupted, batch

    def _set_aside(self):
        execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_copy SET state = 'failed', reason = COALESCE(reason, 'interrupted')
                 WHERE mailbox_id = %s AND state = 'pending' AND attempts >= %s
                """,
                self.scope.mailbox_id,
                policy.MESSAGE_TRIES,
            ),
        )
        return self.env.cr.rowcount

    def _count_attempt(self, ids, step):
        execute(
            self.env,
            SQL(
                "UPDATE crm_mail_copy SET attempts = attempts + %s WHERE id = ANY(%s) AND state = 'pending'",
                step,
                ids,
            ),
        )

    def _unclaim(self, ids):
        if ids:
            self._count_attempt(ids, -1)

    def _archive(self, provider, folder, copies, settled):
        by_remote_id = {copy.remote_id: copy for copy in copies}
        read_ones = []
        for fetched in provider.fetch(folder, list(by_remote_id)):
            copy = by_remote_id[fetched.remote_id]
            if fetched.error:
                self._count_failure(
                    self.unit.run(
                        self._fail, copy, fetched.error, fetched.error.code, fetched.error.server_text
                    )
                )
                settled.add(copy.id)
            else:
                read_ones.append((copy, read(fetched.content, copy.received)))
            # Or the last message's bytes would stay until the next one's have come.
            del fetched
        self._store(read_ones)
        settled.update(copy.id for copy, _reading in read_ones)

    def _store(self, read_ones):
        """Store all in one commit; if the database refuses one of them, each in its own."""
        if not read_ones:
            return
        try:
            kept, woken = self.unit.run(self._write, read_ones)
        except (psycopg2.DataError, psycopg2.IntegrityError, ValueError, OSError) as error:
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
        decisions = decide(
            self.env,
            [reading.head for _copy, reading in read_ones],
            [copy.flags for copy, _reading in read_ones],
            self.scope,
        )
        items, skipped = [], []
        for (copy, reading), decision in zip(read_ones, decisions, strict=True):
            if decision.state == KEEP:
                items.append(Item(copy.id, reading, decision.matches))
            else:
                skipped.append((copy.id, decision.reason))
        woken = Writer(self.env, self.scope).write(items) if items else []
        self._skip(skipped)
        return len(items), woken

    def _skip(self, skipped):
        """What its whole header shows to be nobody's; a letter archived before stays."""
        execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_copy c SET state = CASE WHEN email_id IS NULL THEN 'skipped' ELSE 'kept' END, reason = n.reason
                  FROM unnest(%s::int[], %s::text[]) AS n (id, reason) WHERE c.id = n.id
                """,
                [copy_id for copy_id, _reason in skipped],
                [reason for _copy_id, reason in skipped],
            ),
        )

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


def _by_folder(batch):
    folders = defaultdict(list)
    for copy in batch:
        folders[copy.folder_remote_id].append(copy)
    return folders



def _first_batch(copies):
    """The first of these that fit into a batch; one that failed before is a batch of its own."""
    by_remote_id = {copy.remote_id: copy for copy in copies}
    portions = plan.batches(
        {copy.remote_id: copy.size for copy in copies},
        BATCH_BYTES,
        BATCH_COUNT,
        suspects={copy.remote_id for copy in copies if copy.attempts},
    )
    return [by_remote_id[remote_id] for remote_id in next(portions, [])]
