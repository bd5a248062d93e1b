# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What each address of a message means for the scan today."""

from ..mailsync.domains import domains_above, is_within
from ..mailsync.matching import MOST_COMPANIES_A_DOMAIN
from ..scan.candidates import find_candidates
from ..scan.decider import KEEP, decide
from ..scan.remembered import head_of
from ..scan.scope import scope_of
from ..scan.start import is_before

# Of a mailing to hundreds nobody reads more.
_MOST_ADDRESSES = 12


class Explainer:
    """Asks the rules about messages of one mailbox, and tells its owner in words."""

    def __init__(self, mailbox):
        self.env = mailbox.env
        self.mailbox = mailbox
        self._su = mailbox.sudo()
        self._scope = scope_of(self._su)

    def would_keep(self, copy):
        """Whether the message would be archived if it came today."""
        flags = frozenset((copy.flags or "").split())
        decision = decide(self._su.env, [_head(copy)], [flags], [copy.folder_id.sudo().remote_id], self._scope)[0]
        return decision.state == KEEP and not is_before(copy.received, self._scope)

    def addresses(self, copy):
        """A sentence for each address that is not the owner's own, also on what was entered since it was listed."""
        candidates = find_candidates(self._su.env, [_head(copy)], self._scope)
        own = self._scope.matching.own_addresses
        asked = [address for address in _addresses(copy) if address not in own][:_MOST_ADDRESSES]
        if not asked:
            return [self.env._("It has no address but your own.")]
        return [self._explain(address, candidates, copy) for address in asked]

    def _explain(self, address, candidates, copy):
        records = self._records(address, candidates)
        if records:
            return self._known(address, records, copy)
        if address in self._scope.colleagues:
            return self.env._("%(address)s is one of us, and no customer.", address=address)
        nobody = self.env._("%(address)s: no customer, contact or lead has this address.", address=address)
        return f"{nobody} {self._domain(address.rpartition('@')[2], candidates)}"

    def _records(self, address, candidates):
        """The records that have the address, as (model, ids, switch that has to be on)."""
        partners = [partner.id for partner in candidates.partners.get(address, ())]
        leads = list(dict.fromkeys(lead.id for lead in candidates.leads.get(address, ())))
        found = [("res.partner", partners, "sync_clients"), ("crm.lead", leads, "sync_leads")]
        return [(model, ids, switch) for model, ids, switch in found if ids]

    def _known(self, address, records, copy):
        parts = []
        for model, ids, switch in records:
            parts.append(self._named(model, ids))
            if off := self._switched_off(switch):
                parts.append(off)
            elif since := self._entered_since(model, ids, copy):
                parts.append(
                    self.env._("That was entered on %(day)s, after the message had been looked at.", day=since)
                )
        return self.env._("%(address)s belongs to %(what)s", address=address, what=" ".join(parts))

    def _switched_off(self, switch):
        label = self.mailbox._fields[switch]._description_string(self.env)
        return "" if self.mailbox[switch] else self.env._("“%(switch)s” is off in this mailbox.", switch=label)

    def _named(self, model, ids):
        readable = self.env[model].browse(ids)._filtered_access("read")
        if not readable:
            return self.env._("a record that you may not see.")
        names = ", ".join(readable[:3].mapped("display_name"))
        return f"{names} …" if len(readable) > 3 else f"{names}."

    def _entered_since(self, model, ids, copy):
        records = self.env[model].browse(ids)._filtered_access("read")
        created = max(records.mapped("create_date"), default=None)
        if not (created and copy.create_date and created > copy.create_date):
            return None
        return self.mailbox._clock(created)

    def _domain(self, domain, candidates):
        """As the scan asks: the most specific domain that is anybody's decides, and above an ignored one nothing."""
        matching = self._scope.matching
        if is_within(domain, matching.ours.all_domains):
            return self.env._("%(domain)s is our own domain.", domain=domain)
        for above in domains_above(domain):
            if above in matching.ignored_domains:
                return self.env._("%(domain)s is a public mail provider, whose domain tells nothing.", domain=above)
            if companies := candidates.domains.get(above):
                return self._companies_domain(above, companies)
        return self.env._("%(domain)s is no customer's domain.", domain=domain)

    def _companies_domain(self, domain, companies):
        if len(companies) > MOST_COMPANIES_A_DOMAIN:
            return self.env._("%(domain)s is shared by too many companies to tell anything.", domain=domain)
        named = self._named("res.partner", companies)
        text = self.env._("But %(domain)s is the domain of %(companies)s", domain=domain, companies=named)
        return f"{text} {self._switched_off('sync_clients')}".strip()


def _addresses(copy):
    return (copy.addresses or "").split()


def _head(copy):
    """As much of the header as is kept."""
    return head_of(
        copy.addresses,
        message_id=copy.message_id or "",
        subject=copy.subject or "",
        date=copy.received.timestamp() if copy.received else None,
    )
