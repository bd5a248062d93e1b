# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Finds the history below a reply and folds it. Reads canonical HTML (see ``sanitise``)."""

from __future__ import annotations

import re
from html import escape
from typing import Literal

from . import policy

_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>")

# Elements that hold nothing but the quoted letter. Gmail gives a forwarded letter the same class as a
# quoted one, without the block quote inside: what was forwarded is what one wants to read.
_CONTAINER = re.compile(
    r'<blockquote(?=[ >])[^<>]* type="cite"'
    r'|<(?:div|blockquote) (?:[^<>]* )?class="[^"]*'
    r"(?:moz-cite-prefix|protonmail_quote|tutanota_quote|yahoo_quoted|zmail_extra)"
    r'|<blockquote (?:[^<>]* )?class="[^"]*gmail_quote'
    r'|<div (?:[^<>]* )?class="[^"]*gmail_quote(?=.{0,4000}?<blockquote [^<>]*class="[^"]*gmail_quote)'
    r'|<div (?:[^<>]* )?id="mail-editor-reference-message-container"',
    re.S,
)
_ORIGINAL = (
    "Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine|Message original|"
    "Mensaje original|Mensagem original|Messaggio originale|Oorspronkelijk bericht|Oprindelig meddelelse|"
    "Opprinnelig melding|Ursprungligt meddelande|Alkuperäinen viesti|Wiadomość oryginalna|"
    "Původní zpráva|Исходное сообщение|元のメッセージ|原始邮件"
)
_FROM = "From|Von|De|Da|Van|Från|Fra|Lähettäjä|Od|От|差出人|发件人"
_SENT = (
    "Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el| em)?|Inviato|Data|Verzonden|Skickat|Sendt|Dato|"
    "Lähetetty|Wysłano|Odesláno|Отправлено|Дата|送信日時|发送时间"
)
# Marks after which everything is history: Outlook's and Zimbra's separators, Outlook's border above the
# old header; and in the text the line that older programs draw, or the old header itself.
_REST_TAG = re.compile(
    r'<(?:div|hr)(?=[ >])[^<>]* (?:id="(?:appendonsend|divRplyFwdMsg|stopSpelling|zwchr)"'
    r'|style="[^"<>]*border-top:solid #(?:[eE]1[eE]1[eE]1|[bB]5[cC]4[dD][fF]) 1(?:\.0)?pt)'
)
_REST_TEXT = re.compile(
    rf">\s*(?:-{{2,}} ?(?i:{_ORIGINAL}) ?-{{2,}}|(?:{_FROM})\s?:(?=.{{3,600}}?>\s*(?:{_SENT})\s?:))", re.S
)
_VISIBLE = re.compile(r"[^\s<>]|<img ")
_BETWEEN = re.compile(r"(?:\s|&nbsp;|<br(?: [^<>]*)?>)*")

# Odoo's message body puts consecutive nodes with this mark behind a button with three dots.
_CHATTER_FOLD = ('<div data-o-mail-quote="1">', "</div>")
_FRAME_FOLD = (
    '<details class="cms-quote"><summary title="{label}" aria-label="{label}">•••</summary>',
    "</details>",
)


def fold_quotes(html: str, style: Literal["chatter", "frame"] = "frame", label: str = "Quoted text") -> str:
    """Put the quoted history of a letter behind a fold; the letter as it is if that would leave nothing.

    Known are Gmail, Outlook (desktop, web, mobile), Apple Mail, Thunderbird, Yahoo, Proton, Zimbra, Zoho
    and plain-text quoting as ``text_to_html`` renders it.

    :param label: what the fold is called, for those who cannot see it.
    """
    containers = [m.start() for m in _CONTAINER.finditer(html)]
    rest = _rest(html)
    if not containers and rest == len(html):
        return html
    opening, ending = _CHATTER_FOLD if style == "chatter" else _FRAME_FOLD
    fold = (opening.format(label=escape(label)), ending)
    return _Folder(html, containers, rest, fold).fold()


def _rest(html: str) -> int:
    """Where the first mark stands after which all is history; the end if there is none."""
    tag, text = _REST_TAG.search(html), _REST_TEXT.search(html)
    return min(tag.start() if tag else len(html), text.start() + 1 if text else len(html))


def open_tags(html: str, end: int) -> list[str]:
    """The start tags of the elements open at position ``end``, outermost first."""
    stack: list[str] = []
    for token in _TOKEN.finditer(html, 0, end):
        if token[1]:
            del stack[-1:]
        elif token[2] not in policy.VOID:
            stack.append(token[0])
    return stack


def closing(tags: list[str]) -> str:
    """The end tags for ``tags``, innermost first."""
    return "".join("</" + re.split("[ >]", tag[1:], maxsplit=1)[0] + ">" for tag in reversed(tags))


class _Folder:
    def __init__(self, html: str, containers: list[int], rest: int, fold: tuple[str, str]) -> None:
        self._html = html
        self._containers = containers
        self._rest = rest
        self._open, self._close = fold

    def fold(self) -> str:
        ranges = self._ranges()
        out: list[str] = []
        visible = []
        position = 0
        for start, end in ranges:
            visible.append(self._html[position:start])
            out += (self._html[position:start], self._open, self._html[start:end], self._close)
            position = end
        visible.append(self._html[position : self._rest])
        out.append(self._html[position : self._rest])
        out.append(self._folded_rest())
        if not any(_shows_something(part) for part in visible):
            return self._html
        return "".join(out)

    def _ranges(self) -> list[tuple[int, int]]:
        """Start and end of the outermost containers before the rest; neighbours made one."""
        ranges: list[tuple[int, int]] = []
        for start in self._containers:
            if start >= self._rest or (ranges and start < ranges[-1][1]):
                continue
            end = _element_end(self._html, start)
            if start < self._rest < end:
                self._rest = len(self._html)
            if ranges and _BETWEEN.fullmatch(self._html, ranges[-1][1], start):
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((start, end))
        return ranges

    def _folded_rest(self) -> str:
        rest = self._html[self._rest :]
        if not rest:
            return ""
        ancestors = open_tags(self._html, self._rest)
        if not _shows_something(rest):
            return rest
        # The letter is split here: every open element ends before the fold and starts again in it.
        return closing(ancestors) + self._open + "".join(ancestors) + rest + self._close


def _element_end(html: str, start: int) -> int:
    depth = 0
    for token in _TOKEN.finditer(html, start):
        if token[1]:
            depth -= 1
        elif token[2] not in policy.VOID:
            depth += 1
        if depth == 0:
            return token.end()
    return len(html)


def _shows_something(html: str) -> bool:
    return bool(_VISIBLE.search(_BLANK.sub("", html)))


_BLANK = re.compile(r"<(?!img )[^<>]*>|&nbsp;")
