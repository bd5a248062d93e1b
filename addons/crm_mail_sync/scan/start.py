# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The date from which on a mailbox is archived, and what becomes of older messages when it is moved back."""

from odoo.tools import SQL

from ..mailsync.letter import Address, Head
from .bulk import execute
from .decider import SKIP, Decision, decide

BEFORE_START = Decision(SKIP, "before_start")
_BATCH = 500


def is_before(received, scope):
    """Whether a message came in before the mailbox's start; of one without a date nobody knows."""
    return bool(scope.since and received and received < scope.since)


def decide_anew(env, scope):
    """Decide a batch of messages that were left out as too old, and are not any more; whether there may be others.

    By what was listed of them, so that no message is fetched that belongs to nobody. A reply of somebody unknown is
    fetched when what it answers to is archived, like any other.
    """
    rows = execute(
        env,
        SQL(
            """
            SELECT id, addresses, flags FROM crm_mail_copy
             WHERE mailbox_id = %s AND reason = 'before_start' AND state = 'skipped' AND NOT COALESCE(is_removed, FALSE)
               AND received >= %s
             ORDER BY received DESC LIMIT %s
            """,
            scope.mailbox_id,
            scope.since or "-infinity",
            _BATCH,
        ),
    ).fetchall()
    if not rows:
        return False
    heads = [
        Head(addresses=tuple(Address("", a, "cc") for a in (addresses or "").split())) for _id, addresses, _f in rows
    ]
    flags = [frozenset((marks or "").split()) for _id, _addresses, marks in rows]
    decisions = decide(env, heads, flags, [""] * len(heads), scope)
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c SET state = n.state, reason = n.reason, attempts = 0
              FROM unnest(%s::int[], %s::text[], %s::text[]) AS n (id, state, reason) WHERE c.id = n.id
            """,
            [row[0] for row in rows],
            [decision.state for decision in decisions],
            [decision.reason for decision in decisions],
        ),
    )
    return True
