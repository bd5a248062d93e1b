# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that were erased: they are passed over in whatever mailbox they are met, and nothing is noted of them."""

from dataclasses import replace

from odoo.tools import SQL

from ..mailsync import identity
from .bulk import execute

ERASED = "erased"

# Columns of a copy that say something of its message, or what it could be found by.
_WIPED = ("message_id", "addresses", "subject", "thread_keys", "search_keys", "rule_ref")


def settle(env, heads, decisions):
    """The decisions, without what was erased."""
    if not execute(env, SQL("SELECT FROM crm_mail_erased LIMIT 1")).rowcount:
        return decisions
    keys = [identity.header_key(head) for head in heads]
    question = SQL("SELECT header_key FROM crm_mail_erased WHERE header_key = ANY(%s)", keys)
    found = {key for (key,) in execute(env, question).fetchall()}
    return [
        replace(decision, state="skipped", reason=ERASED, matches=(), odoo_message=None) if key in found else decision
        for key, decision in zip(keys, decisions, strict=True)
    ]


def wipe(env, copy_ids):
    """Settle these copies, and forget what their messages were."""
    if not copy_ids:
        return
    execute(env, SQL("DELETE FROM crm_mail_item WHERE copy_id = ANY(%s)", list(copy_ids)))
    columns = SQL(", ").join(SQL("%s = NULL", SQL.identifier(column)) for column in _WIPED)
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy
               SET state = 'skipped', reason = %s, reason_text = NULL, email_id = NULL, attempts = 0,
                   is_wanted = FALSE, wanted_targets = NULL, %s
             WHERE id = ANY(%s)
            """,
            ERASED,
            columns,
            list(copy_ids),
        ),
    )


def without_traces(row):
    """A copy's row, with nothing of its message if that was erased."""
    return {**row, **dict.fromkeys(_WIPED)} if row["reason"] == ERASED else row
