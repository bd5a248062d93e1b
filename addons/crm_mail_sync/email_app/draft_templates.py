# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's own templates in a draft, filled in for the record that it is written about."""

from base64 import b64decode

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from ..mailsync.letter import File

_MOST = 80


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    @api.model
    @api.readonly
    def templates(self, draft_id):
        """Templates for the records that the draft is about, as ``[{id, name, model, res_id, record}]``."""
        records = self._own(draft_id)._records_to_fill_in()
        templates = self.env["mail.template"].sudo(False)
        if not records or not templates.has_access("read"):
            return []
        found = templates.search([("model", "in", list(records))], limit=_MOST)
        return [
            {
                "id": template.id,
                "name": template.name,
                "model": template.model,
                "record": records[template.model].display_name,
            }
            for template in found
        ]

    @api.model
    def use_template(self, draft_id, template_id):
        """Fill a template in, as the user would read it; its files are attached.

        :return: ``{"subject", "body", "draft"}``; the text is put in where the user writes
        """
        draft = self._own(draft_id)
        template = self.env["mail.template"].sudo(False).browse(template_id)
        template.check_access("read")
        record = draft._records_to_fill_in().get(template.model)
        if not record:
            raise UserError(self.env._("This template is for another kind of record."))
        record.check_access("read")
        filled = template._generate_template(
            record.ids, ("subject", "body_html", "attachment_ids", "report_template_ids"), find_or_create_partners=False
        )[record.id]
        draft._attach(_files_of(self.env, filled))
        body = filled.get("body_html")
        return {
            "subject": filled.get("subject") or "",
            "body": "" if is_html_empty(body) else draft._shown(draft._taken_in(str(body))),
            "draft": draft._values(),
        }

    def _records_to_fill_in(self):
        """Model → the record of it that the draft is about, as its owner reads it: what it is filed on, and to whom."""
        records = {}
        for named in self._named_targets():
            records.setdefault(named["model"], self.env[named["model"]].sudo(False).browse(named["id"]))
        if "res.partner" not in records and (partner := self._first_contact()):
            records["res.partner"] = partner
        return records

    def _first_contact(self):
        addresses = [person["address"].lower() for person in self.to_people or []]
        partners = self.env["res.partner"].sudo(False)
        if not addresses or not partners.has_access("read"):
            return partners
        return partners.search([("email_normalized", "in", addresses)], limit=1)


def _files_of(env, filled):
    """The template's own files and the reports that it prints."""
    attachments = env["ir.attachment"].sudo(False).browse(filled.get("attachment_ids") or [])
    files = [File(a.name, a.mimetype or "", a.raw or b"") for a in attachments._filtered_access("read")]
    # Reports come in Base64.
    return files + [File(name, "", b64decode(data)) for name, data in filled.get("attachments") or []]
