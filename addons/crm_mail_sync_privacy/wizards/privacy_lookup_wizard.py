# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's Privacy Lookup, over the archive too: where a person is in it, and erasing what is found."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.mail import email_normalize

from odoo.addons.crm_mail_sync.mailsync.reading import without_accents
from odoo.addons.crm_mail_sync.mailsync.search_keys import address_key

# Of each kind; whoever erases these finds the rest when he looks again.
MOST_LINES = 5_000
# What is not deleted but erased, so that no scan brings it back.
_ERASED = ("crm.mail.email", "crm.mail.copy")


class PrivacyLookupWizard(models.TransientModel):
    _inherit = "privacy.lookup.wizard"

    def _get_query_models_blacklist(self):
        """Ours are looked through by their indexes, below: Odoo's way reads all letters, and finds parts of some."""
        return [*super()._get_query_models_blacklist(), *(name for name in self.env if name.startswith("crm.mail."))]

    def _get_query(self):
        query = super()._get_query()
        address = email_normalize(self.email.strip())
        for model, found in self._letter_queries(address, self.name.strip()).items():
            query = SQL(
                "%s UNION ALL SELECT %s, found.id, TRUE FROM (%s ORDER BY 1 DESC LIMIT %s) AS found",
                query,
                self.env["ir.model"]._get_id(model),
                found,
                MOST_LINES,
            )
        return query

    def _letter_queries(self, address, name):
        """Model → a query for the ids of what holds this address, or is from or to somebody of this name."""
        named = SQL(
            """
            SELECT p.email_id AS id FROM crm_mail_head h JOIN crm_mail_participant p ON p.email_id = h.email_id
             WHERE h.fts @@ plainto_tsquery('simple', %s) AND p.name ILIKE %s
            """,
            without_accents(name),
            name,
        )
        holds = SQL("%s = ANY(string_to_array(addresses, ' '))", address)
        return {
            "crm.mail.email": SQL(
                "SELECT email_id AS id FROM crm_mail_participant WHERE address = %s UNION %s", address, named
            ),
            "crm.mail.copy": SQL(
                """
                SELECT id FROM crm_mail_copy
                 WHERE state IN ('skipped', 'failed', 'gone') AND search_keys && ARRAY[%(key)s]::bigint[] AND %(holds)s
                   AND email_id IS NULL
                UNION
                SELECT id FROM crm_mail_copy WHERE state = 'pending' AND email_id IS NULL AND %(holds)s
                """,
                key=address_key(address),
                holds=holds,
            ),
            "crm.mail.rule": SQL("SELECT id FROM crm_mail_rule WHERE kind = 'address' AND lower(value) = %s", address),
            "crm.mail.assignment": SQL("SELECT id FROM crm_mail_assignment WHERE learned = %s", address),
        }


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = "privacy.lookup.wizard.line"

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        """The name is stored, for whichever administrator: none of ours says what is in an email."""
        ours = self.filtered(lambda line: (line.res_model or "").startswith("crm.mail."))
        for line in ours:
            line.res_name = f"{line.res_model_id.name} #{line.res_id}"
        return super(PrivacyLookupWizardLine, self - ours)._compute_res_name()

    def action_unlink(self):
        self.ensure_one()
        if self.res_model not in _ERASED:
            return super().action_unlink()
        if self.is_unlinked:
            raise UserError(self.env._("This email is erased already."))
        return self._erase()

    def action_unlink_all(self):
        ours = self.filtered(lambda line: line.res_model in _ERASED)
        ours.filtered(lambda line: not line.is_unlinked)._erase()
        return super(PrivacyLookupWizardLine, self - ours).action_unlink_all()

    def _erase(self):
        """Erase what these lines stand for, as far as it is there still."""
        self.check_access("write")
        for model, lines in self.grouped("res_model").items():
            self.env[model].sudo().browse(lines.mapped("res_id")).exists()._erase()
            for line in lines:
                line.execution_details = self.env._(
                    "Erased %(model)s #%(number)s", model=line.res_model_id.name, number=line.res_id
                )
        self.is_unlinked = True
