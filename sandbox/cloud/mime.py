# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Changes to the header of a message that leave all other bytes as they are."""

from __future__ import annotations

import re

_END = re.compile(rb"\r?\n(?=\r?\n)|\Z")


def header_removed(raw: bytes, name: str) -> bytes:
    """The message without a field, wherever it stands in the header."""
    end = _header_end(raw)
    field = re.compile(rb"(?im)^%s[ \t]*:.*(?:\r?\n[ \t].*)*\r?\n" % re.escape(name.encode()))
    return field.sub(b"", raw[:end]) + raw[end:]


def header_set(raw: bytes, name: str, value: str) -> bytes:
    """The message with this value in a field, at the top of the header."""
    newline = b"\r\n" if b"\r\n" in raw[: _header_end(raw) + 2] else b"\n"
    return f"{name}: {value}".encode() + newline + header_removed(raw, name)


def _header_end(raw: bytes) -> int:
    found = _END.search(raw)
    return found.end() if found else len(raw)
