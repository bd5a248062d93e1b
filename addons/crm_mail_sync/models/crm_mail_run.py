# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models


class CrmMailRun(models.Model):
    """One scan of one mailbox, in figures."""

    _name = "crm.mail.run"
    _description = "Mailbox scan"
    _order = "started DESC, id DESC"
    _rec_name = "started"

    mailbox_id = fields.Many2one("crm.mail.mailbox", required=True, index=True, ondelete="cascade", readonly=True)
    started = fields.Datetime(required=True, readonly=True)
    seconds = fields.Float(readonly=True)
    seen = fields.Integer(readonly=True)
    kept = fields.Integer(readonly=True)
    skipped = fields.Integer(readonly=True)
    failed = fields.Integer(readonly=True)
    gone = fields.Integer(readonly=True)
    requests = fields.Integer(readonly=True)
    bytes_received = fields.Integer(readonly=True)
    error_code = fields.Char(readonly=True)
    error_message = fields.Char(readonly=True)

    @api.autovacuum
    def _gc_runs(self):
        """Runs are of interest for a month."""
        limit = fields.Datetime.now() - timedelta(days=30)
        self.search([("started", "<", limit)], limit=10_000).unlink()
