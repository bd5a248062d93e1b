# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An owner keeps a letter to the owners, whatever its mailboxes show, and takes that back."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .visibility import LETTER_LEVELS


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    # What its mailboxes show; ``visibility`` is that unless an owner keeps it private.
    mailbox_visibility = fields.Selection(LETTER_LEVELS, readonly=True, groups=fields.NO_ACCESS)
    private_by_ids = fields.Many2many(
        "res.users", "crm_mail_email_private_rel", "email_id", "user_id", string="Made private by", readonly=True
    )
    is_private = fields.Boolean(
        string="Made private",
        compute="_compute_is_private",
        search="_search_is_private",
        help="One of its owners has made this email private.",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")

    can_make_private = fields.Boolean(compute="_compute_can_make_private")

    @api.depends("private_by_ids", "owner_ids", "company_ids")
    @api.depends_context("uid")
    def _compute_can_make_private(self):
        for email in self:
            email.can_make_private = email.is_mine and not email.is_private and email._may_be_private()

    def _may_be_private(self):
        """Whether all companies that have these letters let single ones be made private."""
        return all(self.sudo().company_ids.mapped("mail_sync_allow_private"))

    @api.depends("private_by_ids")
    def _compute_is_private(self):
        for email in self:
            email.is_private = bool(email.private_by_ids)

    @api.model
    def _search_is_private(self, operator, value):
        return [("private_by_ids", "!=" if (operator == "in") == (True in value) else "=", False)]

    @api.depends("owner_ids")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for email in self:
            email.is_mine = self.env.user in email.owner_ids

    @api.model
    def _search_is_mine(self, operator, value):
        return [("owner_ids", operator if True in value else "not in", self.env.uid)]

    def action_make_private(self):
        """Show these letters to their owners only."""
        self._check_are_mine()
        if not self._may_be_private():
            raise UserError(self.env._("Your company does not let single emails be made private."))
        self._mark_private(SQL("SELECT id, %s FROM unnest(%s::int[]) AS id", self.env.uid, self.ids))
        self._follow_marks()

    def action_take_private_back(self):
        """Show these letters again as their mailboxes are shown.

        What another owner has made private stays so; the mark of somebody who owns the letter no longer does not count.
        """
        self._check_are_mine()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_mail_email_private_rel p
                 WHERE email_id = ANY(%s)
                   AND (user_id = %s OR NOT EXISTS (
                       SELECT FROM crm_mail_email_owner_rel o
                        WHERE o.email_id = p.email_id AND o.user_id = p.user_id))
                """,
                self.ids,
                self.env.uid,
            )
        )
        self._follow_marks()
        if self.filtered("is_private"):
            return self._tell_others_keep(self.filtered("is_private"))
        return None

    def _tell_others_keep(self, letters):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "Still private, for another owner has made it so: %(names)s",
                    names=", ".join(letters[:3].mapped("display_name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _check_are_mine(self):
        self.check_access("read")
        if self.filtered(lambda email: not email.is_mine):
            raise AccessError(self.env._("Only those whose mailboxes hold an email can make it private."))

    @api.model
    def _mark_private(self, letters_and_users):
        """:param SQL letters_and_users: SELECT of letter and user"""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_mail_email_private_rel (email_id, user_id) %s ON CONFLICT DO NOTHING",
                letters_and_users,
            )
        )
        self.env.invalidate_all(flush=False)

    def _follow_marks(self):
        """Bring the levels of these letters to their marks."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_mail_email e
                   SET visibility = CASE WHEN EXISTS (SELECT FROM crm_mail_email_private_rel p WHERE p.email_id = e.id)
                                         THEN 'private' ELSE COALESCE(mailbox_visibility, 'private') END
                 WHERE id = ANY(%s)
                """,
                self.ids,
            )
        )
        self.env.invalidate_all(flush=False)
