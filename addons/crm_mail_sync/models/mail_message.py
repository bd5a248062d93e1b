# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.fields import Domain

from .chatter_page import ChatterPage

POINTER_MODEL = "crm.mail.email"


class MailMessage(models.Model):
    """Chatters of customers and leads show their letters too, each for those who may read it.

    A letter's own message is a pointer: it belongs to the letter, is empty, and is filled for its reader here.
    """

    _inherit = "mail.message"

    _thread_date_idx = models.Index("(model, res_id, date DESC, id DESC)")

    @api.model
    def _message_fetch(self, domain, *, thread=None, search_term=None, is_notification=None, **kwargs):
        with_letters = (
            thread
            and thread._name in self.env["crm.mail.link"]._target_columns()
            and is_notification is not True
            and self.env.user._is_internal()
        )
        if not with_letters:
            return super()._message_fetch(
                domain,
                thread=thread,
                search_term=search_term,
                is_notification=is_notification,
                **kwargs,
            )
        result = {}
        if is_notification is False:
            domain = Domain(domain or True) & Domain("message_type", "!=", "notification")
        page = ChatterPage(self, thread, domain)
        if search_term:
            own = super()._message_fetch(
                domain, thread=thread, search_term=search_term, limit=None, is_notification=is_notification
            )
            page.search(search_term, own["messages"])
            result["count"] = own["count"] + page.count_letters()
        return {**result, "messages": page.fetch(**kwargs)}

    def _to_store(self, store, fields, **kwargs):
        # The call below takes names off the list.
        shows_body = "body" in fields
        result = super()._to_store(store, fields, **kwargs)
        if shows_body and store.target.is_current_user(self.env):
            self.filtered(lambda m: m.model == POINTER_MODEL)._letters_to_store(store)
        return result

    def _letters_to_store(self, store):
        letters = self.env[POINTER_MODEL].sudo(False).browse(self.mapped("res_id"))
        shown = letters._chatter_values()
        for pointer in self:
            if values := shown.get(pointer.res_id):
                store.add_model_values("mail.message", {"id": pointer.id, **values})
