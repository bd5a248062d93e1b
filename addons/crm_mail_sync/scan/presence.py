# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where known messages lie now, and with which flags."""

from odoo.tools import SQL

from . import put_away
from .bulk import execute

# The state of a copy that a folder holds again, and of one that none does.
_HELD = SQL("CASE WHEN state = 'gone' THEN 'pending' ELSE state END")
_REMOVED = SQL(
    "CASE WHEN state = 'pending' AND email_id IS NULL THEN 'gone' WHEN state = 'pending' THEN 'kept' ELSE state END"
)
# What its owner asked for is fetched from spam and trash too.
_AWAY = SQL("CASE WHEN state = 'pending' AND is_wanted THEN state ELSE %s END", _REMOVED)


def follow(env, mailbox_id, folder, page):
    """Note flags and removals; the archive itself never mirrors them. The ids of copies that were not met again."""
    if page.flags:
        _set_flags(env, mailbox_id, folder, page.flags)
    if page.met:
        _hold(env, mailbox_id, folder, page.met)
    if page.gone:
        remove(env, SQL("folder_id = %s AND remote_id = ANY(%s)", folder.id, list(page.gone)))
    if page.present is not None:
        present = list(page.present)
        remove(env, SQL("folder_id = %s AND remote_id NOT IN (SELECT unnest(%s::text[]))", folder.id, present))
    return [] if page.more else remove(env, SQL("folder_id = %s AND is_stale", folder.id))


def _set_flags(env, mailbox_id, folder, flags):
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c SET flags = NULLIF(n.flags, '')
              FROM unnest(%s::text[], %s::text[]) AS n (remote_id, flags)
             WHERE c.mailbox_id = %s AND c.remote_id = n.remote_id
            """,
            list(flags),
            [" ".join(sorted(marks)) for marks in flags.values()],
            mailbox_id,
        ),
    )
    _hold(env, mailbox_id, folder, flags)


def _hold(env, mailbox_id, folder, remote_ids):
    """These messages lie in the folder now, wherever they lay before: stable ids move, or lie in several.

    Told gone by one folder and held by another, in whatever order, a message is held.
    """
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy
               SET folder_id = %(folder)s, is_removed = %(is_away)s, is_stale = FALSE,
                   attempts = CASE WHEN state = 'gone' THEN 0 ELSE attempts END,
                   state = %(state)s
             WHERE mailbox_id = %(mailbox)s AND remote_id = ANY(%(ids)s)
               AND (folder_id != %(folder)s OR COALESCE(is_removed, FALSE) != %(is_away)s OR is_stale OR state = 'gone')
            """,
            folder=folder.id,
            mailbox=mailbox_id,
            ids=list(remote_ids),
            is_away=put_away.is_away(folder),
            state=_AWAY if put_away.is_away(folder) else _HELD,
        ),
    )


def remove(env, condition):
    """Note that these copies have left their folder; their ids."""
    rows = execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy
               SET is_removed = TRUE, is_stale = FALSE, state = %s
             WHERE %s AND (is_removed IS NOT TRUE OR is_stale)
         RETURNING id
            """,
            _REMOVED,
            condition,
        ),
    )
    return [copy_id for (copy_id,) in rows.fetchall()]
