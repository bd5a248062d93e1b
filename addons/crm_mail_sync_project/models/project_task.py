# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class ProjectTask(models.Model):
    _inherit = "project.task"

    letter_id = fields.Many2one(
        "crm.mail.email",
        string="Made of email",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    is_letter_shown = fields.Boolean(compute="_compute_is_letter_shown", groups="base.group_user")

    @api.depends("letter_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_letter_shown(self):
        readable = self.letter_id.sudo(False)._filtered_access("read")
        for task in self:
            task.is_letter_shown = task.letter_id in readable

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        tasks._check_letter()
        return tasks

    def write(self, vals):
        result = super().write(vals)
        if "letter_id" in vals:
            self._check_letter()
        return result

    def _track_post_template_finalize(self):
        # Filing is silent: the template of a stage would answer a letter that only people answer.
        return None if self.sudo().letter_id else super()._track_post_template_finalize()

    def _check_letter(self):
        """Whoever makes a task of a letter has to be allowed to read it."""
        if not self.env.su and (letters := self.sudo().letter_id):
            letters.sudo(False).check_access("read")

    def action_open_letter(self):
        """The letter that the task was made of."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.letter_id.display_name,
            "res_model": "crm.mail.email",
            "res_id": self.letter_id.id,
            "view_mode": "form",
        }
