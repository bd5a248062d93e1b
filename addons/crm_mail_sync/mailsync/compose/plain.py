# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is written, as plain text for those who read no HTML."""

from __future__ import annotations

import re

from ..html import to_text

_QUOTE = re.compile(r"(<blockquote(?: [^<>]*)?>|</blockquote>)")
# Deeper than that nobody reads, and every level makes every line longer.
_DEPTH = 8


def as_text(html: str) -> str:
    """Sanitised HTML as text, quotes marked with ``>`` as in RFC 3676 4.5."""
    depth = 0
    parts = []
    for piece in _QUOTE.split(html):
        if _QUOTE.match(piece):
            depth = max(depth + (-1 if piece.startswith("</") else 1), 0)
        elif text := to_text(piece):
            mark = ">" * min(depth, _DEPTH)
            parts.append("\n".join(f"{mark} {line}".rstrip() if mark else line for line in text.split("\n")))
    return "\n\n".join(parts)
