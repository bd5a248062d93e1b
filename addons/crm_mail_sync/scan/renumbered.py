# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folders that their server numbered anew: the messages are the same, and are told by their headers."""

from odoo.tools import SQL

from . import put_away
from .bulk import execute


def mark(env, folder, stable_ids):
    """The folder's messages will be met again; those that are not have gone.

    Ids that are not stable are dead (RFC 3501 §2.3.1.1). The server may have given the same ones to other
    messages, so they are dropped.
    """
    execute(
        env,
        SQL(
            "UPDATE crm_mail_copy SET is_stale = TRUE, remote_id = %s WHERE folder_id = %s",
            SQL("remote_id") if stable_ids else SQL("'stale.' || id"),
            folder.id,
        ),
    )


def meet(env, folder, rows):
    """Give copies whose ids died the new ids of the same messages, told by head and size; these ids."""
    execute(
        env,
        SQL(
            """
            WITH stale AS (
                SELECT id, header_key, size,
                       row_number() OVER (PARTITION BY header_key, size ORDER BY id) AS nth
                  FROM crm_mail_copy
                 WHERE folder_id = %(folder)s AND is_stale AND header_key = ANY(%(keys)s)
                   AND %(known)s
            ), met AS (
                SELECT r.*, row_number() OVER (PARTITION BY header_key, size ORDER BY remote_id) AS nth
                  FROM unnest(%(keys)s::text[], %(sizes)s::int[], %(ids)s::text[], %(flags)s::text[],
                              %(states)s::text[], %(reasons)s::text[], %(rules)s::text[], %(removed)s::bool[])
                       AS r (header_key, size, remote_id, flags, state, reason, rule_ref, is_removed)
            )
            UPDATE crm_mail_copy c
               SET remote_id = met.remote_id, flags = met.flags, is_stale = FALSE, is_removed = met.is_removed,
                   state = CASE WHEN c.state = 'gone' THEN met.state ELSE c.state END,
                   reason = CASE WHEN c.state = 'gone' THEN met.reason ELSE c.reason END,
                   rule_ref = CASE WHEN c.state = 'gone' THEN met.rule_ref ELSE c.rule_ref END,
                   attempts = CASE WHEN c.state = 'gone' THEN 0 ELSE c.attempts END
              FROM stale JOIN met USING (header_key, size, nth)
             WHERE c.id = stale.id
         RETURNING c.remote_id
            """,
            folder=folder.id,
            # What only lay in spam or trash was never decided: elsewhere it is a message that was never seen.
            known=SQL("TRUE") if put_away.is_away(folder) else put_away.decided("crm_mail_copy"),
            keys=[row["header_key"] for row in rows],
            sizes=[row["size"] for row in rows],
            ids=[row["remote_id"] for row in rows],
            flags=[row["flags"] for row in rows],
            states=[row["state"] for row in rows],
            reasons=[row["reason"] for row in rows],
            rules=[row["rule_ref"] for row in rows],
            removed=[row["is_removed"] for row in rows],
        ),
    )
    return {remote_id for (remote_id,) in env.cr.fetchall()}
