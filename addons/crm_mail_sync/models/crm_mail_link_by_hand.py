# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Links that a person makes for a letter of his."""

from odoo import api, models
from odoo.exceptions import UserError


class CrmMailLink(models.Model):
    _inherit = "crm.mail.link"

    @api.model
    def _readable_targets(self, targets):
        """What a client names as targets (model → ids), if they are some and the user may read them."""
        columns = self._target_columns()
        found = {}
        for model, ids in (targets or {}).items():
            if model not in columns:
                raise UserError(self.env._("Letters cannot be assigned to this kind of record."))
            records = self.env[model].browse([int(record_id) for record_id in ids]).exists()
            records.check_access("read")
            if records:
                found[model] = records.ids
        return found

    @api.model
    def _link_by_hand(self, letter, targets, user):
        """Link a letter to these records, also where such a link was undone before."""
        columns = self._target_columns()
        for model, ids in targets.items():
            column = columns[model]
            records = self.env[model].browse(ids).exists()
            old = self.search([("email_id", "=", letter.id), (column, "in", records.ids)])
            old.filtered("is_undone").write({"is_undone": False, "reason": "manual", "maker_id": user.id})
            values = {"email_id": letter.id, "date": letter.date, "pointer_id": letter.pointer_id.id}
            self.create(
                [
                    {**values, column: record.id, "reason": "manual", "maker_id": user.id}
                    for record in records - old[column]
                ]
            )
