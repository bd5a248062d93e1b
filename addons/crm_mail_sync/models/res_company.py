# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a company says of its users' mailboxes: what holds for new ones, the minimum, and what users cannot change."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from . import counting, notices
from .visibility import MAILBOX_LEVELS, most_open, rank

FLOORS = [
    ("private", "Nothing"),
    ("event", "That it happened"),
    ("subject", "Subject and people"),
    ("everything", "Everything"),
]
# An exact number would take as long as there are letters.
_COUNTED = 9999


class ResCompany(models.Model):
    _inherit = "res.company"

    mail_sync_visibility = fields.Selection(
        MAILBOX_LEVELS,
        string="Colleagues see of new mailboxes",
        required=True,
        default="everything",
        groups="base.group_user",
    )
    mail_sync_floor = fields.Selection(
        FLOORS,
        string="Colleagues see at least",
        required=True,
        default="private",
        help="Holds for all mailboxes, whatever their users have chosen, and for what was archived before. "
        "Emails that were archived as Only me stay with their owners.",
        groups="base.group_user",
    )
    mail_sync_lock_visibility = fields.Boolean(
        string="Users cannot change what colleagues see", groups="base.group_user"
    )
    mail_sync_allow_private = fields.Boolean(
        string="Users may make single emails private",
        default=True,
        help="Also below the minimum. Switched off, what was made private before stays so.",
        groups="base.group_user",
    )
    mail_sync_folders = fields.Selection(
        [("main", "Inbox and Sent"), ("all", "All but Junk, Trash, Drafts and Starred")],
        string="Directories of new mailboxes",
        required=True,
        default="main",
        groups="base.group_user",
    )
    mail_sync_lock_folders = fields.Boolean(string="Users cannot pick directories", groups="base.group_user")
    mail_sync_scan_since = fields.Date(
        string="Only emails received from",
        help="For new mailboxes. Empty: all emails, however old.",
        groups="base.group_user",
    )
    mail_sync_lock_scan_since = fields.Boolean(string="Users cannot change this date", groups="base.group_user")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_set_policy(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_may_set_policy(vals)
        if "mail_sync_floor" not in vals:
            return super().write(vals)
        before = {company: company.mail_sync_floor for company in self}
        result = super().write(vals)
        for company, floor in before.items():
            if company.mail_sync_floor != floor:
                company._follow_floor(floor)
        return result

    @api.model
    def _check_may_set_policy(self, vals):
        if not self.env.su and any(name.startswith("mail_sync_") for name in vals) and not self.env.user._is_system():
            raise AccessError(self.env._("Only administrators can change what holds for the company's mailboxes."))

    def _mail_sync_default_visibility(self):
        return most_open(self.mail_sync_visibility or "everything", self.mail_sync_floor or "private")

    def _mailboxes(self):
        return self.env["crm.mail.mailbox"].sudo().search([("company_id", "=", self.id)])

    def _follow_floor(self, before):
        """The minimum was changed: it holds for what is archived already, and whose mailbox opens is told."""
        mailboxes = self._mailboxes()
        mailboxes._show_as_set()
        if rank(self.mail_sync_floor) <= rank(before):
            return
        for mailbox in mailboxes.filtered(lambda m: rank(m.visibility) < rank(self.mail_sync_floor)):
            notices.tell(
                mailbox.user_id,
                lambda env, mailbox=mailbox: env._(
                    "Colleagues see more of your mailbox %(address)s", address=mailbox.address
                ),
                lambda env, mailbox=mailbox: mailbox.with_env(env)._floor_news(),
                f"/odoo/my-mailboxes/{mailbox.id}",
            )

    def _floor_effect(self, floor):
        """A sentence for who is about to choose this minimum: what it opens. Empty if nothing is opened."""
        self.ensure_one()
        opened = self._mailboxes().filtered(lambda m: rank(m.shown_visibility) < rank(floor))
        if not opened:
            return ""
        private = opened.filtered(lambda m: m.shown_visibility == "private")
        letters = self._count_opened(opened - private, floor)
        sentences = [
            self.env._(
                "When you save, colleagues see more, and the users are told. Mailboxes: %(mailboxes)s. "
                "Emails archived so far: %(letters)s.",
                mailboxes=len(opened),
                letters=counting.shown(letters, _COUNTED),
            )
        ]
        if private:
            sentences.append(
                self.env._(
                    "Mailboxes that were Only me: %(private)s; what was archived of them stays with their owners, and "
                    "colleagues see what comes from now on.",
                    private=len(private),
                )
            )
        return " ".join(sentences)

    def _count_opened(self, mailboxes, floor):
        levels = [level for level, _label in FLOORS if rank("private") < rank(level) < rank(floor)]
        opened = SQL(
            """
            SELECT DISTINCT e.id FROM crm_mail_copy c JOIN crm_mail_email e ON e.id = c.email_id
             WHERE c.mailbox_id = ANY(%s) AND e.visibility = ANY(%s)
            """,
            mailboxes.ids,
            levels,
        )
        return counting.count(self.env, opened, _COUNTED)
