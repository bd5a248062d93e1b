# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The letter that is answered or passed on, below what is written.

Marked with the names that other mail programs, and ``html.fold_quotes``, know history by.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_INDENT = "margin:0 0 0 0.8ex;border-left:1px solid #cccccc;padding-left:1ex"


def quoted(html: str, attribution: str) -> str:
    """Sanitised HTML as the quote of an answer.

    :param attribution: the line above it, in the language of who writes: "On …, … wrote:"
    """
    return (
        f'<div class="gmail_quote"><div class="gmail_attr" dir="auto">{escape(attribution)}</div>'
        f'<blockquote class="gmail_quote" type="cite" style="{_INDENT}">{html}</blockquote></div>'
    )


def forwarded(html: str, title: str, lines: Sequence[tuple[str, str]]) -> str:
    """Sanitised HTML as a letter that is passed on, below what its header said.

    :param title: the line that sets it off, in the language of who writes
    :param lines: (name of a field, what it said); what is empty is left out
    """
    said = "".join(f"<br><b>{escape(name)}</b> {escape(value)}" for name, value in lines if value)
    return (
        f'<div class="gmail_quote"><div class="gmail_attr" dir="auto">---------- {escape(title)} ----------{said}</div>'
        f"<br>{html}</div>"
    )
