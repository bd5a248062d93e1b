# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters grouped by what there may be several of: customers, leads, reasons, mailboxes.

Each letter counts once in each group that it belongs to, and once in a total, as Odoo does it for stored many2many
fields. So list, pivot and graph are views of the letters themselves, under the letters' own rules.
"""

from odoo import api, models
from odoo.tools import SQL

from .crm_mail_email_report import linked
from .planning import without_jit


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def _read_group_groupby(self, alias, groupby_spec, query):
        columns = {f"{kind}_ids": column for kind, column in self.env["crm.mail.link"]._target_kinds().items()}
        if groupby_spec in columns:
            join, column = self._join_targets, columns[groupby_spec]
        elif groupby_spec == "link_reason":
            join, column = self._join_reasons, "reason"
        elif groupby_spec == "mailbox_ids":
            join, column = self._join_mailboxes, "mailbox_id"
        else:
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._check_field_access(self._fields[groupby_spec], "read")
        joined = query.make_alias(alias, groupby_spec)
        query.add_join("LEFT JOIN", joined, *join(alias, joined, column))
        return SQL.identifier(joined, column)

    def _join_targets(self, alias, joined, column):
        model = {c: name for name, c in self.env["crm.mail.link"]._target_columns().items()}[column]
        readable = self.env[model].with_context(active_test=False)._search([])
        expression = SQL.identifier(joined, column)
        condition = SQL("%s IN %s", expression, readable.subselect()) if readable.where_clause else SQL("TRUE")
        return "crm_mail_link", SQL("%s AND %s IS NOT NULL AND %s", linked(alias, joined), expression, condition)

    def _join_reasons(self, alias, _joined, column):
        # Two links for one reason are one row, so that a letter counts once.
        rows = SQL(
            "LATERAL (SELECT DISTINCT link.%s FROM crm_mail_link AS link WHERE %s AND %s)",
            SQL.identifier(column),
            linked(alias, "link"),
            self._leads_to_readable("link"),
        )
        return rows, SQL("TRUE")

    def _join_mailboxes(self, alias, joined, column):
        mine = self.env["crm.mail.mailbox"]._search([("user_id", "=", self.env.uid)]).subselect()
        # A message that lies twice in a mailbox lies in it.
        condition = SQL(
            """
            %(email)s = %(id)s AND %(mailbox)s IN %(mine)s AND NOT EXISTS (
                SELECT 1 FROM crm_mail_copy AS other
                 WHERE other.email_id = %(email)s AND other.mailbox_id = %(mailbox)s AND other.id < %(copy)s
            )
            """,
            email=SQL.identifier(joined, "email_id"),
            id=SQL.identifier(alias, "id"),
            mailbox=SQL.identifier(joined, column),
            mine=mine,
            copy=SQL.identifier(joined, "id"),
        )
        return "crm_mail_copy", condition

    @api.model
    def _read_group(self, *args, **kwargs):
        without_jit(self.env)
        return super()._read_group(*args, **kwargs)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        without_jit(self.env)
        # Odoo keeps letters from being counted twice in totals where it groups by a many2many, which a reason is not.
        with_reason = ["link_reason" in groupby for groupby in grouping_sets]
        if len(set(with_reason)) < 2:
            return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        rows = {}
        for flag in (True, False):
            chosen = [
                groupby for groupby, has_reason in zip(grouping_sets, with_reason, strict=True) if has_reason is flag
            ]
            rows[flag] = iter(
                super()._read_grouping_sets(domain, chosen, aggregates, _order_of(order, chosen, grouping_sets))
            )
        return [next(rows[flag]) for flag in with_reason]


def _order_of(order, chosen, all_sets):
    """The parts of an order that these grouping sets know."""
    unknown = {spec for groupby in all_sets for spec in groupby} - {spec for groupby in chosen for spec in groupby}
    parts = [part.strip() for part in (order or "").split(",")]
    return ", ".join(part for part in parts if part and part.split()[0] not in unknown) or None
