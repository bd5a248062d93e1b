# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter as a file for mail programs: its original where it still is, else what the archive has of it."""

import logging
import re
from dataclasses import dataclass, field
from datetime import timezone

from odoo import models

from ..mailsync import html, identity, mime, rebuild
from ..mailsync.errors import MailSyncError
from ..mailsync.letter import Address, File, Head, Letter
from ..scan import put_away
from . import asking

_logger = logging.getLogger(__name__)

# States of a mailbox in which its server would not let us in.
_CLOSED = ("draft", "sign_in")
# No mail program knows an id of ours (mailsync.identity).
_OUR_IDS = "@missing-message-id.invalid"
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Original:
    """Where a letter's message still lies, and how to get there without the database."""

    mailbox_id: int
    connector: object = field(repr=False)
    folder: str
    remote_id: str
    header_key: str

    def fetch(self):
        """Its bytes, None if they are not to be had now; no transaction may be open."""
        try:
            with self.connector() as provider:
                for fetched in provider.fetch(self.folder, [self.remote_id]):
                    # A server may have given the id to another message since.
                    if fetched.content and identity.header_key(mime.read_head(fetched.content)) == self.header_key:
                        return fetched.content
        except MailSyncError as error:
            _logger.info("mailbox %s: an original was not to be had: %s", self.mailbox_id, error.code)
        return None


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def action_download(self):
        """The letter as a file for mail programs."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/crm_mail_sync/letter/{self.id}.eml", "target": "download"}

    def _chatter_values(self):
        values = super()._chatter_values()
        for email in self.browse(values):
            values[email.id]["letter"]["canDownload"] = email.shown_level == "everything"
        return values

    def _original__(self):
        """Where the letter still lies in a mailbox that the user owns or reads; None if nowhere."""
        self.ensure_one()
        domain = [
            ("email_id", "=", self.id),
            # Filed from spam or trash it counts as removed, and is there.
            "|",
            ("is_removed", "!=", True),
            ("folder_id.role", "in", list(put_away.ROLES)),
            ("is_stale", "!=", True),
            ("folder_id.is_gone", "!=", True),
            ("mailbox_id.state", "not in", _CLOSED),
        ]
        copies = self.env["crm.mail.copy"].sudo().search(domain, order="id DESC")
        for copy in copies.filtered(lambda c: self.env.user in c.mailbox_id._owners()):
            mailbox = copy.mailbox_id
            try:
                connector = asking.connector(mailbox)
            except MailSyncError as error:
                _logger.info("mailbox %s: an original was not to be had: %s", mailbox.id, error.code)
                continue
            return Original(mailbox.id, connector, copy.folder_id.remote_id, copy.remote_id, copy.header_key)
        return None

    def _file_name(self, extension):
        self.ensure_one()
        return file_name(self.subject or self.display_name, extension)

    def _rebuilt(self):
        """The message (``email.message.Message``) anew from the archive, as far as the user may read the letter; None
        if he may not read what it says.
        """
        self.ensure_one()
        content = self._readable_contents(["html", "text"]).get(self.id)
        return content and rebuild.rebuild(self._as_letter(content))

    def _as_letter(self, content):
        text, source = content.text or "", content.html or ""
        return Letter(
            head=self._as_head(),
            text=text,
            # A letter of plain text is shown as HTML, which it did not come with.
            html="" if source == html.text_to_html(text) else source,
            files=tuple(_as_file(file) for file in content.sudo().file_ids.sorted("id")),
        )

    def _as_head(self):
        people = self.participant_ids.sorted("id")
        if self.env.user not in self.sudo().owner_ids:
            # Whoever got a blind copy is known to who wrote the letter.
            people = people.filtered(lambda person: person.role != "bcc")
        message_id = self.message_id or ""
        return Head(
            message_id="" if message_id.endswith(_OUR_IDS) else message_id,
            subject=self.subject or "",
            date=self.date.replace(tzinfo=timezone.utc).timestamp(),
            addresses=tuple(Address(person.name or "", person.address, person.role) for person in people),
        )


def file_name(text, extension):
    """The text as the name of a file, which every system takes."""
    name = " ".join(_NO_FILE_NAME.sub(" ", text).split())[:_LONGEST_NAME].strip(" .")
    return f"{name or 'email'}.{extension}"


def _as_file(attachment):
    return File(
        attachment.name,
        attachment.mimetype or "application/octet-stream",
        attachment.raw or b"",
        content_id=attachment.description or "",
    )
