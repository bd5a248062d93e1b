# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From header fields to a :class:`~..letter.Head`."""

from __future__ import annotations

import hashlib
import re

from ..letter import Address, Head, Role
from .addresses import parse_addresses
from .charset import one_line
from .dates import parse_date
from .fields import Fields, first
from .limits import MAX_ADDRESSES, MAX_ID, MAX_REFERENCES
from .params import parse, token_of
from .words import decode_words, raw_text

_ADDRESS_FIELDS: dict[str, Role] = {
    "from": "from",
    "sender": "sender",
    "reply-to": "reply_to",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
}
# what read_head looks at: a provider that can ask for single fields asks for these
HEAD_FIELDS = frozenset(
    {
        *_ADDRESS_FIELDS,
        *("subject", "date", "message-id", "in-reply-to", "references", "content-type"),
        *("auto-submitted", "x-autoreply", "x-autorespond", "x-auto-reply", "precedence"),
        *("list-id", "list-unsubscribe", "x-odoo-objects"),
    }
)
_MIXED = "multipart/mixed"
_ID = re.compile(r"<([^<>]+)>")
_BLANKS = re.compile(r"\s+")
_BULK = frozenset({"bulk", "list", "junk"})


def build_head(fields: Fields) -> Head:
    """What the fields of a header block say, all of it storable."""
    charset = _charset(fields)
    ids = _ids(fields, "message-id")
    return Head(
        message_id=ids[0] if ids else "",
        in_reply_to=_ids(fields, "in-reply-to"),
        references=_ids(fields, "references"),
        subject=decode_words(first(fields, "subject"), charset),
        date=_date(fields),
        addresses=_addresses(fields, charset),
        auto_submitted=_auto_submitted(fields),
        bulk=_bulk(fields),
        list_id=_clean(decode_words(first(fields, "list-id"), charset))[:MAX_ID],
        odoo_objects=_clean(first(fields, "x-odoo-objects")),
        # Parts of one text are an "alternative" or "related" to each other.
        has_files=first(fields, "content-type").lstrip()[:15].lower() == _MIXED,
    )


def _charset(fields: Fields) -> str:
    """The body's charset: a mailer that writes raw bytes into its header means the same."""
    if "content-type" not in fields or all(v.isascii() for vs in fields.values() for v in vs):
        return ""
    return token_of(parse(first(fields, "content-type"))[1], "charset")


def _clean(value: str) -> str:
    return one_line(raw_text(value))


def _ids(fields: Fields, name: str) -> tuple[str, ...]:
    """Message-IDs without brackets and blanks (RFC 5322 §3.6.4); a value without any bracket is one as a whole."""
    values = fields.get(name)
    if not values:
        return ()
    value = values[0] if len(values) == 1 else " ".join(values)
    found = _ID.findall(value)
    if not found:
        words = value.split()
        found = ["".join(words)] if name == "message-id" else [w for w in words if "@" in w]
    # Brackets last: a control character may have stood behind one.
    cleaned = [_BLANKS.sub("", _clean(text)).strip("<>") for text in found[-MAX_REFERENCES:]]
    return tuple(_bounded(text) for text in cleaned if text)


def _bounded(message_id: str) -> str:
    """An ID beyond all measure by its beginning and its digest: still itself, and no other's."""
    if len(message_id) <= MAX_ID:
        return message_id
    digest = hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()
    return message_id[: MAX_ID - len(digest)] + digest


def _date(fields: Fields) -> float | None:
    for value in fields.get("date", ()):
        moment = parse_date(value)
        if moment is not None:
            return moment
    return None


def _addresses(fields: Fields, charset: str) -> tuple[Address, ...]:
    found: list[Address] = []
    for name, role in _ADDRESS_FIELDS.items():
        values = fields.get(name)
        if values:
            of_role = [a for value in values for a in parse_addresses(value, role, charset)]
            found += of_role[:MAX_ADDRESSES]
    return tuple(found)


def _auto_submitted(fields: Fields) -> str:
    """RFC 3834 §5; for older responders what they write instead; a report (RFC 6522) is generated."""
    value = first(fields, "auto-submitted").partition(";")[0].strip().lower()
    if value:
        return "" if value == "no" else "auto-replied" if value.startswith("auto-replied") else "auto-generated"
    if "x-autoreply" in fields or "x-autorespond" in fields or "x-auto-reply" in fields:
        return "auto-replied"
    if first(fields, "precedence").strip().lower() == "auto_reply":
        return "auto-replied"
    if "multipart/report" in first(fields, "content-type").lower():
        return "auto-generated"
    return ""


def _bulk(fields: Fields) -> bool:
    if "list-id" in fields or "list-unsubscribe" in fields:
        return True
    return first(fields, "precedence").strip().lower() in _BULK
