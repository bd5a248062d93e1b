# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

from . import pulse


class CrmMailLink(models.Model):
    _inherit = "crm.mail.link"

    def init(self):
        result = super().init()
        pulse.install(self.env.cr, self._target_kinds())
        return result
