# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where letters may belong, for a person to choose from: the likeliest first, each with its reason in words."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailsync.letter import Address, Head
from ..mailsync.matching import asked_domains
from ..mailsync.ourselves import outsiders
from ..scan.ourselves import ourselves
from ..scan.scope import matching_scope
from .assignment_scope import Covered

_MOST = 10
# Of the letters chosen in a list, as many are looked at.
_LETTERS = 50
_ALIVE = {"won": 1, "pending": 0, "lost": 2}


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def _assign_candidates(self):
        """[(record, reason)] that the user may see, the likeliest first; a seam for further targets.

        What all of these letters are linked to already is no candidate.
        """
        letters = self[:_LETTERS].sudo(False)
        addresses = letters._foreign_addresses()
        people = self._partners_with(addresses)
        found = {}
        for candidates in (
            [(p, self.env._("has the address %(address)s", address=p.email_normalized)) for p in people],
            letters._candidates_of_thread(),
            self._candidate_leads(addresses, people),
            [
                (p.commercial_partner_id, self.env._("the company of %(name)s", name=p.name))
                for p in people
                if p != p.commercial_partner_id
            ],
            self._candidate_companies(addresses),
        ):
            for record, reason in candidates:
                found.setdefault(record, reason)
        linked = letters._common_targets()
        return [(record, reason) for record, reason in found.items() if record not in linked][:_MOST]

    def _foreign_addresses(self):
        """Everybody's on these letters but our own."""
        return self._outsiders_among(self.participant_ids.mapped("address"))

    @api.model
    def _outsiders_among(self, addresses):
        """Those of these addresses that are nobody's of us, each once, as the scan tells them apart."""
        has_address = Domain.custom(to_sql=lambda _model, alias, _query: _with_address(alias, set(addresses)))
        known = set(
            self.env["res.partner"].search(has_address & Domain("partner_share", "=", True)).mapped("email_normalized")
        )
        if self.env["crm.lead"].has_access("read"):
            known.update(self.env["crm.lead"].search(has_address).mapped("email_normalized"))
        people = tuple(Address("", address, "to") for address in addresses)
        return list(outsiders(Head(addresses=people), ourselves(self.env), known))

    def _partners_with(self, addresses):
        has_address = Domain.custom(to_sql=lambda _model, alias, _query: _with_address(alias, addresses))
        return self.env["res.partner"].search(has_address & Domain("partner_share", "=", True), limit=_MOST)

    def _candidates_of_thread(self):
        """What the other letters of the conversation are linked to."""
        others = Covered(self, "thread").letters() - self
        links = self.env["crm.mail.link"].search(
            [("email_id", "in", others.ids), ("is_undone", "!=", True)], limit=_MOST * 5
        )
        reason = self.env._("other emails of this conversation are here")
        return [(record, reason) for record in dict.fromkeys(link._target_record() for link in links)]

    def _candidate_leads(self, addresses, people):
        """All leads of these people, open ones before won ones before lost ones, then the newest."""
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return []
        has_address = Domain.custom(to_sql=lambda _model, alias, _query: _with_address(alias, addresses))
        customers = people | people.commercial_partner_id
        leads = leads.with_context(active_test=False)
        found = leads.search(has_address, limit=_MOST * 5) | leads.search(
            [("partner_id", "in", customers.ids)], limit=_MOST * 5
        )
        ranked = sorted(found, key=lambda lead: (_ALIVE.get(lead.won_status, 0), -lead.id))
        return [(lead.with_context(active_test=True), self._lead_reason(lead)) for lead in ranked]

    def _lead_reason(self, lead):
        selection = dict(lead._fields["won_status"]._description_selection(self.env))
        states = {"pending": self.env._("open")}
        return self.env._(
            "%(state)s %(kind)s of %(name)s",
            state=states.get(lead.won_status) or selection[lead.won_status].lower(),
            kind=self.env._("lead") if lead.type == "lead" else self.env._("opportunity"),
            name=lead.partner_id.display_name or lead.contact_name or lead.email_normalized or lead.name,
        )

    def _candidate_companies(self, addresses):
        return [
            (customer, self.env._("same domain, %(domain)s", domain=domain))
            for customer, domain in self._customers_at(addresses)
        ]

    def _customers_at(self, addresses):
        """[(customer, domain)] whom these addresses belong to by their domains, the most specific domain first."""
        domains = asked_domains(addresses, matching_scope(self.env, (), ourselves(self.env)))
        found = self.env["crm.mail.domain"].search([("domain", "in", domains)], limit=_MOST)
        customers = found.partner_id._filtered_access("read").filtered("partner_share")
        found = found.filtered(lambda d: d.partner_id in customers)
        return [(d.partner_id, d.domain) for d in found.sorted(lambda d: -d.domain.count("."))]

    def _common_targets(self):
        """The records that all of these letters are linked to."""
        links = self.env["crm.mail.link"].search([("email_id", "in", self.ids), ("is_undone", "!=", True)])
        counts = {}
        for link in links:
            record = link._target_record()
            counts[record] = counts.get(record, 0) + 1
        return {record for record, count in counts.items() if count == len(self)}


def _with_address(alias, addresses):
    # The length is in the index's condition.
    column = SQL.identifier(alias, "email_normalized")
    return SQL("(%s = ANY(%s) AND length(%s) <= 320)", column, list(addresses), column)
