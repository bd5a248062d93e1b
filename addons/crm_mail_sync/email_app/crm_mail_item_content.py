# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that were just opened and are not archived: kept for a day, so that a picture or a file of theirs, and a
second look, need no server (ADR 0056)."""

from odoo import api, models
from odoo.tools import SQL

from ..scan.bulk import execute

_HOURS = 24
_MOST_MESSAGES = 100
_MOST_BYTES = 100 * 1024 * 1024
# A larger one is asked for again each time.
_LARGEST = 30 * 1024 * 1024


class CrmMailItem(models.Model):
    _inherit = "crm.mail.item"

    def _kept_content__(self):
        """The message's bytes, None if it is not kept."""
        row = execute(self.env, SQL("SELECT content FROM crm_mail_item_content WHERE item_id = %s", self.id)).fetchone()
        return bytes(row[0]) if row else None

    def _keep_content__(self, content):
        """Keep it, and of the mailbox's others as many as there is room for."""
        if len(content) > _LARGEST:
            return
        execute(
            self.env,
            SQL(
                """
                INSERT INTO crm_mail_item_content (item_id, fetched, content) VALUES (%s, now() AT TIME ZONE 'UTC', %s)
                    ON CONFLICT (item_id) DO UPDATE SET fetched = EXCLUDED.fetched, content = EXCLUDED.content
                """,
                self.id,
                content,
            ),
        )
        execute(
            self.env,
            SQL(
                """
                DELETE FROM crm_mail_item_content WHERE item_id IN (
                    SELECT item_id FROM (
                        SELECT k.item_id, row_number() OVER w AS nth, sum(octet_length(k.content)) OVER w AS size
                          FROM crm_mail_item_content k JOIN crm_mail_item i ON i.id = k.item_id
                         WHERE i.mailbox_id = %s WINDOW w AS (ORDER BY k.fetched DESC, k.item_id)) AS kept
                     WHERE nth > 1 AND (nth > %s OR size > %s))
                """,
                self.mailbox_id.id,
                _MOST_MESSAGES,
                _MOST_BYTES,
            ),
        )

    @api.autovacuum
    def _gc_contents(self):
        question = "DELETE FROM crm_mail_item_content WHERE fetched < now() AT TIME ZONE 'UTC' - %s * interval '1 hour'"
        execute(self.env, SQL(question, _HOURS))
