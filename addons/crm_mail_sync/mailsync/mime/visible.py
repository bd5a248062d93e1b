# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person sees of HTML, roughly and in one pass: to choose a body and to compare letters, never to show it."""

from __future__ import annotations

import html
import re

# every alternative has an end of its own or takes the rest, so nothing is scanned twice
_UNSEEN = re.compile(
    r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[A-Za-z/!?][^>]*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_BLANK = re.compile(r"(?:\s|&nbsp;?|&#160;|&zwnj;|[\u200b-\u200d\ufeff])+", re.IGNORECASE)


def visible_text(source: str) -> str:
    """The text outside of tags, comments, scripts and styles, entities resolved."""
    return html.unescape(_UNSEEN.sub(" ", source))


def shows_text(source: str) -> bool:
    """Is there any character to be seen? Stops at the first one."""
    pos = 0
    while pos < len(source):
        match = _UNSEEN.match(source, pos) or _BLANK.match(source, pos)
        if not match:
            return True
        pos = match.end()
    return False
