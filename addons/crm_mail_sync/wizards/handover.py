# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Somebody leaves: a colleague reads on in what was archived."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models import counting

_logger = logging.getLogger(__name__)

# More are not counted.
_COUNTED = 10_000


class MailboxHandover(models.TransientModel):
    _name = "crm.mail.mailbox.handover"
    _description = "Hand over archived emails"

    user_id = fields.Many2one(
        "res.users",
        string="From",
        required=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
        context={"active_test": False},
    )
    colleague_id = fields.Many2one(
        "res.users",
        string="To",
        ondelete="cascade",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Reads these emails from now on like the ones of his own mailbox.",
    )
    functional_ids = fields.Many2many("crm.mail.mailbox", compute="_compute_functional_ids")
    mailbox_ids = fields.Many2many(
        "crm.mail.mailbox",
        "crm_mail_mailbox_handover_rel",
        string="Mailboxes",
        domain="[('id', 'in', functional_ids)]",
        help="Mailboxes of a department (info@, service@). They go with all of their emails but private ones, and have "
        "to be connected again by their new user.",
    )
    letter_count = fields.Char(string="Emails", compute="_compute_letter_count")

    @api.depends("user_id")
    def _compute_functional_ids(self):
        for wizard in self:
            mailboxes = self.env["crm.mail.mailbox"].sudo().search([("user_id", "=", wizard.user_id.id)])
            wizard.functional_ids = mailboxes.filtered(lambda m: m._is_department_s())

    @api.depends("user_id", "colleague_id")
    def _compute_letter_count(self):
        for wizard in self:
            wizard.letter_count = wizard._count() if wizard.user_id and wizard.colleague_id else False

    def _count(self):
        self.env.flush_all()
        return counting.shown(counting.count(self.env, self._letters(), _COUNTED), _COUNTED)

    def _letters(self):
        colleague = self.colleague_id
        return self.env["crm.mail.email"]._shown_letters_of(self.user_id, colleague.sudo().company_ids)

    def action_hand_over(self):
        """Make the colleague an owner of the letters, and the user of the mailboxes that were picked."""
        self.ensure_one()
        user, colleague = self.user_id, self.colleague_id
        if not colleague or colleague == user or colleague.share or not colleague.active:
            raise UserError(self.env._("Choose the colleague who takes over the emails."))
        if self.mailbox_ids - self.functional_ids:
            raise UserError(self.env._("Only mailboxes of a department can be handed over."))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_mail_email_owner_rel (email_id, user_id)"
                " SELECT letter.id, %s FROM (%s) letter ON CONFLICT DO NOTHING",
                colleague.id,
                self._letters(),
            )
        )
        count = self.env.cr.rowcount
        self.env.invalidate_all(flush=False)
        self.mailbox_ids.sudo()._give_to(colleague)
        self._note(count)
        return {"type": "ir.actions.act_window_close"}

    def _note(self, count):
        """Leave a trace where whoever looks for it would look, and in the log."""
        user, colleague = self.user_id, self.colleague_id
        addresses = ", ".join(self.mailbox_ids.mapped("address"))
        text = self.env._(
            "%(count)s archived emails of %(user)s were handed over to %(colleague)s.",
            count=count,
            user=user.name,
            colleague=colleague.name,
        )
        if addresses:
            text = f"{text} " + self.env._("Mailboxes: %(addresses)s", addresses=addresses)
        for partner in (user.sudo().partner_id, colleague.sudo().partner_id):
            partner._message_log(body=text)
        _logger.info(
            "user %s handed %s letters and %s mailboxes of user %s over to user %s",
            self.env.uid,
            count,
            len(self.mailbox_ids),
            user.id,
            colleague.id,
        )
