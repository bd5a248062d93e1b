# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Copies that wait in folders which are not read any more: none of them waits for ever, and none is forgotten."""

from odoo.tools import SQL

from .bulk import execute


def account_for(env, mailbox_id, scanned_ids):
    """Take up again what was left out of these folders, and leave out what waits in all others, with the reason."""
    env["crm.mail.folder"].flush_model()
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy SET state = 'pending', reason = NULL, attempts = 0
             WHERE mailbox_id = %s AND folder_id = ANY(%s)
               AND reason IN ('folder_gone', 'folder_unpicked', 'folder_unsteady')
            """,
            mailbox_id,
            scanned_ids,
        ),
    )
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c
               SET state = CASE WHEN c.email_id IS NOT NULL THEN 'kept' WHEN f.is_gone THEN 'gone' ELSE 'skipped' END,
                   reason = CASE WHEN f.is_gone THEN 'folder_gone'
                                 WHEN f.selected THEN 'folder_unsteady' ELSE 'folder_unpicked' END
              FROM crm_mail_folder f
             WHERE f.id = c.folder_id AND c.mailbox_id = %s AND c.state = 'pending' AND c.folder_id != ALL(%s)
               -- What its owner wants is fetched from unpicked folders too, as long as it can be found there.
               AND (c.is_wanted IS NOT TRUE OR f.is_gone OR c.is_stale)
            """,
            mailbox_id,
            scanned_ids,
        ),
    )
