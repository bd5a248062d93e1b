# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a target wrote last, was written to last, and since when it waits for an answer."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Field of the target → column of crm_mail_pulse, and how the rows of several companies become one value.
_COLUMNS = {
    "last_letter_in": ("last_in", SQL("max")),
    "last_letter_out": ("last_out", SQL("max")),
    "letter_waits_since": ("waits_since", SQL("min")),
}
_COMPARISONS = {operator: SQL(operator) for operator in ("<", "<=", ">", ">=")}


class CrmMailTargetMixin(models.AbstractModel):
    _inherit = "crm.mail.target.mixin"

    # Whoever may see them may read each letter of which they speak, see docs/access.md.
    last_letter_in = fields.Datetime(
        string="Last email in",
        compute="_compute_pulse",
        search="_search_last_letter_in",
        groups="sales_team.group_sale_salesman",
        help="When the latest email came; private emails do not count.",
    )
    last_letter_out = fields.Datetime(
        string="Last email out",
        compute="_compute_pulse",
        search="_search_last_letter_out",
        groups="sales_team.group_sale_salesman",
        help="When the latest email was sent; private emails do not count.",
    )
    letter_waits_since = fields.Datetime(
        string="Waits for an answer since",
        compute="_compute_pulse",
        search="_search_letter_waits_since",
        groups="sales_team.group_sale_salesman",
        help="When the first personal email came that nobody has answered since.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_pulse(self):
        rows = self.env.execute_query(
            SQL("SELECT * FROM (%s) AS pulse WHERE target_id = ANY(%s)", self._pulses(), self._origin.ids)
        )
        found = {target_id: values for target_id, *values in rows}
        nothing = [False] * len(_COLUMNS)
        for target in self:
            for name, value in zip(_COLUMNS, found.get(target._origin.id, nothing), strict=True):
                target[name] = value

    def _search_last_letter_in(self, operator, value):
        return self._search_pulse("last_letter_in", operator, value)

    def _search_last_letter_out(self, operator, value):
        return self._search_pulse("last_letter_out", operator, value)

    def _search_letter_waits_since(self, operator, value):
        return self._search_pulse("letter_waits_since", operator, value)

    def _search_pulse(self, name, operator, value):
        # Odoo asks for the groups of fields that are columns only.
        self._check_field_access(self._fields[name], "read")
        column = SQL.identifier("pulse", name)
        if operator == "in":
            dates = [fields.Datetime.to_datetime(date) for date in value if date]
            found = self._targets_where(SQL("%s = ANY(%s)", column, dates))
            if False in value or None in value:
                found |= ~self._targets_where(SQL("%s IS NOT NULL", column))
            return found
        if operator in _COMPARISONS and value:
            date = fields.Datetime.to_datetime(value)
            return self._targets_where(SQL("%s %s %s", column, _COMPARISONS[operator], date))
        return NotImplemented

    def _targets_where(self, condition):
        return Domain("id", "in", SQL("(SELECT target_id FROM (%s) AS pulse WHERE %s)", self._pulses(), condition))

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in _COLUMNS or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        pulse = query.make_alias(alias, "letter_pulse")
        condition = SQL("%s = %s", SQL.identifier(pulse, "target_id"), SQL.identifier(alias, "id"))
        query.add_join("LEFT JOIN", pulse, SQL("(%s)", self._pulses()), condition)
        return SQL.identifier(pulse, field_expr)

    def _pulses(self):
        """A row a target: its id and the three values, for the companies that the user works in."""
        kind = self._mail_link_field.removesuffix("_id")
        companies = () if self.env.su else self.env.companies.ids
        # Of one company there is one row, found along the index of the value that is asked for.
        several = len(companies) != 1
        return SQL(
            "SELECT target_id, %s FROM crm_mail_pulse WHERE kind = %s AND %s %s",
            SQL(", ").join(
                SQL(
                    "%s AS %s",
                    SQL("%s(%s)", merge, SQL.identifier(column)) if several else SQL.identifier(column),
                    SQL.identifier(name),
                )
                for name, (column, merge) in _COLUMNS.items()
            ),
            kind,
            SQL("company_id = ANY(%s)", list(companies)) if companies else SQL("TRUE"),
            SQL("GROUP BY target_id") if several else SQL(),
        )
