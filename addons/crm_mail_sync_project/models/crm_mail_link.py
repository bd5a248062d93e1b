# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CrmMailLink(models.Model):
    _inherit = "crm.mail.link"

    project_id = fields.Many2one("project.project", index="btree_not_null", ondelete="cascade", readonly=True)

    _project_unique = models.UniqueIndex("(email_id, project_id) WHERE project_id IS NOT NULL")
    _project_page_idx = models.Index(
        "(project_id, date DESC, pointer_id DESC) WHERE project_id IS NOT NULL AND is_undone IS NOT TRUE"
    )

    @api.model
    def _target_columns(self):
        return {**super()._target_columns(), "project.project": "project_id"}
