# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From HTML to text, and from a plain-text letter to HTML."""

from __future__ import annotations

import re

from .policy import LINK_ATTRIBUTES, words

_TAG = re.compile(r"<(/?[a-z][a-z0-9]*)[^<>]*>")
_BLOCKS = words(
    "address article aside blockquote center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup"
    " li main nav ol p pre section table tbody tfoot thead tr ul"
)
# What stands in the text for a tag. The record separator is a line end that is not the sender's own white space.
_LINE_END = "\x1e"
_TAG_TEXT = {
    **dict.fromkeys((*_BLOCKS, *(f"/{name}" for name in _BLOCKS), "br", "hr"), _LINE_END),
    **dict.fromkeys(("/td", "/th"), " "),
}
_GAP = re.compile(r"\n{3,}")
# Fillers with which newsletters pad the line that inboxes show: soft hyphen, combining grapheme joiner,
# zero width space, word joiner, byte order mark.
_FILLERS = dict.fromkeys((0xAD, 0x34F, 0x200B, 0x2060, 0xFEFF))
_JOINER_RUN = re.compile(r"(?:[\u200c\u200d\u2007]\s*){2,}")

_QUOTE_PREFIX = re.compile(r"(?:> ?)+")
_QUOTE_DEPTH = 20
_URL = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?", re.I)
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])")
_WORD = re.compile(r"(\s+)")
_LINK_CHARS = 2_000


def to_text(html: str) -> str:
    """The visible text of sanitised HTML, a line for each block; for search and for the snippet."""
    pieces = _TAG.split(html)
    pieces[1::2] = [_TAG_TEXT.get(tag, "") for tag in pieces[1::2]]
    text = unescape("".join(pieces))
    if not text.isascii():
        text = text.translate(_FILLERS)
    text = "\n".join([_squeezed(line) for line in text.split(_LINE_END)])
    return (_GAP.sub("\n\n", text) if "\n\n\n" in text else text).strip()


def _squeezed(line: str) -> str:
    """With one space for every run of blanks; of those only the space itself counts as printable."""
    if line.isprintable() and "  " not in line:
        return line.strip()
    return " ".join(line.split())


def storable(html: str) -> str:
    """Without lone surrogates and NUL, which neither the parser nor PostgreSQL takes."""
    if "\x00" in html:
        html = html.replace("\x00", "")
    try:
        html.encode()
    except UnicodeEncodeError:
        return html.encode("utf-8", "replace").decode()
    return html


def unescape(text: str) -> str:
    """Resolves the only references that canonical HTML holds; a no-break space becomes a space."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&quot;", '"').replace("&amp;", "&")


def snippet(text: str, n: int = 200) -> str:
    """The beginning of a letter's text on one line: at most ``n`` characters, cut between words."""
    line = " ".join(text[: n * 2].split())
    if len(line) <= n or not line.isascii():
        # Newsletters pad this line with what nobody sees.
        line = " ".join(_JOINER_RUN.sub(" ", text[: n * 20]).split())
    if len(line) <= n:
        return line
    whole_words = line[:n].rpartition(" ")[0]
    return (whole_words if len(whole_words) > n // 2 else line[: n - 1]).rstrip() + "…"


def text_to_html(text: str) -> str:
    """A plain-text letter as canonical HTML: lines and runs of spaces kept, web and mail addresses made
    links, lines quoted with ``>`` (RFC 3676 4.5) put into nested block quotes. Linear."""
    out = ['<div style="white-space:pre-wrap">']
    depth = 0
    lines = storable(text).replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    for line in lines:
        prefix = _QUOTE_PREFIX.match(line)
        quoted = min(prefix[0].count(">"), _QUOTE_DEPTH) if prefix else 0
        if quoted != depth:
            step = '<blockquote type="cite">' if quoted > depth else "</blockquote>"
            out.append(step * abs(quoted - depth))
            depth = quoted
        out.append(_linked(line[prefix.end() :] if prefix else line))
        out.append("<br>")
    out.append("</blockquote>" * depth + "</div>")
    return "".join(out)


def _linked(line: str) -> str:
    if "@" not in line and "://" not in line:
        return _escape(line)
    return "".join(_word(word) for word in _WORD.split(line))


def _word(word: str) -> str:
    if len(word) > _LINK_CHARS or ("@" not in word and "://" not in word):
        return _escape(word)
    match = _URL.search(word)
    if match:
        return _anchor(word, match.start(), match.start() + len(match[0].rstrip(".,;:!?)]}'*_")), "")
    match = _EMAIL.search(word)
    return _anchor(word, match.start(), match.end(), "mailto:") if match else _escape(word)


def _anchor(word: str, start: int, end: int, scheme: str) -> str:
    label = _escape(word[start:end])
    href = scheme + label.replace('"', "&quot;")
    return f'{_escape(word[:start])}<a {LINK_ATTRIBUTES} href="{href}">{label}</a>{_escape(word[end:])}'


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\xa0", "&nbsp;")
