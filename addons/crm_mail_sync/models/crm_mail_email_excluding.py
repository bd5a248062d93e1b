# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

from ..mailsync.ourselves import outsiders
from ..scan.ourselves import ourselves
from .crm_mail_rule_preview import head_of


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def action_exclude_sender(self):
        """A new exclude rule, filled in with who sent this letter, or with whom it was sent to."""
        self.ensure_one()
        self.check_access("read")
        outside = outsiders(head_of(self), ourselves(self.env))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Exclude from the archive"),
            "res_model": "crm.mail.rule",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_kind": "address", "default_value": next(iter(outside), False)},
        }
