# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Before core does: where both have a domain, it would delete all domains of the merged ones. What was told by
        # the website or address of a merged one is told by nothing any more, and stays all the same.
        self.env["crm.mail.domain"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_mail_domain
                   SET partner_id = %(new)s, source = CASE WHEN active THEN 'manual' ELSE source END
                 WHERE id IN (
                    SELECT DISTINCT ON (domain) id FROM crm_mail_domain
                     WHERE partner_id = ANY(%(old)s)
                       AND domain NOT IN (SELECT domain FROM crm_mail_domain WHERE partner_id = %(new)s)
                     ORDER BY domain, active DESC, id
                )
                """,
                new=dst_partner.id,
                old=src_partners.ids,
            )
        )
        self.env.cr.execute(SQL("DELETE FROM crm_mail_domain WHERE partner_id = ANY(%s)", src_partners.ids))
        self.env["crm.mail.domain"].invalidate_model()
        return super()._update_foreign_keys(src_partners, dst_partner)
