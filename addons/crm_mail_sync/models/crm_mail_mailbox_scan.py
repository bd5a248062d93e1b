# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a mailbox is scanned, and by whom; the scan itself is in ``scan/``."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..scan.runner import Runner

WORKERS = ("scan_worker_1", "scan_worker_2", "scan_worker_3", "scan_worker_4")


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    folders_listed = fields.Datetime(groups=fields.NO_ACCESS, copy=False)

    def action_scan_now(self):
        """Scan at once instead of at the next turn, with the directories that were left out for being unsteady."""
        self._check_can_scan()
        self.sudo().folder_ids.filtered("resets").write({"resets": 0})
        self.sudo()._set_due()

    def _check_can_scan(self):
        for mailbox in self:
            mailbox.check_access("write")
            if why := mailbox._why_no_scan():
                raise UserError(why)

    def _why_no_scan(self):
        """What has to be done before it can be scanned, "" if nothing."""
        self.ensure_one()
        if self.state == "draft":
            return self.env._("Connect the mailbox first: Test connection, then Submit.")
        return "" if self.scan_active else self.env._("Switch “Email scan active” on first.")

    def action_retry_failed(self):
        """Give the messages that were set aside another try."""
        self._check_can_scan()
        copies = self.env["crm.mail.copy"].sudo()
        copies.search([("mailbox_id", "in", self.ids), ("state", "=", "failed")])._set_pending()
        self.sudo()._set_due()

    def _schedule_scan(self):
        """Wake the workers; a seam for other ways to run scans (queues, other machines)."""
        for name in WORKERS:
            # An administrator may have removed some of the workers.
            if worker := self.env.ref(f"crm_mail_sync.{name}", raise_if_not_found=False):
                worker.sudo()._trigger()

    @api.model
    def _cron_scan(self, patient=False):
        """One worker's turn: scan due mailboxes, one after the other, while there is time.

        One of the workers is patient: it waits for imports that go on within its turn.
        """
        Runner(self.env).work(patient)

    def _match_targets(self):
        """Which kinds of target the letters of this mailbox may be linked to."""
        self.ensure_one()
        targets = set()
        if self.sync_clients:
            targets.add("partner")
        if self.sync_leads:
            targets.add("lead")
        return targets

    def _needs_folders(self):
        """Whether it is time to look for new directories: once an hour, for it costs a request."""
        self.ensure_one()
        return not self.folders_listed or self.folders_listed < fields.Datetime.now() - timedelta(hours=1)

    def _store_folders(self, listed):
        """Bring the directories to what the provider lists, see ``Provider.folders``."""
        self.ensure_one()
        self.folder_ids._store_listing(self, listed)
        self.folders_listed = fields.Datetime.now()
