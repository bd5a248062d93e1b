# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CrmMailAssignmentTarget(models.Model):
    _inherit = "crm.mail.assignment.target"

    project_id = fields.Many2one("project.project", index="btree_not_null", ondelete="cascade", readonly=True)
