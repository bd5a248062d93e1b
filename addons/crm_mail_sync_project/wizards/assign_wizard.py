# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class AssignWizard(models.TransientModel):
    _inherit = "crm.mail.assign.wizard"

    project_ids = fields.Many2many("project.project", string="Projects")

    def _readers_of(self, model):
        if model != "project.project":
            return super()._readers_of(model)
        names = ", ".join(self.project_ids._origin.mapped("display_name"))
        return self.env._("project users who may see %(projects)s", projects=names)
