# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of the archived letters when a mailbox is deleted."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

# More are not counted.
_COUNTED = 10_000


class MailboxRemoval(models.TransientModel):
    _name = "crm.mail.mailbox.removal"
    _description = "Delete mailboxes"

    mailbox_ids = fields.Many2many("crm.mail.mailbox", required=True)
    is_own = fields.Boolean(compute="_compute_is_own")
    choice = fields.Selection(
        [("keep", "Keep the archived emails"), ("delete", "Delete what only this mailbox brought")],
        required=True,
        default="keep",
    )
    with_assigned = fields.Boolean(string="Also those that somebody assigned by hand")
    only_text = fields.Char(compute="_compute_texts")
    assigned_text = fields.Char(compute="_compute_texts")
    shared_text = fields.Char(compute="_compute_texts")

    @api.depends("mailbox_ids")
    @api.depends_context("uid")
    def _compute_is_own(self):
        for wizard in self:
            wizard.is_own = bool(wizard._own_mailboxes())

    def _own_mailboxes(self):
        """These mailboxes if all are the user's own by what is stored: a form that is not saved can say anything."""
        mailboxes = self.mailbox_ids._origin
        return mailboxes if mailboxes.sudo().user_id == self.env.user else mailboxes.browse()

    @api.depends("mailbox_ids")
    def _compute_texts(self):
        removals = self.env["crm.mail.removal"].sudo()
        for wizard in self:
            # What an admin does not read he is not told the number of.
            mailboxes = wizard._own_mailboxes()
            in_mailboxes = SQL(
                "SELECT DISTINCT email_id FROM crm_mail_copy WHERE mailbox_id = ANY(%s) AND email_id IS NOT NULL",
                mailboxes.ids,
            )
            total = self._count(in_mailboxes)
            only = self._count(removals._only_of(mailboxes.sudo(), True))
            free = self._count(removals._only_of(mailboxes.sudo(), False))
            wizard.only_text = self._text(free)
            wizard.assigned_text = self._text(only - free) if only > free else False
            wizard.shared_text = self._text(total - only)

    @api.model
    def _count(self, query):
        return self.env.execute_query(SQL("SELECT count(*) FROM (%s LIMIT %s) counted", query, _COUNTED + 1))[0][0]

    @api.model
    def _text(self, count):
        return f"{_COUNTED:,}+" if count > _COUNTED else f"{count:,}"

    def action_remove(self):
        """Delete the mailboxes, and in the background what was chosen."""
        self.ensure_one()
        mailboxes = self.mailbox_ids
        mailboxes.check_access("unlink")
        if self.choice == "delete":
            if not self.is_own:
                raise AccessError(self.env._("Only the user of a mailbox can delete what was archived from it."))
            self.env["crm.mail.removal"].sudo()._plan(mailboxes.sudo(), self.with_assigned)
        mailboxes.unlink()
        return {"type": "ir.actions.act_window_close", "infos": {"removed": True}}
