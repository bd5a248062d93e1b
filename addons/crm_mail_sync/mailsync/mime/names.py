# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a letter's files are called: the sender's name for them made safe, or one of ours."""

from __future__ import annotations

import mimetypes
import re

from . import params
from .fields import first, parse_fields
from .limits import MAX_NAME
from .structure import Part, header_end
from .words import decode_words

# as Python knows the types, not as this machine does
_TYPES = mimetypes.MimeTypes(filenames=())
_OWN = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "receipt.txt",
    "text/rfc822-headers": "header.txt",
    "text/calendar": "invitation.ics",
    "text/plain": "text.txt",
    "text/html": "text.html",
    "image/jpeg": "image.jpg",
    "application/ms-tnef": "winmail.dat",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
}
_MESSAGES = frozenset({"message/rfc822", "message/global"})
# marks that turn the reading direction and so hide what a name ends with
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PATH = re.compile(r"[\\/]")


def file_name(part: Part, content: bytes) -> str:
    """A name without folders, control characters and direction marks, at most MAX_NAME characters, never empty."""
    _kind, disposition = params.parse(first(part.fields, "content-disposition"))
    name = params.text_of(disposition, "filename") or params.text_of(part.params, "name")
    name = safe_name(name)
    if name:
        return name
    if part.content_type in _MESSAGES:
        end, _body = header_end(content)
        subject = first(parse_fields(content[:end], frozenset({"subject"})), "subject")
        return safe_name((safe_name(_PATH.sub("-", decode_words(subject))) or "message") + ".eml")
    own = _OWN.get(part.content_type)
    if own:
        return own
    extension = _TYPES.guess_extension(part.content_type)
    return safe_name(part.main_type + extension) if extension else "attachment.bin"


def safe_name(name: str) -> str:
    """A name without folders and direction marks, cut to MAX_NAME before its extension; "" if nothing is left."""
    name = _DIRECTION.sub("", _PATH.split(name)[-1]).strip(" .") if name else ""
    if len(name) <= MAX_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 16:
        return name[:MAX_NAME]
    return f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}"
