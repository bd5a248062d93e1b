# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Scans of which the reasons count."""

from .scan_case import ScanCase

OWN = "owner@scan-own.test"
STRANGER = "stranger@else-scan.test"


class DecidingCase(ScanCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self._wipe_deciding)

    def _wipe_deciding(self):
        self.cr.rollback()
        self.env["crm.mail.rule"].search([]).unlink()
        self.env["crm.mail.mailbox"].search([]).unlink()
        for parameter in ("archive_internal", "public_domains"):
            self.env["ir.config_parameter"].set_param(f"crm_mail_sync.{parameter}", False)
        self.cr.commit()

    def rule(self, kind, value, **values):
        rule = self.env["crm.mail.rule"].create({"kind": kind, "value": value, "user_id": False, **values})
        self.cr.commit()
        return rule

    def reasons(self):
        return {copy.remote_id: copy.reason for copy in self.copies()}
