# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message's beginning as one line, from its bytes or from the first of them."""

from __future__ import annotations

from . import html, mime

# Bytes of a message's body within which its beginning is looked for.
ENOUGH = 16 * 1024


def snippet_of(raw: bytes) -> str:
    """The first words of a message that may be cut off anywhere; never raises."""
    letter = mime.read_letter(raw)
    # An HTML body that is cut has no end, and often no word but its style.
    text = letter.text or html.to_text(html.sanitise(letter.html))
    return html.snippet(text)
