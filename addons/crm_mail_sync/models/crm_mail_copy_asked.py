# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Filing a message because its owner asks for it."""

import logging

from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class CrmMailCopy(models.Model):
    _inherit = "crm.mail.copy"

    is_wanted = fields.Boolean(readonly=True, help="Its owner asked for it to be filed, whatever the rules say.")
    # Model → ids of the records that it is to be assigned to as soon as it is archived; what is left then could not be.
    wanted_targets = fields.Json(readonly=True)

    # By Message-ID are found: letters by their own, and the messages that were not archived by this.
    _message_id_idx = models.Index(
        "(message_id) WHERE message_id IS NOT NULL AND state IN ('skipped', 'failed', 'gone')"
    )

    def _file(self, targets):
        """Have these archived at once, whatever the rules say, and assigned to these records."""
        self.check_access("read")
        mailboxes = self.mailbox_id
        if mailboxes.user_id != self.env.user:
            raise UserError(self.env._("Only messages of your own mailboxes can be filed."))
        if any(copy._is_draft() for copy in self):
            raise UserError(self.env._("This is a draft. It is archived when it has been sent."))
        mailboxes._check_can_scan()
        targets = {model: ids for model, ids in (targets or {}).items() if ids}
        self.env["crm.mail.email"]._check_targets(targets)
        copies = self.sudo()
        archived = copies.filtered(lambda copy: copy.state == "kept" and copy.email_id)
        archived.email_id.sudo(False).check_access("read")
        copies.write({"is_wanted": True, "wanted_targets": targets or False})
        for copy in archived:
            copy._assign_wanted()
        if waiting := copies - archived:
            waiting._set_pending()
            mailboxes.sudo()._set_due()

    def _is_draft(self):
        """Whether it is no letter yet, and may become one under the same id."""
        self.ensure_one()
        return "\\Draft" in (self.flags or "").split()

    def _assign_wanted(self):
        """Assign the letter to what its owner wants it assigned to, if he still may: others wait for the batch."""
        self.ensure_one()
        if not (self.wanted_targets and self.email_id):
            return
        letter = self.email_id.with_user(self.mailbox_id.user_id).with_company(self.mailbox_id.company_id)
        try:
            with self.env.cr.savepoint():
                letter._assign(self.wanted_targets)
        except UserError as error:
            _logger.info("copy %s: the letter cannot be assigned as its owner wants: %s", self.id, type(error).__name__)
        else:
            self.wanted_targets = False
