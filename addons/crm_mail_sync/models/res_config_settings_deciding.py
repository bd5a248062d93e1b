# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    mail_sync_archive_internal = fields.Boolean(
        string="Archive internal mail too",
        config_parameter="crm_mail_sync.archive_internal",
        help="Also archive letters in which nobody from outside takes part, as far as they belong to a record "
        "or all letters are scanned.",
    )
    mail_sync_public_domains = fields.Char(
        string="Domains of mail providers",
        config_parameter="crm_mail_sync.public_domains",
        help="Domains where everybody can have an address, beside those that are known: one a line, or parted by "
        "commas. They are never taken for a customer's.",
    )

    @api.model
    def _mail_sync_archives_internal(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("crm_mail_sync.archive_internal") in ("True", "1")
