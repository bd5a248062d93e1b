# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Targets that are entered or changed get their older letters."""

from odoo import api, fields, models


class CrmMailTargetMixin(models.AbstractModel):
    _inherit = "crm.mail.target.mixin"

    # Fields by which letters find their way here: changed, the older ones are looked for.
    _letter_search_fields = frozenset()

    letter_search_text = fields.Char(compute="_compute_letter_search_text", groups="base.group_user")

    @api.depends_context("uid")
    def _compute_letter_search_text(self):
        searches = self.env["crm.mail.rematch"].sudo()
        going_on = [("res_model", "=", self._name), ("res_id", "in", self._origin.ids), ("stage", "!=", "done")]
        newest = {search.res_id: search for search in searches.search(going_on)}
        sums = searches.browse([search.id for search in newest.values()])._sums(self.env.user)
        for target in self:
            search = newest.get(target._origin.id)
            target.letter_search_text = search._text(sums[search]) if search else False

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        self.env["crm.mail.rematch"]._search_for(targets.filtered(lambda t: t._has_letter_keys()))
        return targets

    def write(self, vals):
        fields_in = self._letter_search_fields.intersection(vals)
        changed = self.sudo().filtered(lambda t: any(t._changes(name, vals[name]) for name in fields_in))
        result = super().write(vals)
        self.env["crm.mail.rematch"]._search_for(changed)
        return result

    def _changes(self, name, value):
        """Whether writing the value makes a difference that may bring letters."""
        field = self._fields[name]
        old = field.convert_to_write(self[name], self)
        return (old or False) != (value or False)

    def _has_letter_keys(self):
        """Whether a new record can have letters at all."""
        return False

    def _letter_keys(self):
        """The addresses and domains by which letters find these records, as (id, "address" or "domain", value).

        Whether a letter that has one of them belongs to the record is for the scan's rules to say.
        """
        return []
