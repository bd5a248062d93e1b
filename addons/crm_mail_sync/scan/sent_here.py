# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters that were written in the app Email: filed when they are sent, and met again by a scan.

The provider may have changed their header on the way, the date above all, so the header key does not always tell. Their
Message-ID, which was made here, does, together with what they say.
"""

from odoo.tools import SQL

from . import put_away
from .asked import FINAL
from .bulk import execute


def letters(env, message_ids):
    """Message-ID → [(letter, its fingerprint)], of those among these that were sent from here, by whomever.

    Sending and scanning meet in the row of what was sent: whoever comes second sees what the first one stored.
    """
    sent = execute(
        env,
        SQL(
            """
            UPDATE crm_mail_draft SET met_count = COALESCE(met_count, 0) + 1
             WHERE message_id = ANY(%s) AND state IN ('sending', 'filing', 'sent')
         RETURNING message_id
            """,
            [message_id for message_id in message_ids if message_id],
        ),
    ).fetchall()
    found = {}
    if sent:
        rows = execute(
            env,
            SQL(
                """
                SELECT h.message_id, h.email_id, c.fingerprint
                  FROM crm_mail_head h JOIN crm_mail_content c ON c.email_id = h.email_id
                 WHERE h.message_id = ANY(%s)
                """,
                [message_id for (message_id,) in sent],
            ),
        )
        for message_id, *letter in rows.fetchall():
            found.setdefault(message_id, []).append(tuple(letter))
    return found


def want(env, mailbox_id, remote_ids):
    """Have those of these messages archived that were filed when they were sent, though no rule would keep them; they
    turn out to be letters that are there. Their ids."""
    if not remote_ids:
        return set()
    return _want(env, SQL("c.mailbox_id = %s AND c.remote_id = ANY(%s)", mailbox_id, list(remote_ids)))


def want_message(env, mailbox_id, message_id):
    """The same for a message that was listed before it was filed."""
    return _want(env, SQL("c.mailbox_id = %s AND c.message_id = %s", mailbox_id, message_id))


def _want(env, condition):
    rows = execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c
               SET state = 'pending', reason = NULL, rule_ref = NULL, attempts = 0, is_wanted = TRUE
              FROM crm_mail_draft d
             WHERE %s AND c.state = 'skipped' AND c.email_id IS NULL AND c.reason NOT IN %s
               AND d.mailbox_id = c.mailbox_id AND d.message_id = c.message_id AND d.email_id IS NOT NULL
         RETURNING c.remote_id
            """,
            condition,
            (*FINAL, put_away.REASON),
        ),
    )
    return {remote_id for (remote_id,) in rows.fetchall()}
