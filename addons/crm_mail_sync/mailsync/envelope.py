# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message on its way: from whom, to whom, and without what the others are not to see (RFC 5321, RFC 5322 §3.6.3)."""

from __future__ import annotations

import re

from .mime import read_head
from .mime.structure import header_end

_LINE_END = re.compile(rb"\r\n|\r|\n")
# The field with its folded lines.
_BCC = re.compile(rb"^bcc[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)


def with_crlf(message: bytes) -> bytes:
    """The message as it travels: its lines end in CRLF, and there is no NUL."""
    return _LINE_END.sub(b"\r\n", message).replace(b"\0", b"")


def recipients(message: bytes) -> list[str]:
    """The addresses that To, Cc and Bcc name, each once."""
    addresses = read_head(message).by_role("to", "cc", "bcc")
    return list({a.normalized: a.address.strip() for a in addresses if a.address.strip()}.values())


def sender(message: bytes) -> str:
    """The address that the message is from, "" if it names none."""
    head = read_head(message)
    return next((a.address.strip() for a in head.by_role("from")), "")


def without_bcc(message: bytes) -> bytes:
    """The message as its recipients get it."""
    end, _body = header_end(message)
    return _BCC.sub(b"", message[:end]) + message[end:]
