# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    sync_projects = fields.Boolean(
        default=True, help="Replies to letters that somebody assigned to a project belong to it as well."
    )

    @property
    def _SETTINGS(self):
        return super()._SETTINGS | {"sync_projects"}

    @property
    def _WIDENING(self):
        return super()._WIDENING | {"sync_projects"}

    def _match_targets(self):
        targets = super()._match_targets()
        if self.sync_projects:
            targets.add("project")
        return targets
