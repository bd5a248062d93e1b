# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from . import full_text


class CrmMailHead(models.Model):
    """Subject, people and size of a letter: a record of its own, so that a record rule can keep them back.

    Whoever may see that there is a letter does not always see what it is about. Read by no more people than the letter,
    and by no fewer than its content.
    """

    _name = "crm.mail.head"
    _description = "Subject and people of a synced email"
    # Odoo tells the names of records as superuser; the letter's is safe.
    _rec_name = "email_id"

    email_id = fields.Many2one("crm.mail.email", required=True, ondelete="cascade", readonly=True)
    subject = fields.Char(readonly=True)
    email_from = fields.Char(string="From", readonly=True)
    recipients = fields.Char(string="To", readonly=True)
    message_id = fields.Char(string="Message-ID", readonly=True)
    file_count = fields.Integer(string="Files", readonly=True)
    size = fields.Integer(readonly=True, help="Bytes of the whole message.")

    _email_unique = models.Constraint("UNIQUE (email_id)")
    _message_id_idx = models.Index("(message_id) WHERE message_id IS NOT NULL")

    def init(self):
        """The words of subject and people; and letters by the key that their copies know ancestors by
        (``identity.thread_key``)."""
        full_text.install(self.env.cr, self._table)
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION crm_mail_thread_key(message_id text) RETURNS bigint
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
            $$ SELECT ('x' || encode(substr(sha256(convert_to(message_id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint $$;
            CREATE INDEX IF NOT EXISTS crm_mail_head_thread_key_idx
                ON crm_mail_head (crm_mail_thread_key(message_id)) WHERE message_id IS NOT NULL
            """
        )
