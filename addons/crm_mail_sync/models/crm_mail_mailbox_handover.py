# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mailboxes and letters of somebody who leaves."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    def _is_department_s(self):
        """Whether it may go to another user: neither somebody's own nor the one that he reads his mail in."""
        self.ensure_one()
        return not self.is_main and not self._is_personal()

    def _give_to(self, user):
        """Make these functional mailboxes another user's; he has to sign in, or enter the password, himself."""
        before = self.user_id
        for mailbox in self:
            if not mailbox._is_department_s():
                raise UserError(self.env._("%(address)s is a user's own mailbox.", address=mailbox.address))
            if user.mailbox_ids.filtered(lambda m, address=mailbox.address: m.address == address):
                raise UserError(
                    self.env._("%(user)s has a mailbox %(address)s already.", user=user.name, address=mailbox.address)
                )
        self.write(
            {
                "password_encrypted": False,
                "smtp_username": False,
                "smtp_password_encrypted": False,
                "tested_smtp": False,
            }
        )
        self.action_disconnect()
        self._release_main(self)
        # Past the rule that a connected mailbox stays with its user: it has just been checked that this one may go.
        models.Model.write(self, {"user_id": user.id, "reader_ids": [(3, user.id)]})
        self.flush_recordset()
        self._ensure_main(before | user)
        for mailbox in self:
            mailbox._show_letters(user, but_private=True)
            mailbox._forget_private()

    def _forget_private(self):
        """What copies of private letters say; by what is left they are met again, and not archived anew."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_mail_copy c
                   SET subject = NULL, addresses = NULL, message_id = NULL, rule_ref = NULL, reason_text = NULL,
                       search_keys = NULL
                  FROM crm_mail_email e
                 WHERE c.mailbox_id = %s AND e.id = c.email_id AND e.visibility = 'private'
                """,
                self.id,
            )
        )
        self.env.invalidate_all(flush=False)


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def _shown_letters_of(self, user, companies):
        """A query for the ids of this owner's letters that colleagues may read, in these companies.

        Letters of nobody known and private ones are his alone.
        """
        flags = SQL(" OR ").join(
            SQL("e.%s", SQL.identifier(f"is_linked_{kind}")) for kind in self.env["crm.mail.link"]._target_kinds()
        )
        return SQL(
            """
            SELECT e.id FROM crm_mail_email_owner_rel o JOIN crm_mail_email e ON e.id = o.email_id
             WHERE o.user_id = %(user)s AND e.visibility = 'everything' AND (%(flags)s)
               AND (e.company_id = ANY(%(companies)s) OR EXISTS (
                    SELECT FROM crm_mail_email_company_rel r
                     WHERE r.email_id = e.id AND r.company_id = ANY(%(companies)s)))
            """,
            user=user.id,
            flags=flags,
            companies=companies.ids,
        )
