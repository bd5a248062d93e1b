# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of a mailbox's letters colleagues are shown. What is changed counts for what was archived before, too."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .visibility import MAILBOX_LEVELS, apply_to_letters, most_open, rank


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    visibility = fields.Selection(
        MAILBOX_LEVELS,
        string="Colleagues see",
        required=True,
        default=lambda self: self.env.company._mail_sync_default_visibility(),
        help="What is shown of its letters to those who may see the customer or lead.",
    )
    shown_visibility = fields.Selection(
        MAILBOX_LEVELS,
        string="Shown now",
        compute="_compute_shown_visibility",
        compute_sudo=True,
        help="What is chosen here, or what the company asks for at least.",
    )

    @api.depends("visibility", "company_id.mail_sync_floor")
    def _compute_shown_visibility(self):
        for mailbox in self:
            floor = mailbox.company_id.mail_sync_floor or "private"
            mailbox.shown_visibility = most_open(mailbox.visibility or "private", floor)

    def write(self, vals):
        if vals.keys().isdisjoint(("visibility", "company_id")):
            return super().write(vals)
        before = {mailbox: mailbox.shown_visibility for mailbox in self}
        result = super().write(vals)
        self._check_disclosure(before)
        self._show_as_set()
        return result

    def unlink(self):
        # The letters stay, shown as the other mailboxes that hold them are.
        apply_to_letters(self.env, SQL("mailbox_id = ANY(%s)", self.ids), but_of=self.ids)
        return super().unlink()

    def _check_disclosure(self, before):
        """How little a user shows of his mailbox is not overruled, by an admin either."""
        if self.env.su:
            return
        for mailbox, level in before.items():
            if mailbox.user_id != self.env.user and rank(mailbox.shown_visibility) > rank(level):
                raise AccessError(self.env._("Only the user of a mailbox can let colleagues see more of its letters."))

    def _show_as_set(self):
        """Apply the levels to all letters of these mailboxes; a scan that is going on knows those of before."""
        self._keep_private_letters()
        apply_to_letters(self.env, SQL("mailbox_id = ANY(%s)", self.ids))
        self._end_scan()

    def _keep_private_letters(self):
        """What was archived as private stays so if it was not the user who opened the mailbox, but his company."""
        opened = self.filtered(lambda m: m.visibility == "private" != m.shown_visibility)
        self.env["crm.mail.email"]._mark_private(
            SQL(
                """
                SELECT c.email_id, m.user_id
                  FROM crm_mail_mailbox m
                  JOIN crm_mail_copy c ON c.mailbox_id = m.id
                  JOIN crm_mail_email e ON e.id = c.email_id
                 WHERE m.id = ANY(%s) AND e.mailbox_visibility = 'private'
                """,
                opened.ids,
            )
        )
