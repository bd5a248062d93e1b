# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Linking everybody's mailbox at once, by what the organisation's administrator has granted."""

import time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..models import oauth_error_texts

# Each mailbox is asked for its folders; well below the two minutes that a request may take.
_SECONDS = 40


class MailboxWizard(models.TransientModel):
    _name = "crm.mail.mailbox.wizard"
    _description = "Link mailboxes"

    provider = fields.Selection(
        [("gmail", "Gmail"), ("outlook", "Outlook")], required=True, default=lambda self: self._first_provider()
    )
    is_ready = fields.Boolean(compute="_compute_is_ready")
    domain = fields.Char(
        string="Only addresses at",
        default=lambda self: (self.env.user.email_normalized or "").rpartition("@")[2],
        help="The organisation's domain. Empty: all users.",
    )
    line_ids = fields.One2many("crm.mail.mailbox.wizard.line", "wizard_id", string="Users")
    waiting_count = fields.Integer(compute="_compute_counts")
    linked_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")

    def _first_provider(self):
        apps = self.env["crm.mail.app"]
        return next((provider for provider in ("gmail", "outlook") if apps._is_ready_for_all(provider)), "gmail")

    @api.depends("provider")
    def _compute_is_ready(self):
        for wizard in self:
            wizard.is_ready = self.env["crm.mail.app"]._is_ready_for_all(wizard.provider)

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for wizard in self:
            states = wizard.line_ids.mapped("state")
            wizard.waiting_count = states.count("waiting")
            wizard.linked_count = states.count("linked")
            wizard.failed_count = states.count("failed")

    @api.onchange("domain")
    def _onchange_domain(self):
        """Users of the domain who have no mailbox yet."""
        domain = (self.domain or "").strip().lower().removeprefix("@")
        users = self.env["res.users"].search([("share", "=", False), ("mailbox_ids", "=", False)])
        chosen = [(user, user._address_to_link()) for user in users]
        self.line_ids = [(5, 0, 0)] + [
            (0, 0, {"user_id": user.id, "address": address})
            for user, address in chosen
            if address and (not domain or address.endswith(f"@{domain}"))
        ]

    def action_link(self):
        """Make, test and connect one mailbox after the other; what is left when the time is over goes on at a press."""
        self.ensure_one()
        if not self.is_ready:
            raise UserError(oauth_error_texts.not_set_up_for_all(self.env, self.provider))
        end = time.monotonic() + _SECONDS
        for line in self.line_ids.filtered(lambda line: line.state == "waiting"):
            line._link()
            if time.monotonic() > end:
                break
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Link mailboxes"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class MailboxWizardLine(models.TransientModel):
    _name = "crm.mail.mailbox.wizard.line"
    _description = "User whose mailbox is linked"

    wizard_id = fields.Many2one("crm.mail.mailbox.wizard", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", domain=[("share", "=", False)])
    address = fields.Char(string="Email", required=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("linked", "Connected"), ("failed", "Not connected")],
        required=True,
        readonly=True,
        default="waiting",
    )
    message = fields.Char(string="What is wrong", readonly=True)

    @api.onchange("user_id")
    def _onchange_user_id(self):
        if self.user_id and not self.address:
            self.address = self.user_id._address_to_link()

    def _link(self):
        """One mailbox that cannot be made or opened does not stop the others, and leaves none behind."""
        try:
            with self.env.cr.savepoint():
                mailbox = self._mailbox()
                if not mailbox.action_test_connection():
                    raise UserError(mailbox.test_message)
                mailbox.action_submit()
        except UserError as error:
            self.write({"state": "failed", "message": str(error)})
        else:
            self.write({"state": "linked", "message": False})

    def _mailbox(self):
        """The user's mailbox with this address, now opened by the administrator's grant."""
        mailboxes = self.env["crm.mail.mailbox"]
        address = email_normalize(self.address)
        values = {"provider": self.wizard_id.provider, "grant_by": "admin", "username": False}
        if mailbox := mailboxes.search([("user_id", "=", self.user_id.id), ("address", "=", address)]):
            mailbox.write(values)
            return mailbox
        return mailboxes.create({"user_id": self.user_id.id, "address": self.address, **values})
