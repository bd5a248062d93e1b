# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.tools import SQL


class CrmLead(models.Model):
    _inherit = "crm.lead"

    _letter_search_fields = frozenset({"email_from", "partner_id", "company_id"})

    def _has_letter_keys(self):
        return bool(self.email_from or self.partner_id)

    def _letter_keys(self):
        """A lead's own address, and those of its customer and his contacts."""
        self.flush_model(["email_normalized", "partner_id"])
        self.env["res.partner"].flush_model(["email_normalized", "commercial_partner_id", "parent_id"])
        return self.env.execute_query(
            SQL(
                """
                WITH lead AS (SELECT id, email_normalized, partner_id FROM crm_lead WHERE id = ANY(%s)),
                keys AS (
                    SELECT id, email_normalized FROM lead
                    UNION
                    SELECT l.id, p.email_normalized FROM lead l JOIN res_partner p ON p.id = l.partner_id
                    UNION
                    SELECT l.id, p.email_normalized FROM lead l JOIN res_partner p ON p.parent_id = l.partner_id
                    UNION
                    SELECT l.id, p.email_normalized FROM lead l
                      JOIN res_partner p ON p.commercial_partner_id = l.partner_id
                )
                SELECT id, 'address', email_normalized FROM keys WHERE length(email_normalized) <= 320
                """,
                self.ids,
            )
        )
