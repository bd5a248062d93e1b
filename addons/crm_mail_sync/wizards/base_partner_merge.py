# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Before core does: if one letter is linked to both, it would delete all links of the merged ones.
        dst_partner._take_letters_of(src_partners)
        return super()._update_foreign_keys(src_partners, dst_partner)
