# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class CrmMailAppEmail(models.AbstractModel):
    _inherit = "crm.mail.app.email"

    @api.model
    def _rights(self):
        return {**super()._rights(), "task": self.env["project.task"].has_access("create")}
