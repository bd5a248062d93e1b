# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stores what was done in a mailbox. A message that has another id now keeps its copy, and with that its letter."""

from odoo.tools import SQL

from ..scan import put_away
from ..scan.bulk import execute

# Labels that no move takes away.
_LASTING = frozenset({"sent", "drafts", "all"})


def without_flag(env, copy_ids, flag, is_wanted):
    """Those of these copies that do not have the flag yet, or still have it."""
    question = SQL(
        """
        SELECT id FROM crm_mail_copy
         WHERE id = ANY(%s) AND (%s = ANY(string_to_array(COALESCE(flags, ''), ' '))) != %s
        """,
        copy_ids,
        flag,
        is_wanted,
    )
    return [copy_id for (copy_id,) in execute(env, question).fetchall()]


def set_flag(env, copy_ids, flag, is_set):
    """Set or clear one flag of messages, in the words of the scan."""
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c
               SET flags = NULLIF(array_to_string(ARRAY(
                       SELECT DISTINCT mark
                         FROM unnest(string_to_array(COALESCE(c.flags, ''), ' ') || %(added)s::text[]) AS u (mark)
                        WHERE mark NOT IN ('', %(removed)s) ORDER BY mark), ' '), '')
             WHERE id = ANY(%(ids)s)
            """,
            added=[flag] if is_set else [],
            removed="" if is_set else flag,
            ids=copy_ids,
        ),
    )
    columns = {"\\Seen": "is_seen", "\\Flagged": "is_flagged", "\\Answered": "is_answered"}
    column = SQL.identifier(columns[flag])
    execute(
        env,
        SQL(
            "UPDATE crm_mail_item SET %s = %s WHERE copy_id = ANY(%s) AND %s != %s",
            column, is_set, copy_ids, column, is_set,
        ),
    )  # fmt: skip


def move(env, mailbox, moved, placed):
    """Let these (``Lying``), which were taken out of one folder, lie where the server has put them.

    :param placed: ``mailsync.acting.Placed``
    :return: (copy, folder) of those that can be found there
    """
    target = mailbox.folder_ids.filtered(lambda f: f.remote_id == placed.folder and not f.is_gone)[:1]
    is_listed = bool(target._scanned())
    # Else a message keeps its id wherever it lies.
    by_place = mailbox.provider == "imap"
    new_ids = dict(placed.remote_ids) if by_place else {item.remote_id: item.remote_id for item in moved}
    if by_place:
        _forget_met(env, mailbox.id, moved, new_ids)
    _leave(env, mailbox, moved, target)
    _place(env, moved, new_ids, target, is_listed)
    if is_listed:
        _enter(env, target.id, moved)
    _settle(env, moved)
    return [(item.copy_id, target.id) for item in moved if item.remote_id in new_ids and target]


def has_labels(mailbox):
    """Whether a message may lie in several folders at once under one id."""
    return mailbox.provider == "gmail"


def _forget_met(env, mailbox_id, moved, new_ids):
    """A scan may have met them in their new place already: those copies are ours, and what became of them too."""
    copies = {item.remote_id: item.copy_id for item in moved}
    execute(
        env,
        SQL(
            """
            WITH met AS (
                SELECT n.copy_id, o.id, o.state, o.reason, o.email_id
                  FROM unnest(%(copies)s::int[], %(ids)s::text[]) AS n (copy_id, remote_id)
                  -- Of spam and trash ours is forgotten as soon as a scan misses it: then that one stays.
                  JOIN crm_mail_copy own ON own.id = n.copy_id
                  JOIN crm_mail_copy o ON o.mailbox_id = %(mailbox)s AND o.remote_id = n.remote_id AND o.id != n.copy_id
            ), kept AS (
                UPDATE crm_mail_copy c SET state = met.state, reason = met.reason, email_id = met.email_id
                  FROM met WHERE c.id = met.copy_id AND c.email_id IS NULL AND met.email_id IS NOT NULL
            )
            DELETE FROM crm_mail_copy WHERE id IN (SELECT id FROM met)
            """,
            copies=[copies[old] for old in new_ids],
            ids=list(new_ids.values()),
            mailbox=mailbox_id,
        ),
    )


def _place(env, moved, new_ids, target, is_listed):
    """Their copies follow. One whose new id nobody told is recognised by its header when its folder is listed."""
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c
               SET remote_id = COALESCE(n.remote_id, 'stale.' || c.id), is_stale = n.remote_id IS NULL,
                   folder_id = COALESCE(%s, c.folder_id), is_removed = NOT %s
              FROM unnest(%s::int[], %s::text[]) AS n (copy_id, remote_id)
             WHERE c.id = n.copy_id
            """,
            target.id or None,
            is_listed,
            [item.copy_id for item in moved],
            [new_ids.get(item.remote_id) for item in moved],
        ),
    )


def _leave(env, mailbox, moved, target):
    """Of labels only those are taken away that mean another place; what is put away is in no list but its own."""
    left = SQL("TRUE")
    if has_labels(mailbox) and not put_away.is_away(target):
        source = mailbox.folder_ids.browse(moved[0].folder_id)
        taken = source if source.role not in _LASTING else source.browse()
        if "all" in (source.role, target.role):
            taken |= mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        left = SQL("folder_id = ANY(%s)", (taken - target).ids)
    ids = [item.item_id for item in moved]
    execute(env, SQL("DELETE FROM crm_mail_item_folder WHERE item_id = ANY(%s) AND %s", ids, left))


def _enter(env, folder_id, moved):
    execute(
        env,
        SQL(
            """
            INSERT INTO crm_mail_item_folder (folder_id, item_id, received, conversation, is_seen, is_flagged,
                                              has_files)
            SELECT %s, id, received, conversation, is_seen, is_flagged, has_files
              FROM crm_mail_item WHERE id = ANY(%s) ON CONFLICT DO NOTHING
            """,
            folder_id,
            [item.item_id for item in moved],
        ),
    )


def _settle(env, moved):
    """As a scan would: what only spam or trash holds is removed; what is held again, and was not decided, waits."""
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c
               SET is_removed = NOT i.is_here,
                   -- Where a label still holds it that is scanned, it is fetched from there.
                   folder_id = COALESCE((SELECT f.folder_id FROM crm_mail_item_folder f
                                          WHERE f.item_id = i.id ORDER BY f.folder_id != c.folder_id LIMIT 1),
                                        c.folder_id),
                   attempts = CASE WHEN c.state = 'gone' THEN 0 ELSE c.attempts END,
                   state = CASE WHEN NOT i.is_here AND c.state = 'pending' AND c.email_id IS NULL THEN 'gone'
                                WHEN NOT i.is_here AND c.state = 'pending' THEN 'kept'
                                WHEN i.is_here AND (c.state = 'gone' OR c.state = 'skipped' AND c.reason = %s)
                                THEN 'pending' ELSE c.state END
              FROM crm_mail_item i
             WHERE i.copy_id = c.id AND c.id = ANY(%s)
            """,
            put_away.REASON,
            [item.copy_id for item in moved],
        ),
    )
