# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the last completeness check of a directory found; the check itself is in ``scan/completeness.py``."""

import json

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from . import reason_texts


class CrmMailFolder(models.Model):
    _inherit = "crm.mail.folder"

    # Where the check that is going on has come to.
    check_place = fields.Text(groups=fields.NO_ACCESS)
    checked_at = fields.Datetime(readonly=True)
    check_result = fields.Json(readonly=True, help="Messages on the server, and what became of them.")
    check_error = fields.Char(readonly=True)
    check_text = fields.Char(string="Completeness", compute="_compute_check_text")
    is_complete = fields.Boolean(compute="_compute_check_text")

    def init(self):
        """The ids that the server named, while a check goes on: many in a row, for a million rows would be slower."""
        result = super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS crm_mail_folder_part (
                folder_id integer NOT NULL REFERENCES crm_mail_folder (id) ON DELETE CASCADE,
                remote_ids text[] NOT NULL
            )
            """
        )
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS crm_mail_folder_part_folder_idx ON crm_mail_folder_part (folder_id)"
        )
        return result

    @api.depends("check_result", "check_error", "checked_at")
    @api.depends_context("lang")
    def _compute_check_text(self):
        for folder in self:
            result = folder.check_result
            folder.is_complete = bool(result) and not folder.check_error and not folder._differs()
            if folder.check_error:
                folder.check_text = self.env._("Could not be checked. %(why)s", why=folder.check_error)
            elif result:
                folder.check_text = " ".join([folder._counted_text(result), *folder._difference_texts(result)])
            else:
                folder.check_text = False

    def _differs(self):
        """Whether the last check found anything that no scan had noticed."""
        result = self.check_result
        return bool(result) and any(result[name] for name in ("missing", "returned", "surplus"))

    def _counted_text(self, result):
        skipped = result["skipped"]
        parts = [
            (result.get("kept", 0), self.env._("archived")),
            (sum(skipped.values()), self._skipped_text(skipped)),
            (result.get("failed", 0), self.env._("set aside")),
            (result.get("pending", 0), self.env._("waiting to be archived")),
        ]
        counts = ", ".join(f"{self._number(count)} {what}" for count, what in parts if count)
        number = self._number(result["server"])
        if not counts:
            return self.env._("Nothing on the server.")
        return self.env._("%(number)s on the server: %(counts)s.", number=number, counts=counts)

    def _skipped_text(self, skipped):
        reasons = ", ".join(
            f"{reason_texts.short_reason(self.env, reason)} {self._number(count)}"
            for reason, count in sorted(skipped.items(), key=lambda item: -item[1])
        )
        return self.env._("skipped (%(reasons)s)", reasons=reasons)

    def _difference_texts(self, result):
        texts = {
            "missing": self.env._("%s that no scan had noticed were found and are taken in now."),
            "returned": self.env._("%s were thought to have left and are here."),
            "surplus": self.env._("%s had left without being noticed and are marked so; what was archived stays."),
        }
        return [text % self._number(result[name]) for name, text in texts.items() if result[name]]

    def _number(self, count):
        return formatLang(self.env, count, digits=0)

    def _being_checked(self):
        """Those of these that a check is going on in; how far it is, nobody reads."""
        self._origin.check_access("read")
        return self.filtered(lambda folder: folder.sudo().check_place)

    def _begin_check(self):
        """Count these directories from the beginning."""
        self._forget_parts()
        self.check_place = json.dumps(
            {"phase": "count", "place": "", "counted": 0, "missing": 0, "returned": 0, "surplus": 0}
        )

    def _end_check(self, values):
        self._forget_parts()
        self.write({"check_place": False, **values})

    def _forget_parts(self):
        self.env.cr.execute(SQL("DELETE FROM crm_mail_folder_part WHERE folder_id = ANY(%s)", self.ids))
