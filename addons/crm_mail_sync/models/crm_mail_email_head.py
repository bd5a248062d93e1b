# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a letter is about, for those who may know it: what is read and searched here goes through ``crm.mail.head``.

These fields have no column, so that nobody can sort or group letters by what he may not read.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

# So few that PostgreSQL looks each one up; for a thousand it reads the whole table of letters once there are a million.
_LOOKED_UP = 100
HEAD_FIELDS = ("subject", "email_from", "recipients", "message_id", "file_count", "size")


def _search_head(name):
    def search(_self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            # Odoo turns the positive one round: a letter that shows nothing is then found whatever it says.
            return NotImplemented
        return Domain("head_ids", "any", [(name, operator, value)])

    return search


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"
    _rec_name = "subject"

    head_ids = fields.One2many("crm.mail.head", "email_id", readonly=True)
    subject = fields.Char(compute="_compute_head", search=_search_head("subject"))
    email_from = fields.Char(string="From", compute="_compute_head", search=_search_head("email_from"))
    recipients = fields.Char(string="To", compute="_compute_head", search=_search_head("recipients"))
    message_id = fields.Char(string="Message-ID", compute="_compute_head", search=_search_head("message_id"))
    file_count = fields.Integer(string="Files", compute="_compute_head", search=_search_head("file_count"))
    size = fields.Integer(compute="_compute_head", search=_search_head("size"), help="Bytes of the whole message.")

    is_head_shown = fields.Boolean(compute="_compute_head")

    @api.depends(*(f"head_ids.{name}" for name in HEAD_FIELDS), "visibility", "owner_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_head(self):
        heads = self._readable_heads()
        for email in self:
            # On a form that is not saved, letters are new records with their own behind them.
            head = heads.get(email._origin.id)
            email.is_head_shown = bool(head)
            for name in HEAD_FIELDS:
                email[name] = head[name] if head else False

    @api.depends("subject", "is_head_shown", "direction")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        # Odoo tells the names of linked records as superuser: who may not read the letter is not told its subject so.
        readable = self.sudo(False).filtered(lambda email: not email.is_head_shown)._filtered_access("read")
        for email in self:
            if email.is_head_shown:
                email.display_name = email.subject or self.env._("(no subject)")
            elif email not in readable:
                email.display_name = self.env._("Synced email")
            elif email.direction == "sent":
                email.display_name = self.env._("Email sent")
            else:
                email.display_name = self.env._("Email received")

    def _readable_heads(self):
        """Those heads of these letters that the user may read, by letter id; in superuser mode too."""
        heads = self.env["crm.mail.head"].sudo(False)
        if not heads.has_access("read"):
            return {}
        found = {}
        for ids in split_every(_LOOKED_UP, self.ids):
            for head in heads.search_fetch([("email_id", "in", ids)], ["email_id", *HEAD_FIELDS]):
                found[head.email_id.id] = head
        return found
