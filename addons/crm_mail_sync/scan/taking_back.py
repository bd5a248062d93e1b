# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that an exclude rule kept out which is there no more, or another one by now: they are decided anew.

Of what was kept out the archive has the addresses, not who sent it and not its subject. That is enough to tell what
belongs to nobody known; all else waits to be fetched, and its whole header decides.
"""

from odoo.tools import SQL

from ..mailsync.letter import Address, Head
from ..mailsync.matching import match
from .bulk import execute
from .candidates import find_candidates

BATCH = 2000


def take_back(env, lease, scope):
    """Decide one batch of this mailbox anew; whether there may be more. Within the current transaction."""
    lease.renew(scope.mailbox_id)
    void = _void_refs(env, scope)
    rows = execute(
        env,
        SQL(
            """
            SELECT id, addresses, thread_keys IS NOT NULL, is_removed, conversation
              FROM crm_mail_copy
             WHERE mailbox_id = %s AND state = 'skipped' AND (%s)
             LIMIT %s
            """,
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
    heads = [
        Head(addresses=tuple(Address("", address) for address in (addresses or "").split()), conversation=conversation)
        for _id, addresses, _has_thread, _is_removed, conversation in rows
    ]
    candidates = find_candidates(env, heads, scope)
    states = []
    for head, (_id, _addresses, has_thread, is_removed, _conversation) in zip(heads, rows, strict=True):
        may_belong = scope.scan_all or has_thread or match(head, candidates, scope.matching)
        states.append("gone" if is_removed and may_belong else "pending" if may_belong else "skipped")
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c
               SET state = n.state, attempts = 0, rule_ref = NULL,
                   reason = CASE n.state WHEN 'skipped' THEN 'nobody_known' WHEN 'gone' THEN 'message_gone' END
              FROM unnest(%s::int[], %s::text[]) AS n (id, state)
             WHERE c.id = n.id
            """,
            [row[0] for row in rows],
            states,
        ),
    )
