# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who somebody is, and letters that are to be archived so that something can be done with them."""

from odoo import api, models
from odoo.tools import SQL, email_normalize
from odoo.tools.misc import formatLang

from ..scan.bulk import execute
from ..scan.ourselves import ourselves

_MOST_LEADS = 5
_MOST_LETTERS = 5


class CrmMailAppEmail(models.AbstractModel):
    _inherit = "crm.mail.app.email"

    @api.model
    @api.readonly
    def sender(self, address):
        """What the caller may know of whom this address belongs to."""
        self._own()
        address = email_normalize(address or "") or ""
        letters = self.env["crm.mail.email"]
        partner = letters._partners_with([address])[:1] if address else self.env["res.partner"]
        return {
            "name": partner.name or "",
            "address": address,
            "partner": self._partner_values(partner) if partner else None,
            "leads": [self._lead_values(lead) for lead in self._leads_of(address, partner)],
            "letters": [self._letter_values(letter) for letter in self._letters_of(address)],
            "is_colleague": address in ourselves(self.env).addresses,
        }

    @api.model
    def _partner_values(self, partner):
        company = partner.commercial_partner_id if partner.commercial_partner_id != partner else partner.browse()
        return {
            "id": partner.id,
            "name": partner.name or partner.display_name,
            "company": company.name or partner.company_name or "",
            "phone": partner.phone or "",
            "is_company": partner.is_company,
            "image_url": f"/web/image/res.partner/{partner.id}/avatar_128",
        }

    @api.model
    def _leads_of(self, address, partner):
        """Open ones before won ones before lost ones, then the newest."""
        if not address or not self.env["crm.lead"].has_access("read"):
            return []
        found = self.env["crm.mail.email"]._candidate_leads([address], partner)
        return [lead for lead, _reason in found[:_MOST_LEADS]]

    @api.model
    def _lead_values(self, lead):
        amount = formatLang(self.env, lead.expected_revenue, currency_obj=lead.company_currency)
        return {
            "id": lead.id,
            "name": lead.name,
            "stage": lead.stage_id.name or "",
            "amount_text": amount if lead.expected_revenue else "",
            "is_open": lead.won_status == "pending",
        }

    @api.model
    def _letters_of(self, address):
        if not address:
            return []
        domain = [("participant_ids", "any", [("address", "=", address)])]
        return self.env["crm.mail.email"].search(domain, limit=_MOST_LETTERS)

    @api.model
    def _letter_values(self, letter):
        return {
            "email_id": letter.id,
            "date": str(letter.date),
            "subject": letter.subject or "",
            "direction": letter.direction,
        }

    @api.model
    def archive_items(self, item_ids):
        """File messages that are not archived, so that they can be assigned: item → letter, of those that are."""
        items = self._own_items(item_ids)
        waiting = items.copy_id.filtered(lambda copy: not (copy.state == "kept" and copy.email_id)).sudo(False)
        if waiting:
            waiting._file({})
        return self._archived_of(items)

    @api.model
    @api.readonly
    def archived_items(self, item_ids):
        """How far that is: the same answer, and which are still to be fetched."""
        return self._archived_of(self._own_items(item_ids))

    @api.model
    def set_private(self, item_ids, is_private):
        """Make all that is archived of these messages' conversations private, or show it to colleagues again."""
        mailbox = self._own()
        question = SQL(
            """
            SELECT DISTINCT c.email_id
              FROM crm_mail_item named
              JOIN crm_mail_item i ON i.mailbox_id = named.mailbox_id AND i.conversation = named.conversation
              JOIN crm_mail_copy c ON c.id = i.copy_id
             WHERE named.mailbox_id = %s AND named.id = ANY(%s) AND c.email_id IS NOT NULL
            """,
            mailbox.id,
            [int(item_id) for item_id in item_ids],
        )
        letters = self.env["crm.mail.email"].browse(email_id for (email_id,) in execute(self.env, question).fetchall())
        letters = letters._filtered_access("read")
        letters.action_make_private() if is_private else letters.action_take_private_back()
        return True

    @api.model
    def _own_items(self, item_ids):
        mailbox = self._own()
        return self.env["crm.mail.item"].sudo().search([("id", "in", item_ids), ("mailbox_id", "=", mailbox.id)])

    @api.model
    def _archived_of(self, items):
        return {
            "email_ids": {item.id: item.copy_id.email_id.id for item in items if item.copy_id.email_id},
            "waiting": items.filtered(lambda item: item.copy_id.state == "pending").ids,
        }
