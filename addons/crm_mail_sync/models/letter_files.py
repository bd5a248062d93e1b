# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter's files for the browser. They come from strangers: none may run there as a page of ours."""

import re
from html import unescape
from urllib.parse import unquote

from odoo.addons.mail.tools.discuss import Store

FILE_MODEL = "crm.mail.content"
DOWNLOAD = "application/octet-stream"

PICTURES = frozenset(f"image/{kind}" for kind in ("avif", "bmp", "gif", "jpeg", "png", "tiff", "webp", "x-icon"))
_OTHERS = frozenset({"application/pdf", "text/plain"})
# Of web.core.file_viewer.file_model: what it shows in a frame or as a picture.
_PREVIEWED_AS_PAGES = frozenset(
    {"application/javascript", "application/json", "image/svg+xml", "text/css", "text/html"}
)
_PLAYED = ("audio/", "video/")
_CID = re.compile(r'="cid:([^"]+)"', re.IGNORECASE)


def served_type(mimetype):
    """The content type that a file is sent with: its own if a browser can show it without running anything of it."""
    mimetype = (mimetype or "").lower().partition(";")[0].strip()
    if mimetype in PICTURES or mimetype in _OTHERS or mimetype.startswith(_PLAYED):
        return mimetype
    return DOWNLOAD


def shown_type(mimetype):
    """The content type that the web client is told: it would offer to show some that are only sent as a download."""
    return DOWNLOAD if (mimetype or "").lower() in _PREVIEWED_AS_PAGES else mimetype


def listed_files(content):
    """The files of a letter but for the pictures that its text shows."""
    inside = pictures_inside(content.html or "")
    return content.sudo().file_ids.filtered(lambda f: f.description not in inside).sorted("id").sudo(False)


def file_values(files):
    """A letter's files for the web client's store.

    Without the access tokens that files of other messages get: a link that was passed on must not open a file for
    whoever may not read the letter.
    """
    return Store.Many(
        files.sudo(),
        [
            "checksum",
            "create_date",
            "file_size",
            "name",
            "type",
            Store.Attr("mimetype", lambda file: shown_type(file.mimetype)),
        ],
    )


def url_finder(content):
    """A function from Content-ID to the address of the letter's picture, None if it has no such picture."""
    urls = {
        file.description: f"/web/image/{file.id}?unique={file.checksum}"
        for file in content.sudo().file_ids
        if file.description and served_type(file.mimetype) in PICTURES
    }
    # In an address the Content-ID may be percent-encoded (RFC 2392 §2).
    return lambda cid: urls.get(cid) or urls.get(unquote(cid))


def pictures_inside(html):
    """The Content-IDs that a letter's text shows."""
    return {unquote(unescape(cid)) for cid in _CID.findall(html)}
