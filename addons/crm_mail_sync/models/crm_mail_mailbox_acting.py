# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the owner may do in a mailbox beside reading."""

from odoo import models


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    def _actor_connector__(self, keep):
        """What opens a session that acts when called, and needs no database for it; raises MailSyncError.

        The sibling of ``_connector__``, whose sessions only read.

        :param keep: stores renewed tokens (``oauth.Tokens``) for good, whatever transaction is open or not.
        """
        self.ensure_one()
        return getattr(self, f"_actor_connector_{self.provider}__")(keep)
