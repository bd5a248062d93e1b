# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    _letter_search_fields = frozenset({"email", "parent_id", "is_company", "active", "company_id"})

    def _has_letter_keys(self):
        return bool(self.email)

    def _letter_keys(self):
        """A customer's addresses and domains, and those of his contacts, whose letters are his too."""
        self.flush_model(["email_normalized", "commercial_partner_id", "parent_id", "active"])
        self.env["crm.mail.domain"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                WITH family AS (
                    SELECT n.id, p.id AS member_id, p.email_normalized
                      FROM unnest(%(ids)s::int[]) AS n (id) JOIN res_partner p ON p.id = n.id
                     WHERE p.active AND p.partner_share
                    UNION
                    SELECT n.id, p.id, p.email_normalized
                      FROM unnest(%(ids)s::int[]) AS n (id) JOIN res_partner p ON p.parent_id = n.id
                     WHERE p.active AND p.partner_share
                    UNION
                    SELECT n.id, p.id, p.email_normalized
                      FROM unnest(%(ids)s::int[]) AS n (id) JOIN res_partner p ON p.commercial_partner_id = n.id
                     WHERE p.active AND p.partner_share
                )
                SELECT id, 'address', email_normalized FROM family WHERE length(email_normalized) <= 320
                UNION
                SELECT f.id, 'domain', d.domain
                  FROM family f JOIN crm_mail_domain d ON d.partner_id = f.member_id AND d.active
                """,
                ids=self.ids,
            )
        )
