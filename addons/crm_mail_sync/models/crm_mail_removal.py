# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Deleting what only a removed mailbox had brought, in the background."""

import time

from odoo import api, fields, models
from odoo.tools import SQL

from ..scan.unit import Unit

BATCH = 100
WORK_SECONDS = 60


class CrmMailRemoval(models.Model):
    """Letters that a user wants to have deleted with his mailbox, as far as they are nobody else's by then."""

    _name = "crm.mail.removal"
    _description = "Removal of synced emails"
    _order = "id"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", readonly=True)
    with_assigned = fields.Boolean(string="Also those assigned by hand", readonly=True)
    deleted = fields.Integer(readonly=True)

    def init(self):
        """The letters; no field, for Odoo lets whoever reads a record group by any relation of it."""
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS crm_mail_removal_email (
                removal_id int NOT NULL REFERENCES crm_mail_removal ON DELETE CASCADE,
                email_id int NOT NULL REFERENCES crm_mail_email ON DELETE CASCADE,
                PRIMARY KEY (removal_id, email_id)
            );
            CREATE INDEX IF NOT EXISTS crm_mail_removal_email_email_idx ON crm_mail_removal_email (email_id)
            """
        )

    @api.model
    def _plan(self, mailboxes, with_assigned):
        """Note what only these mailboxes of one user brought; before they are deleted, in the same transaction."""
        removal = self.create({"user_id": mailboxes.user_id.id, "with_assigned": with_assigned})
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_mail_removal_email (removal_id, email_id) SELECT %s, email_id FROM (%s) only_here",
                removal.id,
                self._only_of(mailboxes, with_assigned),
            )
        )
        self.env.invalidate_all(flush=False)
        if worker := self.env.ref("crm_mail_sync.removal_worker", raise_if_not_found=False):
            worker._trigger()
        return removal

    @api.model
    def _only_of(self, mailboxes, with_assigned):
        """A query for the letters that lie in these mailboxes of one user and are nobody's but his.

        What a further reader of them owns stays his: nobody can tell whether by this mailbox only.
        """
        return SQL(
            """
            SELECT DISTINCT e.id AS email_id
              FROM crm_mail_copy c JOIN crm_mail_email e ON e.id = c.email_id
             WHERE c.mailbox_id = ANY(%s) AND %s
            """,
            mailboxes.ids,
            self._nobody_elses(mailboxes.ids, mailboxes.user_id.id, with_assigned),
        )

    @api.model
    def _nobody_elses(self, mailbox_ids, user_id, with_assigned):
        """The condition on letters ``e`` that no mailbox but these holds them, and nobody but this user owns them."""
        return SQL(
            """
            NOT EXISTS (SELECT FROM crm_mail_copy o WHERE o.email_id = e.id AND o.mailbox_id != ALL(%s))
            AND NOT EXISTS (SELECT FROM crm_mail_email_owner_rel w
                             WHERE w.email_id = e.id AND w.user_id IS DISTINCT FROM %s)
            AND (%s OR NOT (%s))
            """,
            mailbox_ids,
            user_id or None,
            with_assigned,
            self._is_assigned(),
        )

    @api.model
    def _is_assigned(self):
        """The condition that somebody has assigned the letter ``e`` by hand."""
        return SQL(
            """
            EXISTS (SELECT FROM crm_mail_link l
                     WHERE l.email_id = e.id AND l.is_undone IS NOT TRUE AND l.reason = 'manual')
            """
        )

    @api.model
    def _cron_remove(self):
        """A worker's turn: batch by batch, one commit each."""
        unit, end = Unit(self.env), time.monotonic() + WORK_SECONDS
        while unit.run(self._remove_batch):
            if time.monotonic() > end:
                self.env.ref("crm_mail_sync.removal_worker")._trigger()
                return

    @api.model
    def _remove_batch(self):
        """Delete some letters of the oldest removal; False if there is nothing left to do.

        Whatever another mailbox has taken up meanwhile stays. What one takes up while this is going on conflicts with
        it, and one of both is done again.
        """
        removal = self.search([], limit=1)
        if not removal:
            return False
        self.env.cr.execute(
            SQL("SELECT email_id FROM crm_mail_removal_email WHERE removal_id = %s LIMIT %s", removal.id, BATCH)
        )
        ids = [email_id for (email_id,) in self.env.cr.fetchall()]
        if not ids:
            removal._tell()
            removal.unlink()
            return True
        condition = self._nobody_elses([], removal.user_id.id, removal.with_assigned)
        self.env.cr.execute(SQL("SELECT e.id FROM crm_mail_email e WHERE e.id = ANY(%s) AND %s", ids, condition))
        doomed = self.env["crm.mail.email"].browse([email_id for (email_id,) in self.env.cr.fetchall()])
        removal.deleted += len(doomed)
        doomed.unlink()
        self.env.cr.execute(
            SQL("DELETE FROM crm_mail_removal_email WHERE removal_id = %s AND email_id = ANY(%s)", removal.id, ids)
        )
        return True

    def _tell(self):
        env = self.with_context(lang=self.user_id.lang).env
        text = env._("Emails deleted with your mailbox: %(count)s", count=self.deleted)
        self.user_id._bus_send("simple_notification", {"type": "info", "message": text})
