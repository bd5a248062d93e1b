# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.fields import Domain

STATES = [
    ("pending", "To be archived"),
    ("kept", "Archived"),
    ("skipped", "Skipped"),
    ("failed", "Set aside"),
    ("gone", "Gone before it was archived"),
]


class CrmMailCopy(models.Model):
    """A message as it lies in one mailbox. Every listed message has one: that is how none gets lost.

    Only the mailbox's owner sees copies. The rows are written in bulk by ``scan/``.
    """

    _name = "crm.mail.copy"
    _description = "Message in a mailbox"
    _order = "received DESC, id DESC"
    _rec_name = "remote_id"

    mailbox_id = fields.Many2one("crm.mail.mailbox", required=True, ondelete="cascade")
    folder_id = fields.Many2one("crm.mail.folder", required=True, ondelete="cascade")
    remote_id = fields.Char(required=True)
    state = fields.Selection(STATES, required=True)
    reason = fields.Char(help="Why it was skipped or set aside, as a code.")
    reason_text = fields.Char(help="The server's own words.")
    rule_ref = fields.Char(help="The exclude rule that keeps it out, as it was then.")
    rule_id = fields.Many2one(
        "crm.mail.rule", string="Exclude rule", compute="_compute_rule_id", search="_search_rule_id"
    )
    attempts = fields.Integer(default=0)
    header_key = fields.Char()
    message_id = fields.Char(string="Message-ID")
    addresses = fields.Char(help="Normalised addresses of all header fields, parted by blanks.")
    size = fields.Integer(help="Bytes, as the server says.")
    received = fields.Datetime()
    flags = fields.Char()
    is_removed = fields.Boolean(help="No longer in the folder; the archive keeps the letter.")
    # Set while a folder is listed anew (UIDVALIDITY): its old id is dead, its message not yet met again.
    is_stale = fields.Boolean()
    subject = fields.Char(help="Main mailbox only.")
    email_id = fields.Many2one("crm.mail.email", string="Letter", ondelete="set null")

    _remote_unique = models.Constraint("UNIQUE (mailbox_id, remote_id)")
    _pending_idx = models.Index("(mailbox_id, received DESC) WHERE state = 'pending'")
    _failed_idx = models.Index("(mailbox_id) WHERE state = 'failed'")
    _folder_idx = models.Index("(folder_id)")
    # Waiting ones whose folder is not read any more (scan/left_out.py).
    _left_out_idx = models.Index("(mailbox_id) WHERE reason IN ('folder_gone', 'folder_unpicked', 'folder_unsteady')")
    # Those that an earlier start date brings in (scan/start.py).
    _before_start_idx = models.Index("(mailbox_id, received DESC) WHERE reason = 'before_start' AND state = 'skipped'")
    _stale_idx = models.Index("(folder_id, header_key) WHERE is_stale")
    _rule_idx = models.Index(
        "(mailbox_id, reason, rule_ref) WHERE state = 'skipped' AND reason IN ('excluded', 'internal')"
    )
    _email_idx = models.Index("(email_id) WHERE email_id IS NOT NULL")

    @api.depends("reason", "rule_ref")
    def _compute_rule_id(self):
        # No foreign key: to delete a rule must not write all that it kept out.
        numbers = {copy: int(copy.rule_ref.partition(".")[0]) for copy in self if copy.rule_ref}
        there = set(self.env["crm.mail.rule"].search([("id", "in", list(numbers.values()))]).ids)
        for copy in self:
            number = numbers.get(copy)
            copy.rule_id = number if copy.reason == "excluded" and number in there else False

    @api.model
    def _search_rule_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        rules = self.env["crm.mail.rule"].search(value if operator == "any" else [("id", "in", list(value))])
        # It begins with the rule's id, and goes on with how often that was changed.
        of_rules = Domain.OR(Domain("rule_ref", "=like", f"{rule.id}.%") for rule in rules)
        return Domain("state", "=", "skipped") & Domain("reason", "=", "excluded") & of_rules

    def init(self):
        """Columns of numbers beside the ORM's own.

        ``thread_keys``: the ancestors of a message (``identity.thread_key``). When one of them turns out to be a
        customer's, so is the reply. It is asked for with every batch, so the index keeps no list of entries still to be
        sorted in, which each question would have to read.

        ``conversation``: the provider's own conversation, where it knows one; good in this mailbox only.

        ``search_keys``: what a message that was not archived is found by (``mailsync.search_keys``).
        """
        self.env.cr.execute("ALTER TABLE crm_mail_copy ADD COLUMN IF NOT EXISTS search_keys bigint[]")
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS crm_mail_copy_search_keys_idx
                ON crm_mail_copy USING gin (search_keys) WHERE state IN ('skipped', 'failed', 'gone')
            """
        )
        self.env.cr.execute("ALTER TABLE crm_mail_copy ADD COLUMN IF NOT EXISTS conversation bigint")
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS crm_mail_copy_conversation_idx
                ON crm_mail_copy (mailbox_id, conversation) WHERE conversation IS NOT NULL
            """
        )
        self.env.cr.execute("ALTER TABLE crm_mail_copy ADD COLUMN IF NOT EXISTS thread_keys bigint[]")
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS crm_mail_copy_thread_keys_idx
                ON crm_mail_copy USING gin (thread_keys) WITH (fastupdate = off)
             WHERE thread_keys IS NOT NULL AND reason IN ('nobody_known', 'scan_all', 'expired')
            """
        )
        # The conversation of a letter, for who assigns it as a whole.
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS crm_mail_copy_ancestors_idx
                ON crm_mail_copy USING gin (thread_keys) WHERE thread_keys IS NOT NULL AND email_id IS NOT NULL
            """
        )

    def _set_pending(self):
        self.write({"state": "pending", "reason": False, "reason_text": False, "attempts": 0})
