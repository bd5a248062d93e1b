# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from ..scan.rematcher import Rematcher
from .scan_case import ScanCase, letter

OWN = "owner@scan-own.test"


class RematchCase(ScanCase):
    """A mailbox with letters from people who are entered later."""

    def setUp(self):
        super().setUp()
        self.work_off()

    def _wipe(self):
        self.cr.rollback()
        self.env.invalidate_all()
        self.env["res.users"].search([("login", "like", "scan."), ("active", "=", False)]).active = True
        self.cr.commit()
        super()._wipe()
        self.env["crm.mail.rematch"].search([]).unlink()
        self.cr.commit()

    def work_off(self):
        """One worker's turn at the queue of those whose older letters are looked for."""
        self.cr.commit()
        Rematcher(self.env).work()
        self.env.invalidate_all()

    def bring(self, sender, count=1, server=None, **fields):
        """Let messages of this sender come in; their bytes."""
        messages = [
            letter(sender, OWN, subject=f"No {number} of {sender}", number=number, **fields) for number in range(count)
        ]
        for message in messages:
            (server or self.server).deliver(message)
        return messages

    def searches(self):
        return self.env["crm.mail.rematch"].search([])
