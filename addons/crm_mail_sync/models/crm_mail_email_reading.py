# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter as its reader sees it: in a chatter, in full, and found by its text."""

from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.mail import email_split_tuples

from ..mailsync import html
from . import full_text
from .letter_files import file_values, listed_files, url_finder
from .visibility import MAILBOX_LEVELS

_SHOWN_ROLES = ("from", "to", "cc", "bcc", "reply_to")


def _names(addresses):
    """Who it is, as a reader wants it: names, or the address where there is none."""
    return ", ".join(name or address for name, address in email_split_tuples(addresses or ""))


def _person(name, address):
    return f"{name} <{address}>" if name else address


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    text_search = fields.Char(string="Text", store=False, search="_search_text_search", help="Words of the letter.")
    subject_search = fields.Char(
        string="Words of the subject",
        store=False,
        search="_search_subject_search",
        help="Words that follow each other.",
    )
    person_search = fields.Char(
        string="Person", store=False, search="_search_person_search", help="The beginning of an address or of a name."
    )
    from_line = fields.Char(string="All senders", compute="_compute_people_lines")
    to_line = fields.Char(string="All recipients", compute="_compute_people_lines")
    cc_line = fields.Char(string="Cc", compute="_compute_people_lines")
    bcc_line = fields.Char(string="Bcc", compute="_compute_people_lines")
    reply_to_line = fields.Char(string="Reply to", compute="_compute_people_lines")
    file_ids = fields.Many2many("ir.attachment", string="Attached files", compute="_compute_file_ids")
    shown_level = fields.Selection(
        MAILBOX_LEVELS[:-1],
        string="Shown to me",
        compute="_compute_shown_level",
        help="What you may see of this email.",
    )

    @api.depends("participant_ids")
    def _compute_people_lines(self):
        for email in self:
            people = defaultdict(list)
            for person in email.participant_ids:
                people[person.role].append(_person(person.name, person.address))
            for role in _SHOWN_ROLES:
                email[f"{role}_line"] = ", ".join(people[role])

    @api.depends("content_ids")
    @api.depends_context("uid")
    def _compute_file_ids(self):
        contents = self._readable_contents(["html"])
        for email in self:
            email.file_ids = listed_files(contents.get(email.id, self.content_ids.browse()))

    @api.depends("is_head_shown")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_shown_level(self):
        contents = self._readable_contents([])
        for email in self:
            less = "subject" if email.is_head_shown else "event"
            email.shown_level = "everything" if email.id in contents else less

    @api.model
    def _search_text_search(self, operator, value):
        return self._search_words(operator, value, full_text.found)

    @api.model
    def _search_subject_search(self, operator, value):
        return self._search_words(operator, value, full_text.found_by_subject)

    @api.model
    def _search_person_search(self, operator, value):
        return self._search_words(operator, value, full_text.found_by_person)

    @api.model
    def _search_words(self, operator, value, found):
        if operator not in ("ilike", "=") or not isinstance(value, str):
            return NotImplemented
        return Domain.custom(to_sql=lambda model, alias, _query: found(model.env, alias, value))

    @api.readonly
    def get_letter_frame(self, show_images=False):
        """The whole letter as a document for a sandboxed frame.

        :param bool show_images: whether pictures on other servers may be loaded; those know then that it is read
        :return: ``{"document": html, "has_remote_images": bool}``
        :raises AccessError: if the user may not read the letter
        """
        self.ensure_one()
        self.check_access("read")
        content = self._readable_contents(["html"]).get(self.id, self.content_ids.browse())
        body = content.html or self._missing_body(content)
        return {
            "document": html.frame_document(body, show_images, url_finder(content), self.env._("Quoted text")),
            "has_remote_images": html.has_remote_images(body),
        }

    def _chatter_values(self):
        """What the chatter shows of each letter beyond its pointer, by letter id.

        One query for bodies and one for files, however many letters there are.
        """
        contents = self._readable_contents(["html"])
        values = {}
        for email in self._filtered_access("read"):
            content = contents.get(email.id, self.content_ids.browse())
            values[email.id] = {
                "subject": email.subject or False,
                "email_from": email.email_from or False,
                "body": email._chatter_body(content),
                "attachment_ids": file_values(listed_files(content)),
                "letter": {
                    "id": email.id,
                    "direction": email.direction,
                    "kind": email.kind,
                    "sender": _names(email.email_from) if email.is_head_shown else email._mailbox_line(),
                    "recipients": _names(email.recipients),
                },
            }
        return values

    def _mailbox_line(self):
        """In the place of people that are not shown."""
        return self.env._("Mailbox of %(names)s", names=", ".join(self.sudo().owner_ids.mapped("name")))

    def _chatter_body(self, content):
        if not content.html:
            return self._missing_body(content)
        return Markup(html.for_chatter(content.html, file_url=url_finder(content)))

    def _missing_body(self, content):
        # An empty body would be shown as a removed message.
        if content:
            return Markup("<p><em>%s</em></p>") % self.env._("(no text)")
        if self.shown_level == "subject":
            return Markup("<p><em>%s</em></p>") % self.env._("The text of this email is shown to its owners only.")
        return Markup("<p><em>%s</em></p>") % self.env._("What this email is about is shown to its owners only.")

    def _readable_contents(self, field_names):
        """Those contents of these letters that the user may read, by letter id."""
        contents = self.env["crm.mail.content"].sudo(False)
        if not contents.has_access("read"):
            return {}
        found = contents.search_fetch([("email_id", "in", self.ids)], ["email_id", *field_names])
        return {content.email_id.id: content for content in found}

    @api.model
    def _get_allowed_access_params(self):
        """Asked by Odoo's message routes of whatever record a message belongs to."""
        return set()

    @api.model
    def _get_thread_with_access(self, thread_id, *, mode="read", **_params):
        """Asked by Odoo's message routes; nobody but the scan may do more than read."""
        letter = self.browse(thread_id).exists()
        return letter if letter.sudo(False).has_access(mode) else self.browse()

    def _message_get_suggested_recipients(self, **_params):
        """Asked by Odoo's message routes, which would make contacts, for all to see, of whoever a letter is from."""
        return []
