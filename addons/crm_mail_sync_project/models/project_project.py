# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ProjectProject(models.Model):
    _name = "project.project"
    _inherit = ["project.project", "crm.mail.target.mixin"]
    _mail_link_field = "project_id"

    mail_link_ids = fields.One2many("crm.mail.link", "project_id", string="Synced emails", groups="base.group_user")

    # Whoever sees a project and is a project user may read each letter that they speak of; salespeople may not.
    last_letter_in = fields.Datetime(groups="project.group_project_user")
    last_letter_out = fields.Datetime(groups="project.group_project_user")
    letter_waits_since = fields.Datetime(groups="project.group_project_user")

    def _thread_to_store(self, store, fields, *, request_list=None):
        result = super()._thread_to_store(store, fields, request_list=request_list)
        self._writing_to_store(store, request_list)
        return result

    def _address_to_write_to(self):
        return self.partner_id._address_to_write_to()

    def _get_stat_buttons(self):
        buttons = super()._get_stat_buttons()
        if self.letter_count:
            buttons.append(
                {
                    "icon": "envelope-o",
                    "text": self.env._("Emails"),
                    "number": self.letter_count,
                    "action_type": "object",
                    "action": "action_open_letters",
                    "show": True,
                    "sequence": 10,
                }
            )
        return buttons
