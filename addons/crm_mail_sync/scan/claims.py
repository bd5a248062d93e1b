# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which copies are to be archived next, and how often each was tried."""

from odoo.tools import SQL

from ..mailsync import policy
from .bulk import execute
from .fetching import Pending

_DECIDED = ("matched", "scan_all", "nobody_known", "expired")


def waiting(env, mailbox_id, in_flight, closed, limit):
    """The first ``limit`` copies that wait, in the order in which they are to be archived.

    :param in_flight: ids of those that are on their way
    :param closed: remote ids of folders that cannot be opened
    """
    rows = execute(
        env,
        SQL(
            """
            SELECT c.id, c.remote_id, f.remote_id, c.size, c.received, c.flags, c.attempts,
                   c.conversation, c.email_id IS NOT NULL, f.selected
              FROM crm_mail_copy c JOIN crm_mail_folder f ON f.id = c.folder_id
             WHERE c.mailbox_id = %s AND c.state = 'pending' AND NOT COALESCE(c.is_stale, FALSE)
               AND (f.selected AND NOT COALESCE(f.is_gone, FALSE) OR c.is_wanted)
               AND c.id != ALL(%s) AND f.remote_id != ALL(%s)
             ORDER BY c.is_wanted IS TRUE DESC, c.attempts, c.received DESC NULLS LAST, c.id LIMIT %s
            """,
            mailbox_id,
            in_flight,
            list(closed),
            limit,
        ),
    ).fetchall()
    return [Pending(*row[:5], frozenset((row[5] or "").split()), *row[6:]) for row in rows]


def set_aside(env, mailbox_id, in_flight):
    """Give up those on which workers died each time; how many."""
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy
               SET state = 'failed',
                   -- What was decided before says nothing of why it failed.
                   reason = CASE WHEN reason IN %s THEN 'interrupted' ELSE COALESCE(reason, 'interrupted') END
             WHERE mailbox_id = %s AND state = 'pending' AND attempts >= %s AND id != ALL(%s)
            """,
            _DECIDED,
            mailbox_id,
            policy.MESSAGE_TRIES,
            in_flight,
        ),
    )
    return env.cr.rowcount


def count_attempt(env, ids, step):
    """Count one more try of these, or one less."""
    execute(
        env,
        SQL("UPDATE crm_mail_copy SET attempts = attempts + %s WHERE id = ANY(%s) AND state = 'pending'", step, ids),
    )
