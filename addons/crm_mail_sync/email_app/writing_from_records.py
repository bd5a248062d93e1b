# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What chatters need to know so that their reader can write and answer with a mailbox of his own."""

from odoo import api, fields, models
from odoo.tools import formataddr


class CrmMailTargetMixin(models.AbstractModel):
    _inherit = "crm.mail.target.mixin"

    def _writing_to_store(self, store, request_list):
        """Tell the chatter from which mailbox its reader would write, and to whom; a target calls it."""
        if request_list is None or not store.target.is_current_user(self.env):
            return
        mailbox = self.env["crm.mail.draft"]._mailbox_to_write_from()
        for target in self if mailbox else ():
            written_to = target._address_to_write_to()
            values = {"mailboxToWriteFrom": mailbox.address, "addressToWriteTo": written_to}
            store.add(target, values, as_thread=True)

    def _address_to_write_to(self):
        """ "Name <address>" of who is written to from this record, "" if nobody is known."""
        return ""


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _thread_to_store(self, store, fields, *, request_list=None):
        result = super()._thread_to_store(store, fields, request_list=request_list)
        self._writing_to_store(store, request_list)
        return result

    def _address_to_write_to(self):
        return formataddr((self.name or "", self.email_normalized)) if self.email_normalized else ""


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _thread_to_store(self, store, fields, *, request_list=None):
        result = super()._thread_to_store(store, fields, request_list=request_list)
        self._writing_to_store(store, request_list)
        return result

    def _address_to_write_to(self):
        address = self.email_normalized
        return formataddr((self.contact_name or self.partner_name or "", address)) if address else ""


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    can_answer = fields.Boolean(compute="_compute_can_answer", help="From a mailbox of my own.")

    @api.depends("shown_level")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        can_write = bool(self.env["crm.mail.draft"]._mailbox_to_write_from())
        for letter in self:
            letter.can_answer = can_write and letter.shown_level == "everything"

    def _chatter_values(self):
        values = super()._chatter_values()
        for letter in self.browse(values):
            values[letter.id]["letter"]["canAnswer"] = letter.can_answer
        return values
