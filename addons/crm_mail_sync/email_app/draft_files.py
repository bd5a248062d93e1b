# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A draft's files, and the pictures in its text: on screen with an address of ours, in the message as ``cid:``."""

import base64
import binascii
import hmac
import mimetypes
import re
import secrets
from html import escape
from urllib.parse import unquote

from lxml import html as lxml_html

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.tools import human_size

from ..mailsync import html
from ..mailsync.letter import File
from ..mailsync.mime.names import safe_name

_OWN_PICTURE = re.compile(r"/web/image/(\d+)(?:[-/?]|\Z)")
_DATA_PICTURE = re.compile(r"data:(image/[\w.+-]+);base64,(.*)", re.S)
_CID = re.compile(r' src="cid:([^"]*)"')
_KEPT_AWAY = re.compile(r' data-cms-src="([^"]*)"')
# Of this Odoo's addresses only these are pictures and nothing else: a stranger's letter may name any.
_OUR_PICTURE = re.compile(r"/(web/image/|[a-z0-9_]+/static/)[^?]")
# The Content-IDs that we give to pictures of the text begin with this.
_PASTED = "pasted."
# What providers take at most, in bytes of the message; what is attached grows by a third on its way.
_MOST = {"gmail": 35_000_000, "outlook": 3_100_000, "imap": 25_000_000}
_GROWTH = 1.37
_TEXT_BYTES = 200_000


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    @api.model
    def remove_file(self, draft_id, file_id):
        """Take a file off the draft; its files."""
        draft = self._own(draft_id)
        draft._attached_files().filtered(lambda file: file.id == file_id).unlink()
        draft.invalidate_recordset(["file_ids"])
        return draft._values()["files"]

    def _attach(self, files):
        """Add files (``letter.File``); raises UserError if they are too large together."""
        self.ensure_one()
        self._check_room(sum(len(file.content) for file in files))
        values = [
            {
                "res_model": self._name,
                "res_id": self.id,
                "name": safe_name(" ".join(file.name.split())) or "file",
                "raw": file.content,
                "mimetype": _type_of(file),
                "description": file.content_id or False,
            }
            for file in files
        ]
        # Byte for byte, under their own types, which Odoo leaves to its superuser only: they are sent, and shown as no
        # page of ours (ir_binary).
        attachments = self.env["ir.attachment"].with_user(SUPERUSER_ID).with_context(image_no_postprocess=True)
        made = attachments.create(values).with_env(self.env)
        self.invalidate_recordset(["file_ids"])
        return made

    def _most_bytes(self):
        """How large all files together may be."""
        return int((_MOST[self.mailbox_id.provider] - _TEXT_BYTES) / _GROWTH)

    def _check_room(self, more=0):
        room, size = self._most_bytes(), more + sum(self.file_ids.mapped("file_size"))
        if size > room:
            raise UserError(
                self.env._(
                    "The files are too large to be sent: %(size)s together, and your mailbox takes %(room)s. "
                    "Remove some, or send a link.",
                    size=human_size(size),
                    room=human_size(room),
                )
            )

    def _attached_files(self):
        """Its files but for the pictures that its text shows, or showed before they were deleted."""
        inside = self._content_ids_inside()
        return self.file_ids.filtered(
            lambda file: file.description not in inside and not self._is_picture_only(file)
        ).sorted("id")

    def _is_picture_only(self, file):
        """Whether it came with the text and goes with it; of a letter that is passed on any file may have an id."""
        content_id = file.description or ""
        return content_id.startswith(_PASTED) or bool(content_id and self.kind in ("reply", "reply_all"))

    def _content_ids_inside(self):
        return {unquote(cid) for cid in _CID.findall(f"{self.body or ''}{self.quote or ''}")}

    def _as_files(self):
        """What goes out: all that is attached, and of the pictures those that the text still shows."""
        inside = self._content_ids_inside()
        return tuple(
            File(
                file.name,
                file.mimetype or "application/octet-stream",
                file.raw or b"",
                content_id=file.description or "",
                inline=file.description in inside,
            )
            for file in self.file_ids.sorted("id")
            if file.description in inside or not self._is_picture_only(file)
        )

    def _taken_in(self, source):
        """HTML of the editor as it is stored."""
        if not source.strip():
            return ""
        root = lxml_html.fragment_fromstring(source.replace("\x00", ""), create_parent="div")
        for picture in root.iter("img"):
            picture.set("src", self._stored_address(picture.get("src") or ""))
        inner = lxml_html.tostring(root, encoding="unicode")
        return html.sanitise(inner[inner.index(">") + 1 : inner.rindex("<")])

    def _stored_address(self, address):
        """Where a picture of the text comes from, once it is on its way."""
        if own := _OWN_PICTURE.match(address):
            picture = self._picture(int(own[1]), address)
            return f"cid:{picture.description}" if picture else ""
        if data := _DATA_PICTURE.match(address):
            picture = self._pasted(data[1], data[2])
            return f"cid:{picture.description}" if picture else ""
        # Of templates: a picture that this Odoo serves to everybody.
        return self.get_base_url() + address if address.startswith("/") and not address.startswith("//") else address

    def _picture(self, attachment_id, address):
        """The draft's own picture, or a copy of one that its owner may see (of his signature)."""
        if own := self.file_ids.filtered(lambda file: file.id == attachment_id):
            own.description = own.description or _new_content_id()
            return own
        picture = self.env["ir.attachment"].browse(attachment_id).exists()
        if not picture or not (self._may_see(picture) or _has_token(picture, address)):
            return None
        return self._pasted_bytes(picture.mimetype, picture.sudo().raw or b"", picture.name)

    def _may_see(self, picture):
        return picture.sudo(False).with_user(self.user_id).has_access("read")

    def _pasted(self, mimetype, data):
        try:
            return self._pasted_bytes(mimetype, base64.b64decode(data, validate=False), None)
        except binascii.Error:
            return None

    def _pasted_bytes(self, mimetype, content, name):
        """A picture of the text among the files; the same one is there once, however often it is saved."""
        checksum = self.env["ir.attachment"]._compute_checksum(content)
        known = self.file_ids.filtered(
            lambda file: file.checksum == checksum and (file.description or "").startswith(_PASTED)
        )
        extension = mimetypes.guess_extension(mimetype or "") or ""
        file = File(name or f"image{extension}", mimetype or "", content, _new_content_id(), inline=True)
        return known[:1] or self._attach([file])

    def _shown(self, source):
        """Stored HTML as the editor shows it: pictures of the letter from here, those of strangers not at all."""
        urls = {file.description: f"/web/image/{file.id}?unique={file.checksum}" for file in self.file_ids}
        base = escape(self.get_base_url())

        def own(match):
            address = urls.get(unquote(match[1]))
            return f' src="{escape(address)}"' if address else ""

        def of_ours(match):
            is_ours = match[1].startswith(f"{base}/") and _OUR_PICTURE.match(match[1].removeprefix(base))
            # As a browser reads it: tabs and line breaks are nothing, and %2e is a dot.
            read = unquote(re.sub(r"[\t\r\n]", "", match[1]))
            return f' src="{match[1]}"' if is_ours and ".." not in read else match[0]

        return _KEPT_AWAY.sub(of_ours, _CID.sub(own, source))


def _new_content_id():
    return f"{_PASTED}{secrets.token_hex(8)}@picture"


def _has_token(picture, address):
    """Whether the address opens this picture for everybody."""
    token = picture.sudo().access_token
    return bool(token) and hmac.compare_digest(address.rpartition("access_token=")[2].partition("&")[0], token)


def _type_of(file):
    """What it says it is; if it says nothing, what its name says."""
    if file.content_type not in ("", "application/octet-stream"):
        return file.content_type
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"
