# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the report finds letters by and shows of them: to whom they belong, why, and in which mailbox they lie."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

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
        return self._search_links("lead_id", operator, value)

    def _search_link_reason(self, operator, value):
        return self._search_links("reason", operator, value)

    def _search_links(self, name, operator, value):
        """Letters with such a link, among those that the user may see; links that were undone count for none."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        if operator != "in" or isinstance(value, (Query, SQL)):
            return Domain("link_ids", "any", _LINKED & Domain(name, operator, value))
        found = Domain("link_ids", "any", _LINKED & Domain(name, "in", [v for v in value if v]))
        return found if all(value) else found | ~Domain("link_ids", "any", _LINKED & Domain(name, "!=", False))

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
        return Domain("link_ids", "any", _LINKED & Domain.OR(Domain(column, "ilike", value) for column in columns))

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
            found |= Domain("link_ids", "any", _LINKED & Domain("lead_id.team_id", "in", teams.ids))
        return found

    def _readable_targets(self):
        """Model → column of links, for the targets that the user may read some of."""
        columns = self.env["crm.mail.link"]._target_columns()
        return {model: column for model, column in columns.items() if self.env[model].has_access("read")}
