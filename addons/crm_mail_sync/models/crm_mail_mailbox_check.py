# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a mailbox is checked for completeness, and what came of it in a line."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    check_due = fields.Datetime(string="Next completeness check", readonly=True, copy=False)
    completeness_text = fields.Char(string="Completeness", compute="_compute_completeness")
    completeness = fields.Selection(
        [
            ("unknown", "Not checked yet"),
            ("checking", "Being checked"),
            ("complete", "Complete"),
            ("differs", "Repaired"),
            ("failed", "Could not be checked"),
        ],
        compute="_compute_completeness",
    )

    @api.model
    def _check_interval(self):
        """Time between two checks of a mailbox in which nothing was found wrong."""
        return timedelta(days=7)

    def action_check_completeness(self):
        """Count at once what the server holds, and hold it against what is known."""
        self._check_can_scan()
        self.sudo().check_due = fields.Datetime.now()
        self.sudo()._set_due()

    def _plan_check(self, **delay):
        """:param delay: of the next check, as of a timedelta; the usual time if there is none."""
        self.check_due = fields.Datetime.now() + (timedelta(**delay) if delay else self._check_interval())

    def _is_check_due(self):
        self.ensure_one()
        return bool(self.check_due) and self.check_due <= fields.Datetime.now()

    def _is_being_checked(self):
        self.ensure_one()
        return bool(self.folder_ids._scanned()._being_checked())

    def _set_scanned(self):
        result = super()._set_scanned()
        if not self.check_due:
            # Soon after the first import, when it is of most interest.
            self._plan_check(hours=1)
        if self.next_run and self._is_being_checked():
            # In turns like an import, behind those who wait.
            self.next_run = fields.Datetime.now()
        return result

    def _forget_places(self):
        result = super()._forget_places()
        self.folder_ids.sudo()._end_check({"checked_at": False, "check_result": False, "check_error": False})
        self.sudo().check_due = False
        return result

    @api.depends("check_due", "state", "folder_ids.selected", "folder_ids.is_gone", "folder_ids.check_place",
                 "folder_ids.check_result", "folder_ids.check_error", "folder_ids.checked_at")  # fmt: skip
    @api.depends_context("lang", "tz", "uid")
    def _compute_completeness(self):
        for mailbox in self:
            mailbox.completeness, mailbox.completeness_text = mailbox._completeness_now()

    def _completeness_now(self):
        if self.state == "draft":
            return "unknown", False
        folders = self.folder_ids._scanned().filtered("selected")
        is_scanned = self.state in ("importing", "up_to_date", "partly_failed")
        if is_scanned and (self._is_being_checked() or self._is_check_due()):
            return "checking", self._checking_text(folders)
        if failed := folders.filtered("check_error"):
            names = ", ".join(failed.mapped("complete_name")[:5])
            return "failed", self.env._(
                "Not all directories could be checked: %(names)s. It is tried again by itself.", names=names
            )
        checked = folders.filtered("check_result")
        if not checked:
            return "unknown", self.env._("Not checked for completeness yet. That is done by itself after the import.")
        return self._result_now(checked)

    def _checking_text(self, folders):
        done = len(folders - folders._being_checked())
        return self.env._(
            "Being checked: what the server holds is counted, directory by directory. %(done)s of %(all)s are done.",
            done=0 if self._is_check_due() else done,
            all=len(folders),
        )

    def _result_now(self, checked):
        results = checked.mapped("check_result")
        total = formatLang(self.env, sum(result["server"] for result in results), digits=0)
        when = self._clock(min(checked.mapped("checked_at")))
        missing = sum(result["missing"] for result in results)
        other = sum(result["returned"] + result["surplus"] for result in results)
        if missing:
            return "differs", self.env._(
                "%(missing)s of %(total)s messages had been missed by the scans and are taken in. Checked: %(when)s; "
                "it is checked again: %(next)s.",
                missing=formatLang(self.env, missing, digits=0),
                total=total,
                when=when,
                next=self._clock(self.check_due),
            )
        if other:
            return "differs", self.env._(
                "Every one of %(total)s messages is accounted for. Where %(other)s of them lie had not been noticed, "
                "and is set right. Checked: %(when)s.",
                total=total,
                other=formatLang(self.env, other, digits=0),
                when=when,
            )
        return "complete", self.env._(
            "Complete: every one of %(total)s messages is accounted for. Checked: %(when)s.", total=total, when=when
        )
