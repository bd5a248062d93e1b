# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Projects as the report and the wizard of assignments know other targets."""

from odoo import api, fields, models

_MOST = 5


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"  # pylint: disable=consider-merging-classes-inherited

    project_ids = fields.Many2many(
        "project.project",
        string="Projects",
        compute="_compute_project_ids",
        search="_search_project_ids",
        context={"active_test": False},
        groups="project.group_project_user",
    )

    @api.depends("link_ids.is_undone", "link_ids.project_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_project_ids(self):
        self._compute_linked("project_ids", "project_id")

    def _search_project_ids(self, operator, value):
        self._check_field_access(self._fields["project_ids"], "read")
        return self._search_links("project_id", operator, value)

    def _assign_candidates(self):
        """Also the projects of the customers whom the letters were exchanged with; there may be none of these."""
        found = dict(super()._assign_candidates())
        if self.env.user.has_group("project.group_project_user"):
            linked = self._common_targets()
            for project in self._projects_of_customers():
                if project not in linked:
                    reason = self.env._("project of %(name)s", name=project.partner_id.display_name)
                    found.setdefault(project, reason)
        return list(found.items())

    def _projects_of_customers(self):
        people = self._partners_with(self.sudo(False)._foreign_addresses())
        customers = people | people.commercial_partner_id
        domain = [("partner_id", "in", customers.ids), ("is_template", "=", False)]
        return self.env["project.project"].search(domain, order="id DESC", limit=_MOST)
