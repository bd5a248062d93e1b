# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message as the Gmail API shows it: headers, parts, attachments, snippet (reference of ``users.messages``)."""

from __future__ import annotations

import base64
import html
import re
import secrets
from collections.abc import Sequence
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as MimePart
from email.utils import getaddresses, quote
from functools import cached_property
from typing import Any

_ADDRESS_FIELDS = frozenset(("from", "to", "cc", "bcc", "sender", "reply-to"))
_SNIPPET_LENGTH = 200
_SNIPPET_READS = 65_536
_SNIPPET_MARKUP = 10_000
_HEADER_READS = 500_000
# The standard library takes quadratic time for fields without end; these are shown as they came.
_LONGEST_DECODED = 20_000


def encode(content: bytes) -> str:
    """base64url as Gmail writes it, padded (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(content).decode()


def decode(text: str) -> bytes:
    """base64url with or without padding.

    :raises ValueError: it is none
    """
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


class Content:
    """A whole message (RFC 5322), read when it is looked into."""

    def __init__(self, raw: bytes, message_id: str = "") -> None:
        self.raw = raw
        self._id = message_id

    @property
    def _mime(self) -> MimePart:
        return message_from_bytes(self.raw)  # not kept: the parts of thousands of messages fill the memory

    @cached_property
    def headers(self) -> list[dict[str, str]]:
        """Name and value of each field of the header, decoded, in order."""
        head = self.raw[:_HEADER_READS]
        end = re.search(rb"\r?\n\r?\n", head)
        return _headers(message_from_bytes(head[: end.end()] if end else head))

    def header(self, name: str) -> str:
        """The values of a field, one after the other; empty when it is not there."""
        return ", ".join(h["value"] for h in self.headers if h["name"].lower() == name.lower())

    def people(self, *names: str) -> list[tuple[str, str]]:
        """Name and address of everybody in these fields.

        Fields that are not there are left out: Python's reader, as Debian has it, takes an empty one for an attempt to
        smuggle an address in, and gives nobody at all.
        """
        values = [value for value in map(self.header, names) if value]
        return [(person, address) for person, address in getaddresses(values) if address]

    @property
    def text(self) -> str:
        """The readable text near the beginning, on one line."""
        try:
            mime = message_from_bytes(self.raw[:_SNIPPET_READS])
        except RecursionError:
            return ""  # parts nested so deep that nobody shows them
        plain = [part for part in mime.walk() if part.get_content_type() == "text/plain" and not part.get_filename()]
        if plain:
            return " ".join(_text(plain[0]).split())
        rich = [part for part in mime.walk() if part.get_content_type() == "text/html"]
        markup = _text(rich[0])[:_SNIPPET_MARKUP] if rich else ""
        markup = re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^<>]*>", " ", markup)
        return " ".join(html.unescape(markup).split())

    @property
    def snippet(self) -> str:
        """The beginning of the text with HTML's special characters escaped, as Gmail has them."""
        return html.escape(self.text[:_SNIPPET_LENGTH])

    @cached_property
    def filenames(self) -> list[str]:
        """The names of all attached files."""
        return [_decoded(part.get_filename() or "") for part in self._mime.walk() if part.get_filename()]

    def full(self) -> dict[str, Any]:
        """The tree of parts with the bodies of texts; files only by an id, which is another one each time."""
        return self._part(self._mime, "")

    def metadata(self, names: Sequence[str]) -> dict[str, Any]:
        """The header alone.

        :param names: only these fields, in any case; all when empty
        """
        wanted = {name.lower() for name in names}
        headers = [header for header in self.headers if not wanted or header["name"].lower() in wanted]
        content_type = self.header("Content-Type").split(";")[0].strip().lower()
        return {"mimeType": content_type or "text/plain", **({"headers": headers} if headers else {})}

    def attachment(self, attachment_id: str) -> bytes | None:
        """What one of the ids that :meth:`full` gave stands for; None if it is of no part of this message."""
        try:
            message_id, part_id, _nonce = decode(attachment_id).decode().split(":")
        except ValueError:
            return None
        part = self._find(part_id) if message_id == self._id else None
        return _bytes(part) if part is not None else None

    def _find(self, part_id: str) -> MimePart | None:
        part = self._mime
        for index in filter(None, part_id.split(".")):
            inner = _inner(part)
            if int(index) >= len(inner):
                return None
            part = inner[int(index)]
        return part

    def _part(self, part: MimePart, part_id: str) -> dict[str, Any]:
        inner = _inner(part)
        filename = _decoded(part.get_filename() or "")
        shown: dict[str, Any] = {"partId": part_id, "mimeType": part.get_content_type(), "filename": filename}
        headers = _headers(part)
        if headers:
            shown["headers"] = headers
        if inner:
            prefix = f"{part_id}." if part_id else ""
            shown["body"] = {"size": 0}
            shown["parts"] = [self._part(child, f"{prefix}{n}") for n, child in enumerate(inner)]
        elif filename or part.get_content_maintype() not in ("text", "multipart"):
            nonce = secrets.token_hex(4)
            shown["body"] = {
                "attachmentId": encode(f"{self._id}:{part_id}:{nonce}".encode()),
                "size": len(_bytes(part)),
            }
        else:
            body = _bytes(part)
            shown["body"] = {"size": len(body), **({"data": encode(body)} if body else {})}
        return shown


def _inner(part: MimePart) -> list[MimePart]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, MimePart)] if isinstance(payload, list) else []


def _bytes(part: MimePart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: MimePart) -> str:
    try:
        return _bytes(part).decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, UnicodeError):  # codecs like idna refuse to replace
        return _bytes(part).decode("utf-8", "replace")


def _headers(part: MimePart) -> list[dict[str, str]]:
    return [{"name": name, "value": _value(name, str(value))} for name, value in part.raw_items()]


def _value(name: str, raw: str) -> str:
    unfolded = re.sub(r"\r?\n[ \t]?", " ", raw).strip()
    text = unfolded.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" not in text or len(text) > _LONGEST_DECODED:
        return text
    if name.lower() not in _ADDRESS_FIELDS:
        return _decoded(text)
    # A decoded name may hold a comma: it is quoted, so that the list of addresses stays the same.
    pairs = [(_decoded(person), address) for person, address in getaddresses([text])]
    return ", ".join(f'"{quote(person)}" <{address}>' if person else address for person, address in pairs)


def _decoded(text: str) -> str:
    try:
        words = decode_header(text)
    except HeaderParseError:
        return text
    return "".join(_word(word, charset) for word, charset in words)


def _word(word: str | bytes, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    try:
        return word.decode(charset or "latin-1", "replace")
    except (LookupError, UnicodeError):
        return word.decode("latin-1")
