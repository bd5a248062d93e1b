# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that were skipped, for they were nobody's, decided anew."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL

from .bulk import execute
from .decider import KEEP
from .remembered import COLUMNS, Remembered, decide_again, store
from .start import BEFORE_START, is_before

# Why a message was skipped of which somebody may be known now: of mail among ourselves too, for a customer may have an
# address where our users have theirs.
_OF_NOBODY = ("nobody_known", "expired", "internal")


@dataclass(frozen=True)
class Skipped(Remembered):
    """A copy that was skipped."""

    reason: str
    received: datetime | None
    keys: tuple[int, ...]
    # Whether its mailbox and its folder are still read.
    is_reachable: bool


class OlderCopies:
    """Puts skipped copies that somebody is known of now back into their mailboxes' queues."""

    def __init__(self, env, wanted, scopes):
        self.env = env
        self.wanted = wanted
        self.scopes = scopes
        self._rows_by_key = wanted.by_search_key()

    def list(self, position, limit):
        """Ids of copies behind ``position`` that may be meant."""
        rows = execute(
            self.env,
            SQL(
                """
                SELECT id FROM crm_mail_copy WHERE search_keys && %(keys)s::bigint[] AND %(skipped)s
                UNION
                SELECT id FROM crm_mail_copy WHERE mailbox_id = ANY(%(mailboxes)s) AND %(skipped)s
                 ORDER BY 1 LIMIT %(limit)s
                """,
                keys=list(self._rows_by_key),
                mailboxes=self.wanted.mailbox_ids,
                skipped=SQL(
                    "state = 'skipped' AND reason IN %s AND is_removed IS NOT TRUE"
                    " AND is_stale IS NOT TRUE AND id > %s",
                    _OF_NOBODY,
                    position,
                ),
                limit=limit,
            ),
        )
        return [copy_id for (copy_id,) in rows.fetchall()]

    def handle(self, copy_ids):
        """Decide anew on these; within the caller's transaction."""
        recalled, due = {}, set()
        missed = defaultdict(lambda: defaultdict(int))
        for mailbox_id, copies in self._load(copy_ids).items():
            for copy in self._wanted_now(mailbox_id, copies):
                row_ids = set().union(*(self._rows_by_key.get(key, ()) for key in copy.keys))
                if copy.is_reachable:
                    recalled[copy.id] = row_ids
                    due.add(mailbox_id)
                for row_id in () if copy.is_reachable else row_ids:
                    missed[row_id][mailbox_id] += 1
        self._set_pending(recalled)
        self.env["crm.mail.rematch"]._add_found(missed, are_missed=True)
        self.env["crm.mail.mailbox"].browse(due)._hurry()

    def _load(self, copy_ids):
        """Mailbox → copies."""
        rows = execute(
            self.env,
            SQL(
                """
                SELECT %s, c.reason, c.received, COALESCE(c.search_keys, '{}'), c.mailbox_id,
                       m.scan_active AND m.state NOT IN ('draft', 'paused') AND u.active
                       AND f.selected AND f.is_gone IS NOT TRUE
                  FROM crm_mail_copy c
                  JOIN crm_mail_mailbox m ON m.id = c.mailbox_id
                  JOIN res_users u ON u.id = m.user_id
                  JOIN crm_mail_folder f ON f.id = c.folder_id
                 WHERE c.id = ANY(%s) AND c.state = 'skipped'
                """,
                COLUMNS,
                copy_ids,
            ),
        ).fetchall()
        copies = defaultdict(list)
        for *columns, mailbox_id, is_reachable in rows:
            copies[mailbox_id].append(Skipped(*columns, bool(is_reachable)))
        return copies

    def _wanted_now(self, mailbox_id, copies):
        scope = self.scopes.of(mailbox_id)
        wanted = [
            copy
            for copy, decision in zip(copies, decide_again(self.env, copies, scope), strict=True)
            # That all is scanned was no reason to keep what has expired.
            if decision.state == KEEP and (decision.matches or copy.reason != "expired")
        ]
        # These wait for an earlier start of their mailbox.
        before = [copy for copy in wanted if is_before(copy.received, scope)]
        store(self.env, before, [BEFORE_START] * len(before))
        return [copy for copy in wanted if not is_before(copy.received, scope)]

    def _set_pending(self, recalled):
        """These wait again, and are noted for the rows of the queue that they are fetched for."""
        execute(
            self.env,
            SQL(
                "UPDATE crm_mail_copy SET state = 'pending', reason = NULL, attempts = 0"
                " WHERE id = ANY(%s) AND state = 'skipped'",
                list(recalled),
            ),
        )
        pairs = [(row_id, copy_id) for copy_id, row_ids in recalled.items() for row_id in row_ids]
        execute(
            self.env,
            SQL(
                """
                INSERT INTO crm_mail_rematch_copy (rematch_id, copy_id)
                SELECT * FROM unnest(%s::int[], %s::int[]) ON CONFLICT DO NOTHING
                """,
                [row_id for row_id, _copy_id in pairs],
                [copy_id for _row_id, copy_id in pairs],
            ),
        )
