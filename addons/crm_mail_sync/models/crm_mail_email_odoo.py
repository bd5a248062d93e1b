# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters that Odoo has already as messages of its own: sent by it, or brought by its gateway before or after."""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    # Only if Odoo has sent it: found again by its Message-ID, or by what a relay has left of it (scan/odoo_mail.py).
    odoo_message_id = fields.Many2one("mail.message", ondelete="set null", readonly=True, groups=fields.NO_ACCESS)

    _odoo_message_idx = models.Index("(odoo_message_id) WHERE odoo_message_id IS NOT NULL")


class CrmMailLink(models.Model):
    _inherit = "crm.mail.link"

    is_odoo_message = fields.Boolean(
        compute="_compute_is_odoo_message",
        search="_search_is_odoo_message",
        help="The chatter of the record has the letter already, as a message of Odoo's own.",
    )

    def _compute_is_odoo_message(self):
        doubled = self.search([("id", "in", self.ids), ("is_odoo_message", "=", True)])
        for link in self:
            link.is_odoo_message = link in doubled

    def _search_is_odoo_message(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["mail.message"].flush_model(["message_id", "model", "res_id", "message_type"])
        self.env["crm.mail.email"].flush_model(["odoo_message_id"])
        self.env["crm.mail.head"].flush_model(["message_id"])
        domain = Domain.custom(to_sql=lambda _model, alias, _query: self._is_doubled(alias))
        return domain if True in value else ~domain

    def _is_doubled(self, alias):
        """Whether the link's letter is a message of its target."""
        targets = SQL(" OR ").join(
            SQL("%s IS NOT NULL AND %s", column, is_odoo_message("e", model, column))
            for model, column in (
                (model, SQL.identifier(alias, name)) for model, name in self._target_columns().items()
            )
        )
        return SQL(
            "EXISTS (SELECT FROM crm_mail_email e WHERE e.id = %s AND (%s))",
            SQL.identifier(alias, "email_id"),
            targets,
        )


def is_odoo_message(letter, model, record_id):
    """The condition that a record's chatter has the letter as a message of Odoo's own: it is shown there once.

    Asked when it is read, for the gateway may bring the same message at any time. Scalars on purpose: as joins
    PostgreSQL would be free to read the whole table of messages for them.

    :param letter: the alias of ``crm_mail_email``
    :param record_id: a number, or SQL for one
    """
    of_record = SQL("m.model = %s AND m.res_id = %s AND m.message_type != 'user_notification'", model, record_id)
    return SQL(
        """(
            (SELECT EXISTS (SELECT FROM mail_message m WHERE m.message_id = '<' || %(message_id)s || '>' AND %(same)s))
            OR (%(odoo)s IS NOT NULL
                AND (SELECT EXISTS (SELECT FROM mail_message m WHERE m.id = %(odoo)s AND %(same)s)))
        )""",
        message_id=SQL(
            "(SELECT h.message_id FROM crm_mail_head h WHERE h.email_id = %s)", SQL.identifier(letter, "id")
        ),
        odoo=SQL.identifier(letter, "odoo_message_id"),
        same=of_record,
    )
