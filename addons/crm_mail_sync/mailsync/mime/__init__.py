# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From a message's bytes to values, whatever the bytes are.

Both functions are total: no input makes them raise, and time and memory grow with the input's size alone
(``limits`` says what is read of a message that goes beyond all measure).
"""

from __future__ import annotations

from ..letter import Head, Letter
from .body import BodyReader, mark_inline
from .fields import parse_fields
from .head import HEAD_FIELDS, build_head
from .structure import header_end, parse_structure, with_line_feeds

__all__ = ["HEAD_FIELDS", "read_head", "read_letter"]


def read_head(header_bytes: bytes) -> Head:
    """The head of a message from its header block, or from some of its fields; what follows a blank line is ignored."""
    raw = with_line_feeds(header_bytes)
    end, _body = header_end(raw)
    return build_head(parse_fields(raw[:end], HEAD_FIELDS))


def read_letter(raw: bytes) -> Letter:
    """The whole message. ``text`` is the complete body or "", so is ``html``; at least one is there if there is a body.

    The content of files is a copy; ``raw`` need not be kept.
    """
    raw = with_line_feeds(raw)
    defects: list[str] = []
    root = parse_structure(raw, HEAD_FIELDS, defects)
    content = BodyReader(raw).letter_content(root)
    source = content.html()
    return Letter(
        head=build_head(root.fields),
        text=content.text(),
        html=source,
        files=mark_inline(content.files, source),
        calendar_method=content.calendar_method,
        defects=tuple(dict.fromkeys(defects)),
    )
