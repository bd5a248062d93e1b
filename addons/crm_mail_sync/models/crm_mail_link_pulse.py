# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models

from . import pulse


class CrmMailLink(models.Model):
    _inherit = "crm.mail.link"

    @api.model
    def _keep_true(self, kinds):
        result = super()._keep_true(kinds)
        pulse.install(self.env.cr, kinds)
        return result
