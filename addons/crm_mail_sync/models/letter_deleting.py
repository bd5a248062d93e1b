# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters that have to be erased, whoever holds them, and are never to come back."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..scan import erased, put_away


class CrmMailErased(models.Model):
    """A message that was erased and is not to come back, whichever mailbox still holds it; known by a digest only."""

    _name = "crm.mail.erased"
    _description = "Erased email"
    _rec_name = "create_date"
    _allow_sudo_commands = False

    # mailsync.identity.header_key
    header_key = fields.Char(required=True, readonly=True)

    _header_key_unique = models.Constraint("UNIQUE (header_key)")

    @api.model
    def _add(self, header_keys):
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_mail_erased (header_key, create_uid, create_date)"
                " SELECT DISTINCT k, %s::int, now() AT TIME ZONE 'UTC' FROM unnest(%s::text[]) k"
                " ON CONFLICT DO NOTHING",
                self.env.uid,
                list(header_keys),
            )
        )


class CrmMailCopy(models.Model):
    _inherit = "crm.mail.copy"

    _put_away_idx = models.Index("(header_key) WHERE state = 'skipped' AND reason = 'put_away'")

    def _erase(self):
        """Forget these messages for good, and the letters that were made of them."""
        # A letter takes all its copies along.
        self.email_id._erase()
        keys = [key for key in self.mapped("header_key") if key]
        self.env["crm.mail.erased"].sudo()._add(keys)
        erased.wipe(self.env, (self | self._put_away(keys)).ids)
        self.invalidate_model(flush=False)

    def _put_away(self, header_keys):
        """Copies of these messages that nobody archived, for they lie in spam or trash."""
        domain = [("header_key", "in", header_keys), ("state", "=", "skipped"), ("reason", "=", put_away.REASON)]
        return self.search(domain)

    @api.autovacuum
    def _gc_put_away(self):
        """Forget what was moved out of spam or trash to a directory that is not listed."""
        put_away.forget(
            self.env,
            SQL(
                """
                NOT EXISTS (SELECT FROM crm_mail_item i JOIN crm_mail_item_folder f ON f.item_id = i.id
                             WHERE i.copy_id = crm_mail_copy.id)
                """
            ),
        )


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def _erase(self):
        """Delete these letters with all that belongs to them, for good: no scan and no request brings them back."""
        letters = self.sudo()
        if not letters:
            return
        # Also where no copy is left by which its message would be known.
        self.env["crm.mail.erased"].sudo()._add(letter.identity.partition(":")[0] for letter in letters)
        self.env.flush_all()
        keys = [letter.identity.partition(":")[0] for letter in letters]
        copies = letters._copies() | self.env["crm.mail.copy"].sudo()._put_away(keys)
        erased.wipe(self.env, copies.ids)
        self.env["crm.mail.copy"].invalidate_model(flush=False)
        letters.unlink()

    def _copies(self):
        return self.env["crm.mail.copy"].sudo().search([("email_id", "in", self.ids)])
