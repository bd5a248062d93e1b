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

    @api.model
    def _cron_check_pulse(self):
        """Put right what two transactions at once may have left: see ``pulse``."""
        while pulse.check(self.env.cr):
            self.env.cr.commit()  # pylint: disable=invalid-commit
