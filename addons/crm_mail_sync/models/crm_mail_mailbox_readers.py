# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Other users who read a mailbox's letters as if it were theirs: a shared mailbox has several readers."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    reader_ids = fields.Many2many(
        "res.users",
        "crm_mail_mailbox_reader_rel",
        "mailbox_id",
        "user_id",
        string="Also read by",
        domain=[("share", "=", False)],
        copy=False,
        help="Users who read all letters of this mailbox, like its own user. For mailboxes that several people share.",
    )

    # Its address is or was a user's own; whatever either is changed to, what was archived stays that user's to show.
    was_personal = fields.Boolean(readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        mailboxes = super().create(vals_list)
        mailboxes._note_personal()
        mailboxes.filtered("reader_ids")._check_may_choose_readers()
        return mailboxes

    def write(self, vals):
        is_moved, is_chosen = not {"address", "user_id"}.isdisjoint(vals), "reader_ids" in vals
        if is_moved:
            # The address of before may have become a user's own since it was entered.
            self._note_personal()
        if is_chosen:
            self._check_may_choose_readers()
        before = {mailbox: mailbox.reader_ids for mailbox in self} if is_chosen else {}
        result = super().write(vals)
        if is_moved:
            self._note_personal()
            # Readers were chosen for what it was before.
            self.filtered(lambda m: is_chosen or m.sudo().reader_ids)._check_may_choose_readers()
        for mailbox, readers in before.items():
            # Single letters that were made private are shown by nobody but their owners.
            mailbox._show_letters(mailbox.reader_ids - readers, but_private=mailbox.user_id != self.env.user)
            mailbox._hide_letters(readers - mailbox.reader_ids)
        if is_chosen:
            # One that is going on knows the readers of before.
            self._end_scan()
        return result

    def _note_personal(self):
        users = self.env["res.users"].sudo()
        new = self.sudo().filtered(lambda m: not m.was_personal and users._with_address(m.address))
        if new:
            new.was_personal = True

    def _check_may_choose_readers(self):
        """The user of a mailbox chooses; an administrator only where it is nobody's own and shows all to colleagues."""
        if self.env.su:
            return
        for mailbox in self:
            if mailbox.user_id != self.env.user and mailbox._is_personal():
                raise AccessError(
                    self.env._("Only %(user)s can choose who else reads this mailbox.", user=mailbox.user_id.name)
                )

    def _is_personal(self):
        """Whether it is, or was, a user's own, or private: then nobody else disposes of it."""
        self.ensure_one()
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return self.was_personal or self.visibility != "everything" or bool(users._with_address(self.address))

    def _owners(self):
        """The users who read all letters of this mailbox."""
        return self.user_id | self.reader_ids

    def _show_letters(self, users, but_private=False):
        """The letters that were archived so far; those of an account that the mailbox has left are not of this one.

        :param but_private: leave out those that are their owners' alone
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_mail_email_owner_rel (email_id, user_id)
                SELECT DISTINCT c.email_id, u.id
                  FROM crm_mail_copy c JOIN crm_mail_email e ON e.id = c.email_id
                 CROSS JOIN unnest(%s::int[]) AS u (id)
                 WHERE c.mailbox_id = %s AND c.is_stale IS NOT TRUE AND NOT (%s AND e.visibility = 'private')
                ON CONFLICT DO NOTHING
                """,
                users.ids,
                self.id,
                but_private,
            )
        )
        self.env.invalidate_all(flush=False)

    def _hide_letters(self, users):
        """Those that no other mailbox gives them to read."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_mail_email_owner_rel o
                 USING crm_mail_copy c
                 WHERE c.mailbox_id = %(mailbox)s AND o.email_id = c.email_id AND o.user_id = ANY(%(users)s)
                   AND NOT EXISTS (
                       SELECT FROM crm_mail_copy c2 JOIN crm_mail_mailbox m ON m.id = c2.mailbox_id
                        WHERE c2.email_id = c.email_id
                          AND (m.user_id = o.user_id OR EXISTS (
                              SELECT FROM crm_mail_mailbox_reader_rel r
                               WHERE r.mailbox_id = m.id AND r.user_id = o.user_id)))
                """,
                mailbox=self.id,
                users=users.ids,
            )
        )
        self.env.invalidate_all(flush=False)
