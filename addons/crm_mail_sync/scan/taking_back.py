# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that an exclude rule kept out which is there no more, or another one by now: they are decided anew.

What belongs to nobody known is told by its copy; all else waits to be fetched, and its whole header decides.
"""

from odoo.tools import SQL

from .bulk import execute
from .decider import KEEP, Decision
from .remembered import COLUMNS, Remembered, decide_again, store
from .start import BEFORE_START, is_before

BATCH = 2000
_GONE = Decision("gone", "message_gone")


def take_back(env, lease, scope):
    """Decide one batch of this mailbox anew; whether there may be more. Within the current transaction."""
    lease.renew(scope.mailbox_id)
    void = _void_refs(env, scope)
    rows = execute(
        env,
        SQL(
            """
            SELECT %s, c.is_removed, c.received FROM crm_mail_copy c
             WHERE mailbox_id = %s AND state = 'skipped' AND (%s)
             LIMIT %s
            """,
            COLUMNS,
            scope.mailbox_id,
            SQL(" OR ").join(
                [
                    SQL("reason = 'excluded' AND (rule_ref = ANY(%s) OR rule_ref IS NULL)", void),
                    *([SQL("reason = 'internal'")] if scope.archives_internal else []),
                ]
            ),
            BATCH,
        ),
    ).fetchall()
    if rows:
        _settle(env, rows, scope)
    return len(rows) == BATCH


def _void_refs(env, scope):
    """The references to rules among this mailbox's copies that no rule has now.

    One step into the index for each, however many copies there are (PostgreSQL does not skip through it by itself).
    """
    condition = SQL("mailbox_id = %s AND state = 'skipped' AND reason = 'excluded'", scope.mailbox_id)
    rows = execute(
        env,
        SQL(
            """
            WITH RECURSIVE met AS (
                SELECT (SELECT min(rule_ref) FROM crm_mail_copy WHERE %(condition)s) AS ref
                 UNION ALL
                SELECT (SELECT min(rule_ref) FROM crm_mail_copy WHERE %(condition)s AND rule_ref > met.ref)
                  FROM met WHERE met.ref IS NOT NULL
            )
            SELECT ref FROM met WHERE ref IS NOT NULL
            """,
            condition=condition,
        ),
    ).fetchall()
    return [ref for (ref,) in rows if ref not in scope.rules.refs]


def _settle(env, rows, scope):
    copies = [Remembered(*columns) for *columns, _is_removed, _received in rows]
    decisions = [
        _outcome(decision, is_removed, received, scope)
        for decision, (*_columns, is_removed, received) in zip(decide_again(env, copies, scope), rows, strict=True)
    ]
    store(env, copies, decisions)


def _outcome(decision, is_removed, received, scope):
    if decision.state != KEEP:
        return decision
    if is_removed:
        return _GONE
    return BEFORE_START if is_before(received, scope) else decision
