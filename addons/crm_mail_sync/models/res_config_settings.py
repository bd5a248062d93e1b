# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    mail_sync_scan_all = fields.Boolean(
        string="Scan all email letters",
        config_parameter="crm_mail_sync.scan_all",
        help="Also archive letters of nobody known. Only their owners can read them. "
        "Those that were skipped before are then fetched too, in the background.",
    )
    mail_sync_allowed_hosts = fields.Char(
        string="Internal mail servers",
        config_parameter="crm_mail_sync.allowed_hosts",
        help="Host names or networks inside your own network that users may enter as IMAP server, "
        "parted by commas, for example: mail.intranet, 10.1.2.0/24",
    )

    def set_values(self):
        before = self._mail_sync_scan_all()
        result = super().set_values()
        if self._mail_sync_scan_all() and not before:
            self.env["crm.mail.mailbox"].sudo().search([("state", "!=", "draft")])._search_older()
        return result

    @api.model
    def _mail_sync_scan_all(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("crm_mail_sync.scan_all") in ("True", "1")

    @api.model
    def _mail_sync_allowed_hosts(self):
        parameters = self.env["ir.config_parameter"].sudo()
        value = parameters.get_param("crm_mail_sync.allowed_hosts") or ""
        return tuple(entry.strip() for entry in value.split(",") if entry.strip())
