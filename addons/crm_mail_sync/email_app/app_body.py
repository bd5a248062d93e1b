# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a message says: from the archive, else from the server, as one document for a sandboxed frame."""

import logging
from urllib.parse import unquote

from odoo import api, models
from odoo.exceptions import MissingError
from odoo.tools import SQL

from ..mailsync import html, reading
from ..mailsync.errors import MailSyncError
from ..models import asking, error_texts
from ..models.acting import acting_session
from ..models.letter_files import PICTURES, listed_files, pictures_inside, served_type, shown_type
from ..scan.bulk import execute
from ..scan.indexing import store_snippets

_logger = logging.getLogger(__name__)

# A page of a list.
_MOST_SNIPPETS = 100
PREVIEWED = PICTURES | {"application/pdf"}


class CrmMailAppEmail(models.AbstractModel):
    _inherit = "crm.mail.app.email"

    @api.model
    def body(self, item_id, show_images=False):
        """The message as a document, and its files. Nothing of it is marked or stored in the archive."""
        item = self._item(item_id)
        images = self.env["crm.mail.image.sender"]
        always = images._is_shown(item.sender_address)
        shown = bool(show_images or always)
        answer = {"has_remote_images": False, "shows_images": shown, "always_images": always, "files": [], "error": ""}
        if content := self._archived(item):
            frame = content.email_id.sudo(False).get_letter_frame(shown)
            return {**answer, **frame, "files": self._archived_files(item, content)}
        try:
            message = self._read(item)
        except MailSyncError as error:
            return {**answer, "document": "", "error": self._explain(item, error)}
        return {
            **answer,
            "document": html.frame_document(
                message.html, shown, _picture_finder(item, message), self.env._("Quoted text")
            ),
            "has_remote_images": html.has_remote_images(message.html),
            "files": _message_files(item, message),
        }

    @api.model
    def snippets(self, item_ids):
        """Item → the beginning of its text, of those whose listing did not tell it; the server is asked."""
        mailbox = self._own()
        question = SQL(
            "SELECT DISTINCT item_id FROM crm_mail_item_folder WHERE item_id = ANY(%s)", list(item_ids)[:_MOST_SNIPPETS]
        )
        held = [item_id for (item_id,) in execute(self.env, question).fetchall()]
        domain = [("id", "in", held), ("mailbox_id", "=", mailbox.id), ("snippet", "=", False)]
        items = self.env["crm.mail.item"].sudo().search(domain)
        wanted = {}
        for item in items:
            wanted.setdefault(item.copy_id.folder_id.remote_id, {})[item.copy_id.remote_id] = item.id
        if not wanted:
            return {}
        found = {}
        try:
            with acting_session(mailbox) as actor:
                for folder, ids in wanted.items():
                    told = actor.snippets(folder, list(ids))
                    found.update({ids[remote_id]: text for remote_id, text in told.items() if remote_id in ids})
        except MailSyncError as error:
            _logger.info("mailbox %s: beginnings were not to be had: %s", mailbox.id, error.code)
        store_snippets(self.env, found)
        return {item_id: text for item_id, text in found.items() if text}

    @api.model
    def always_images(self, address, on):
        """Show pictures on other servers in what this sender writes, from now on."""
        self._own()
        self.env["crm.mail.image.sender"]._set_shown(address, bool(on))
        return True

    @api.model
    def _item(self, item_id):
        """The caller's own item, as superuser."""
        mailbox = self._own()
        item = self.env["crm.mail.item"].sudo().search([("id", "=", item_id), ("mailbox_id", "=", mailbox.id)])
        if not item:
            raise MissingError(self.env._("This email is not in your mailbox any more."))
        return item

    @api.model
    def _archived(self, item):
        """The content of its letter, if the caller may read that; as superuser."""
        letter = item.copy_id.email_id.sudo(False)
        return letter and letter._readable_contents(["html"]).get(letter.id)

    @api.model
    def _read(self, item):
        """The message (``reading.Reading``); raises MailSyncError."""
        content = item._kept_content__()
        if content is None:
            content = self._fetch_message(item)
        message = reading.read(content, item.received)
        self._note_text(item, message)
        return message

    @api.model
    def _fetch_message(self, item):
        copy = item.copy_id
        folder, remote_id = copy.folder_id.remote_id, copy.remote_id
        content = None
        with asking.session(item.mailbox_id) as provider:
            for fetched in provider.fetch(folder, [remote_id]):
                if fetched.error:
                    raise fetched.error
                content = fetched.content
        item._keep_content__(content)
        return content

    @api.model
    def _note_text(self, item, message):
        """What a list shows of it, and is found by."""
        has_files = any(not file.inline for file in message.files)
        if item.snippet and item.has_files == has_files:
            return
        execute(self.env, SQL("UPDATE crm_mail_item SET has_files = %s WHERE id = %s", has_files, item.id))
        store_snippets(self.env, {item.id: message.snippet})

    @api.model
    def _explain(self, item, error):
        _logger.info("mailbox %s: a message was not to be had: %s", item.mailbox_id.id, error.code)
        if error.code == "message_gone":
            return self.env._("This email is not in your mailbox any more: it was moved or deleted elsewhere.")
        return error_texts.explain(self.env, error, item.mailbox_id)

    # Files

    @api.model
    def _archived_files(self, item, content):
        return [
            _file_values(item, f"a{file.id}", file.name, file.mimetype, file.file_size)
            for file in listed_files(content).sudo()
        ]

    @api.model
    def _file(self, item_id, key):
        """(name, type, bytes) of a message's file, None if there is none; raises MailSyncError."""
        item = self._item(item_id)
        kind, number = key[:1], key[1:]
        if not number.isdecimal():
            return None
        if kind == "a":
            content = self._archived(item)
            file = content and content.sudo().file_ids.filtered(lambda f: f.id == int(number))
            return (file.name, file.mimetype, file.raw or b"") if file else None
        files = self._read(item).files if kind == "m" else ()
        if int(number) >= len(files):
            return None
        file = files[int(number)]
        return file.name, file.content_type, file.content


def _url(item, key):
    return f"/crm_mail_sync/item/{item.id}/file/{key}"


def _file_values(item, key, name, mimetype, size):
    is_previewed = served_type(mimetype) in PREVIEWED
    return {
        "key": key,
        "name": name,
        "mimetype": shown_type(mimetype),
        "size": size,
        "url": _url(item, key),
        "preview_url": _url(item, key) if is_previewed else False,
    }


def _message_files(item, message):
    inside = pictures_inside(message.html)
    return [
        _file_values(item, f"m{number}", file.name, file.content_type, len(file.content))
        for number, file in enumerate(message.files)
        if not (file.content_id and file.content_id in inside)
    ]


def _picture_finder(item, message):
    """A function from Content-ID to the address of the message's picture, None if it has no such picture."""
    urls = {
        file.content_id: _url(item, f"m{number}")
        for number, file in enumerate(message.files)
        if file.content_id and served_type(file.content_type) in PICTURES
    }
    return lambda cid: urls.get(cid) or urls.get(unquote(cid))
