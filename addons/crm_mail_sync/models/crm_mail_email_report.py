# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the report finds letters by and shows of them: to whom they belong, why, and in which mailbox they lie."""

from collections import defaultdict
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

from .planning import without_jit

_LINKED = Domain("is_undone", "!=", True)


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    # A field a kind of target, ``<kind>_ids``: glue adds its own which it computes and finds by ``_compute_linked`` and
    # ``_search_links``; that it can be grouped by follows.
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        compute="_compute_partner_ids",
        search="_search_partner_ids",
        context={"active_test": False},
    )
    lead_ids = fields.Many2many(
        "crm.lead",
        string="Leads",
        compute="_compute_lead_ids",
        search="_search_lead_ids",
        context={"active_test": False},
        groups="sales_team.group_sale_salesman",
    )
    link_reason = fields.Selection(
        selection="_link_reasons",
        string="Reason",
        compute="_compute_link_reason",
        search="_search_link_reason",
        help="Why it belongs to a customer or lead; of several reasons the first of their list.",
    )
    copy_ids = fields.One2many("crm.mail.copy", "email_id", readonly=True)
    mailbox_ids = fields.Many2many(
        "crm.mail.mailbox",
        string="My mailboxes",
        compute="_compute_mailbox_ids",
        search="_search_mailbox_ids",
        help="Those of your mailboxes in which it lies.",
    )
    linked_to = fields.Char(store=False, search="_search_linked_to", help="A customer, a lead or whatever it is of.")
    is_unassigned = fields.Boolean(store=False, search="_search_is_unassigned", help="It belongs to nobody.")
    is_of_my_team = fields.Boolean(
        store=False, search="_search_is_of_my_team", help="Of a lead or a member of my sales teams."
    )

    # What few letters are is found without a look at the others.
    _unassigned_idx = models.Index(
        "(date DESC, id DESC) WHERE is_linked_partner IS NOT TRUE AND is_linked_lead IS NOT TRUE"
    )
    _kind_idx = models.Index("(kind, date DESC, id DESC) WHERE kind != 'personal'")

    @api.model
    @api.readonly
    def search_fetch(self, *args, **kwargs):
        without_jit(self.env)
        return super().search_fetch(*args, **kwargs)

    @api.model
    def _link_reasons(self):
        return self.env["crm.mail.link"]._fields["reason"]._description_selection(self.env)

    @api.depends("link_ids.is_undone", "link_ids.partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_partner_ids(self):
        self._compute_linked("partner_ids", "partner_id")

    @api.depends("link_ids.is_undone", "link_ids.lead_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_lead_ids(self):
        self._compute_linked("lead_ids", "lead_id")

    def _compute_linked(self, name, column):
        links = self._shown_links(column)
        for email in self:
            email[name] = links[email._origin.id][column]

    @api.depends("link_ids.is_undone", "link_ids.reason")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_link_reason(self):
        links = self._shown_links("reason")
        order = [reason for reason, _label in self._link_reasons()]
        for email in self:
            email.link_reason = min(links[email._origin.id].mapped("reason"), key=order.index, default=False)

    def _shown_links(self, name):
        """The links with a value in this field that the user may see, by letter id.

        Searched for, so that nobody is shown a customer or a lead that he may not see because somebody else was.
        """
        links = self.env["crm.mail.link"]
        domain = Domain("email_id", "in", self._origin.ids) & _LINKED & Domain(name, "!=", False)
        found = links.search_fetch(domain, ["email_id", name], order="id")
        return defaultdict(links.browse, {email.id: of_email for email, of_email in found.grouped("email_id").items()})

    @api.depends("copy_ids.mailbox_id")
    @api.depends_context("uid")
    def _compute_mailbox_ids(self):
        for email in self:
            email.mailbox_ids = email.copy_ids.mailbox_id

    def _search_partner_ids(self, operator, value):
        return self._search_links("partner_id", operator, value)

    def _search_lead_ids(self, operator, value):
        self._check_field_access(self._fields["lead_ids"], "read")
        return self._search_links("lead_id", operator, value)

    def _search_links(self, column, operator, value):
        """Letters with a link to such records, among those that the user may read."""
        model = {name: model for model, name in self.env["crm.mail.link"]._target_columns().items()}[column]
        targets = self.env[model].with_context(active_test=False)
        if operator == "in" and not isinstance(value, (Query, SQL)):
            found = self._linked_where(column, targets._search([("id", "in", [v for v in value if v])]))
            return found if all(value) else found | ~self._linked_where(column, targets._search([]))
        if operator == "any":
            return self._linked_where(column, targets._search(value))
        if operator in ("ilike", "=ilike", "like", "=like"):
            return self._linked_where(column, targets._search([("display_name", operator, value)]))
        return NotImplemented

    def _linked_where(self, column, targets):
        """Letters with a link to these. Their own rules say who sees a letter, so those of links are not asked."""

        def to_sql(_model, alias, _query):
            condition = SQL("%s IN %s", SQL.identifier("link", column), targets.subselect())
            return SQL("EXISTS (SELECT FROM crm_mail_link AS link WHERE %s AND %s)", linked(alias, "link"), condition)

        return Domain.custom(to_sql=to_sql)

    def _search_link_reason(self, operator, value):
        if operator != "in":
            return NotImplemented

        def to_sql(_model, alias, _query, condition):
            return SQL(
                "EXISTS (SELECT FROM crm_mail_link AS link WHERE %s AND %s AND %s)",
                linked(alias, "link"),
                condition,
                self._leads_to_readable("link"),
            )

        reasons = SQL("link.reason = ANY(%s)", [reason for reason in value if reason])
        found = Domain.custom(to_sql=partial(to_sql, condition=reasons))
        return found if all(value) else found | ~Domain.custom(to_sql=partial(to_sql, condition=SQL("TRUE")))

    def _leads_to_readable(self, alias):
        """The condition that a link leads to a record that the user may read; asked of one link after the other."""
        conditions = []
        for model, column in self._readable_targets().items():
            targets = self.env[model].with_context(active_test=False)._search([])
            expression = SQL.identifier(alias, column)
            if targets.where_clause:
                targets.add_where(SQL("%s = %s", SQL.identifier(targets.table, "id"), expression))
                conditions.append(SQL("EXISTS %s", targets.subselect(SQL("1"))))
            else:
                conditions.append(SQL("%s IS NOT NULL", expression))
        return SQL("(%s)", SQL(" OR ").join(conditions)) if conditions else SQL("FALSE")

    def _search_mailbox_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        if operator == "in" and not isinstance(value, (Query, SQL)) and not all(value):
            return Domain("copy_ids", "any", [("mailbox_id", "in", [v for v in value if v])]) | ~Domain(
                "copy_ids", "any", []
            )
        return Domain("copy_ids", "any", [("mailbox_id", operator, value)])

    @api.model
    def _search_linked_to(self, operator, value):
        if operator not in ("ilike", "=") or not isinstance(value, str):
            return NotImplemented
        columns = self._readable_targets().values()
        return Domain.OR(self._search_links(column, "ilike", value) for column in columns)

    @api.model
    def _search_is_unassigned(self, operator, _value):
        if operator != "in":
            return NotImplemented
        kinds = self.env["crm.mail.link"]._target_kinds()
        return Domain.AND(Domain(f"is_linked_{kind}", "!=", True) for kind in kinds)

    @api.model
    def _search_is_of_my_team(self, operator, _value):
        if operator != "in":
            return NotImplemented
        user = self.env.user
        teams = self.env["crm.team"].search(
            Domain("user_id", "=", user.id) | Domain("crm_team_member_ids.user_id", "=", user.id)
        )
        found = Domain("owner_ids", "in", (user | teams.sudo().crm_team_member_ids.user_id).ids)
        if "lead_id" in self._readable_targets().values():
            found |= self._search_links("lead_id", "any", Domain("team_id", "in", teams.ids))
        return found

    @api.model
    def _readable_targets(self):
        """Model → column of links, for the targets that the user may read some of and is told the letters of."""
        return {
            model: column
            for model, column in self.env["crm.mail.link"]._target_columns().items()
            if self.env[model].has_access("read") and self._has_field_access(self._fields[f"{column}s"], "read")
        }


def linked(alias, link):
    """The condition that this link is one of this letter, and was not undone."""
    return SQL(
        "%s = %s AND %s IS NOT TRUE",
        SQL.identifier(link, "email_id"),
        SQL.identifier(alias, "id"),
        SQL.identifier(link, "is_undone"),
    )
