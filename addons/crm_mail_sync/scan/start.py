# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The date from which on a mailbox is archived, and what becomes of older messages when it is moved back."""

from odoo.tools import SQL

from .bulk import execute
from .decider import SKIP, Decision
from .remembered import COLUMNS, Remembered, decide_again, store

BEFORE_START = Decision(SKIP, "before_start")
_BATCH = 500


def is_before(received, scope):
    """Whether a message came in before the mailbox's start; of one without a date nobody knows."""
    return bool(scope.since and received and received < scope.since)


def decide_anew(env, scope):
    """Decide a batch of messages that were left out as too old, and are not any more; whether there may be others.

    A reply of somebody unknown is fetched when what it answers to is archived, like any other.
    """
    rows = execute(
        env,
        SQL(
            """
            SELECT %s FROM crm_mail_copy c
             WHERE mailbox_id = %s AND reason = 'before_start' AND state = 'skipped' AND NOT COALESCE(is_removed, FALSE)
               AND received >= %s
             ORDER BY received DESC LIMIT %s
            """,
            COLUMNS,
            scope.mailbox_id,
            scope.since or "-infinity",
            _BATCH,
        ),
    ).fetchall()
    if not rows:
        return False
    copies = [Remembered(*row) for row in rows]
    store(env, copies, decide_again(env, copies, scope))
    return True
