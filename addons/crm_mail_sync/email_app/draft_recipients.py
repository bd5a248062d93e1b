# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whom one may be writing to: contacts, leads, and people of one's own mailbox, those of late first."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize
from odoo.tools.sql import escape_psql

from ..scan.scope import own_addresses_of

_MOST = 8
_LOOKED_AT = 40
# So many of the newest messages of the mailbox are looked through: who was written to before them is in the contacts.
_LATELY = 2_000
_SHORTEST = 2


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    @api.model
    @api.readonly
    def recipients(self, text):
        """People whose name, address or company has this in it, as ``[{name, address, partner_id}]``."""
        self.browse().check_access("read")
        words = " ".join((text or "").split())
        if len(words) < _SHORTEST:
            return []
        mailbox = self.env["crm.mail.mailbox"].sudo()._main_of(self.env.uid)
        lately = self._people_of_late(mailbox, words) if mailbox else []
        pattern = escape_psql(words)
        known = self._contacts(pattern)
        # Of late first, under the names that the contacts have.
        addresses = {person["address"].lower(): person for person in known}
        ranked = [addresses.get(person["address"], person) for person in lately]
        found = {person["address"].lower(): person for person in (*ranked, *known, *self._leads(pattern))}
        mine = own_addresses_of(mailbox) if mailbox else ()
        others = [person for address, person in found.items() if address not in mine]
        # What begins like this is more likely meant than what has it somewhere.
        return sorted(others, key=lambda person: not _begins(person, words.lower()))[:_MOST]

    @api.model
    def _contacts(self, words):
        partners = self.env["res.partner"].sudo(False)
        if not partners.has_access("read"):
            return []
        domain = Domain("email", "!=", False) & Domain.OR(
            [[("complete_name", "ilike", words)], [("email", "ilike", words)], [("company_name", "ilike", words)]]
        )
        found = partners.search_fetch(domain, ["name", "email", "complete_name"], limit=_LOOKED_AT)
        return [
            {"name": partner.name or "", "address": address, "partner_id": partner.id, "label": partner.complete_name}
            for partner in found
            if (address := email_normalize(partner.email, strict=False))
        ]

    @api.model
    def _leads(self, words):
        leads = self.env["crm.lead"].sudo(False)
        if not leads.has_access("read"):
            return []
        domain = Domain("email_from", "!=", False) & Domain.OR(
            [[(name, "ilike", words)] for name in ("contact_name", "partner_name", "email_from")]
        )
        found = leads.search_fetch(domain, ["contact_name", "partner_name", "email_from"], limit=_LOOKED_AT)
        return [
            {"name": lead.contact_name or lead.partner_name or "", "address": address, "partner_id": False}
            for lead in found
            if (address := email_normalize(lead.email_from, strict=False))
        ]

    @api.model
    def _people_of_late(self, mailbox, words):
        """People in the newest messages of the user's own mailbox, those of the latest first."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH newest AS (
                    SELECT received, sender_name, sender_address, people FROM crm_mail_item
                     WHERE mailbox_id = %(mailbox)s AND is_here AND NOT is_draft
                     ORDER BY received DESC, id DESC LIMIT %(lately)s
                ), persons AS (
                    SELECT sender_name AS name, sender_address AS address, received FROM newest
                    UNION ALL
                    SELECT person ->> 0, person ->> 1, received
                      FROM newest, jsonb_each(people) AS field (role, list), jsonb_array_elements(list) AS person
                     WHERE role IN ('to', 'cc', 'bcc')
                )
                SELECT (array_agg(name ORDER BY name = '', received DESC))[1], address
                  FROM persons WHERE address IS NOT NULL AND (address ILIKE %(like)s OR name ILIKE %(like)s)
                 GROUP BY address ORDER BY max(received) DESC, address LIMIT %(most)s
                """,
                mailbox=mailbox.id,
                lately=_LATELY,
                like=f"%{escape_psql(words)}%",
                most=_LOOKED_AT,
            )
        )
        return [{"name": name or "", "address": address, "partner_id": False} for name, address in rows]


def _begins(person, text):
    words = f"{person.get('label') or person['name']} {person['address']}".lower().split()
    return any(word.startswith(text) for word in words) or " ".join(words).startswith(text)
