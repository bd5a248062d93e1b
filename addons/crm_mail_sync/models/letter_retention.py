# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters of nobody, which go after a while, and may come back."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

BATCH = 200
# An exact number would take as long as there are letters.
_COUNTED = 9999


class CrmMailCopy(models.Model):
    _inherit = "crm.mail.copy"

    def _expire(self):
        """Settle copies whose letter goes; it can be fetched again for whom it turns out to belong to."""
        self.write({"state": "skipped", "reason": "expired", "reason_text": False, "email_id": False, "attempts": 0})


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    # Letters of nobody by their company and age; those of further targets are looked at in vain.
    _of_nobody_idx = models.Index(
        "(company_id, create_date) WHERE is_linked_partner IS NOT TRUE AND is_linked_lead IS NOT TRUE"
    )

    @api.autovacuum
    def _gc_letters_of_nobody(self):
        """Delete letters of nobody whose time is over; Odoo calls it again while there are more."""
        done = 0
        for company in self.env["res.company"].sudo().search([("mail_sync_retention", ">", 0)]):
            place = None
            # Behind the batch before: what other companies keep is passed over once and not by each batch.
            while rows := self._next_expired(company, place):
                place = rows[-1]
                letters = self.browse(email_id for email_id, _date in rows)
                letters._copies()._expire()
                letters.unlink()
                done += len(letters)
                if not self.env["ir.cron"]._commit_progress():
                    return done, 1
        return done, 0

    @api.model
    def _next_expired(self, company, place):
        """Ids and dates of a batch of the company's letters whose time is over, the oldest first.

        :param place: the last of the batch before, None at first
        """
        behind = SQL("TRUE")
        if place:
            last_id, date = place
            behind = SQL("e.create_date >= %s AND (e.create_date, e.id) > (%s, %s)", date, date, last_id)
        return self.env.execute_query(
            SQL(
                # Whoever links one just now has locked it, and is not waited for.
                "%s AND %s ORDER BY e.create_date, e.id LIMIT %s FOR UPDATE OF e SKIP LOCKED",
                company._expired_letters(company.mail_sync_retention),
                behind,
                BATCH,
            )
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    mail_sync_retention = fields.Integer(
        string="Delete emails of nobody after",
        help="Days since an email was archived, if it belongs to no customer, lead or other record by then. 0: never.",
    )

    @api.constrains("mail_sync_retention")
    def _check_mail_sync_retention(self):
        if any(company.mail_sync_retention < 0 for company in self):
            raise ValidationError(
                self.env._("Enter after how many days emails of nobody are deleted, or 0 to keep them.")
            )

    def _expired_letters(self, days):
        """A query for ids and dates of the company's letters ``e`` of nobody that are older in the archive than these
        days, and that no other company keeps which has them too.

        Since they were archived, whatever their own date: what an import brings of former years stays as long as all
        else, so that there is time to assign it.
        """
        self.ensure_one()
        self.env.flush_all()
        now = fields.Datetime.now()
        flags = [SQL.identifier("e", f"is_linked_{kind}") for kind in self.env["crm.mail.link"]._target_kinds()]
        return SQL(
            """
            SELECT e.id, e.create_date FROM crm_mail_email e
             WHERE e.company_id = %(company)s AND e.create_date < %(limit)s AND %(of_nobody)s
               -- What is being decided anew may turn out to be somebody's.
               AND NOT EXISTS (SELECT FROM crm_mail_copy p WHERE p.email_id = e.id AND p.state = 'pending')
               AND NOT EXISTS (
                   SELECT FROM crm_mail_email_company_rel r JOIN res_company c ON c.id = r.company_id
                    WHERE r.email_id = e.id AND c.id != e.company_id
                      AND (COALESCE(c.mail_sync_retention, 0) <= 0
                           OR e.create_date >= %(now)s - c.mail_sync_retention * interval '1 day'))
            """,
            company=self.id,
            limit=now - timedelta(days=days),
            now=now,
            of_nobody=SQL(" AND ").join(SQL("%s IS NOT TRUE", flag) for flag in flags),
        )

    def _retention_effect(self, days):
        """A sentence for who is about to choose these days: what goes then. Empty if nothing does."""
        counting = SQL("SELECT count(*) FROM (%s LIMIT %s) counted", self._expired_letters(days), _COUNTED + 1)
        count = self.env.execute_query(counting)[0][0]
        if not count:
            return ""
        return self.env._(
            "%(count)s emails belong to nobody and were archived earlier than that: they are deleted within a day. "
            "What still lies in its mailbox is archived again when somebody is entered whom it belongs to.",
            count=f"{_COUNTED}+" if count > _COUNTED else count,
        )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    mail_sync_retention = fields.Integer(related="company_id.mail_sync_retention", readonly=False)
    mail_sync_retention_effect = fields.Char(compute="_compute_mail_sync_retention_effect")

    @api.depends("mail_sync_retention", "company_id")
    def _compute_mail_sync_retention_effect(self):
        for settings in self:
            days = settings.mail_sync_retention
            company = settings.company_id._origin.sudo()
            settings.mail_sync_retention_effect = company._retention_effect(days) if days > 0 and company else False
