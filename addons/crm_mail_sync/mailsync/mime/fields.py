# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A header block as fields (RFC 5322 §2.2); values are unfolded and still bytes, one character each (Latin-1)."""

from __future__ import annotations

import re
from codecs import BOM_UTF8

from .limits import MAX_FIELD, MAX_HEADER, MAX_REPEATS

Fields = dict[str, list[str]]

_FOLD = re.compile(r"\n(?=[ \t])")


def parse_fields(block: bytes, wanted: frozenset[str]) -> Fields:
    """The wanted fields (names in lower case) of a header block, in their order; other lines are passed over."""
    text = block[:MAX_HEADER].removeprefix(BOM_UTF8).decode("latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n " in text or "\n\t" in text:
        # a fold stays marked until the name is known: one before the colon makes no field
        text = _FOLD.sub("\r", text)
    fields: Fields = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        key = name.lower()
        if key not in wanted:
            # blanks before the colon (RFC 5322 §4.5)
            key = key.rstrip(" \t")
            if key not in wanted:
                continue
        if not colon:
            continue
        if "\r" in value:
            value = value.replace("\r", "")
        if key not in fields:
            fields[key] = [value[:MAX_FIELD]]
        elif len(fields[key]) < MAX_REPEATS:
            fields[key].append(value[:MAX_FIELD])
    return fields


def first(fields: Fields, name: str) -> str:
    """The value of the first field of this name, "" if there is none."""
    values = fields.get(name)
    return values[0] if values else ""
