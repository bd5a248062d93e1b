# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CrmMailTaskWizard(models.TransientModel):
    """A task made of a letter: filled in from it, looked over by the user, and linked with it."""

    _name = "crm.mail.task.wizard"
    _description = "Task of a synced email"

    letter_id = fields.Many2one("crm.mail.email", required=True, ondelete="cascade", readonly=True)
    project_id = fields.Many2one(
        "project.project",
        required=True,
        ondelete="cascade",
        domain=[("is_template", "=", False)],
        help="The email is assigned to this project: whoever may see the project may read it there.",
    )
    name = fields.Char(string="Task", required=True)
    # The letter says whom it is for; the project's customer may be somebody else, who would be told of it.
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="set null")
    user_ids = fields.Many2many(
        "res.users", string="Assignees", default=lambda self: self.env.user, domain=[("share", "=", False)]
    )
    description = fields.Html(sanitize_style=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        letter = self.env["crm.mail.email"].browse(values.get("letter_id"))
        if letter and letter.has_access("read"):
            filled = letter._task_values()
            values = {**{name: value for name, value in filled.items() if name in fields_list}, **values}
        return values

    def action_create_task(self):
        """Make the task, file the letter with its project, and open the task."""
        self.ensure_one()
        self.letter_id._assign({"project.project": self.project_id.ids}, kind="create")
        task = self.env["project.task"].create(
            {
                "name": self.name,
                "project_id": self.project_id.id,
                "partner_id": self.partner_id.id,
                "user_ids": [(6, 0, self.user_ids.ids)],
                "description": self.description,
                "letter_id": self.letter_id.id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "project.task",
            "res_id": task.id,
            "view_mode": "form",
        }
