# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox keeps to what its company says: for its user, and for an administrator who acts for him, alike."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .visibility import MAILBOX_LEVELS, rank


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    scan_since = fields.Date(
        string="Only emails received from",
        default=lambda self: self.env.company.mail_sync_scan_since,
        help="Emails received before are left out; what is archived already stays. An earlier date brings older ones.",
    )
    visibility_floor = fields.Selection(MAILBOX_LEVELS, compute="_compute_policy", compute_sudo=True)
    is_visibility_locked = fields.Boolean(compute="_compute_policy", compute_sudo=True)
    is_scan_since_locked = fields.Boolean(compute="_compute_policy", compute_sudo=True)
    are_folders_locked = fields.Boolean(compute="_compute_policy", compute_sudo=True)

    @api.depends("company_id")
    def _compute_policy(self):
        for mailbox in self:
            company = mailbox.company_id
            mailbox.visibility_floor = company.mail_sync_floor or "private"
            mailbox.is_visibility_locked = company.mail_sync_lock_visibility
            mailbox.is_scan_since_locked = company.mail_sync_lock_scan_since
            mailbox.are_folders_locked = company.mail_sync_lock_folders

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = self._company_of(vals)
            vals.setdefault("visibility", company._mail_sync_default_visibility())
            vals.setdefault("scan_since", company.mail_sync_scan_since)
            self._check_new(vals, company)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            for mailbox in self:
                mailbox._check_changes(vals)
        dates = {mailbox: mailbox.scan_since for mailbox in self} if "scan_since" in vals else {}
        result = super().write(vals)
        if moved := self.filtered(lambda m: m in dates and m.scan_since != dates[m]):
            moved._follow_scan_since()
            # Of what was skipped, somebody may have been entered while only younger messages were wanted.
            earlier = moved.filtered(lambda m: not m.scan_since or (dates[m] and m.scan_since < dates[m]))
            self.env["crm.mail.rematch"]._search_for(earlier)
        return result

    @api.model
    def _company_of(self, vals):
        if vals.get("company_id"):
            return self.env["res.company"].browse(vals["company_id"]).sudo()
        return self.new({"user_id": self._owner_id(vals)}).company_id.sudo()

    @api.model
    def _check_new(self, vals, company):
        if self.env.su:
            return
        if vals["visibility"] != company._mail_sync_default_visibility():
            self._check_level(vals["visibility"], company)
        since = fields.Date.to_date(vals["scan_since"])
        if company.mail_sync_lock_scan_since and since != (company.mail_sync_scan_since or None):
            raise self._locked(company)

    def _check_changes(self, vals):
        company = self.company_id.sudo()
        if "company_id" in vals and vals["company_id"] != company.id:
            self._check_move(company | company.browse(vals["company_id"]))
            company = company.browse(vals["company_id"])
        if vals.get("visibility", self.visibility) != self.visibility:
            self._check_level(vals["visibility"], company)
        is_moved = fields.Date.to_date(vals.get("scan_since", self.scan_since)) != (self.scan_since or None)
        if is_moved and company.mail_sync_lock_scan_since:
            raise self._locked(company)

    @api.model
    def _check_level(self, level, company):
        if company.mail_sync_lock_visibility:
            raise self._locked(company)
        if rank(level) < rank(company.mail_sync_floor):
            label = dict(self._fields["visibility"]._description_selection(self.env))[company.mail_sync_floor]
            raise UserError(
                self.env._(
                    "%(company)s shows at least “%(level)s” to colleagues. Choose that, or more.",
                    company=company.name,
                    level=label,
                )
            )

    def _check_move(self, companies):
        """Else a lock would be dodged by way of another company."""
        locks = ("mail_sync_lock_visibility", "mail_sync_lock_scan_since", "mail_sync_lock_folders")
        if not self.env.user._is_system() and any(company[lock] for company in companies for lock in locks):
            raise AccessError(
                self.env._("Ask an administrator to move this mailbox: one of the companies sets what holds for it.")
            )

    def _locked(self, company):
        return UserError(
            self.env._(
                "%(company)s has set this for all mailboxes. An administrator can change it in the settings.",
                company=company.name,
            )
        )

    def _follow_scan_since(self):
        """What waits and is older now is left out at once; what is younger now is decided at the next scan."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_mail_copy c SET state = 'skipped', reason = 'before_start', attempts = 0
                  FROM crm_mail_mailbox m
                 WHERE m.id = c.mailbox_id AND m.id = ANY(%s)
                   AND c.state = 'pending' AND c.email_id IS NULL AND c.received < m.scan_since
                   AND c.is_wanted IS NOT TRUE
                """,
                self.ids,
            )
        )
        self._end_scan()
        self.sudo().filtered(lambda m: m.state != "draft" and m.scan_active)._set_due()

    def _floor_news(self):
        """For its user: what the company's minimum means for this mailbox."""
        labels = dict(self._fields["visibility"]._description_selection(self.env))
        names = {"company": self.company_id.name, "level": labels[self.shown_visibility]}
        if self.visibility != "private":
            return self.env._(
                "%(company)s has set a minimum: of all emails of this mailbox, those archived before too, colleagues "
                "see “%(level)s”.",
                **names,
            )
        return self.env._(
            "%(company)s has set a minimum. Emails archived so far stay with you; of those that come from now on "
            "colleagues see “%(level)s”. If you do not want that, switch “Email scan active” off.",
            **names,
        )
