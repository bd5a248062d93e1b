# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Makes large HTML harmless to parse before it is parsed.

The HTML standard's tree construction is quadratic in three ways that an attacker, or a broken generator,
can reach: attributes of one element are compared with each other, an end tag may walk the whole stack of
open elements, and unclosed formatting (``<font>``) is opened anew in every following paragraph. Parsers
that follow it inherit that. So HTML above a size is rewritten here first, in one linear pass: balanced,
of bounded depth, with few attributes an element. Ordinary HTML comes out as it was, but for its comments.
"""

from __future__ import annotations

import re

from . import policy

# Below both, the worst input known takes under half a second.
_LARGE_CHARS = 60_000
_LARGE_TAGS = 1_000
# Above, a letter is archived as text: no reader scrolls through that, and its tree takes gigabytes.
_MOST_TAGS = 400_000

_DEPTH = 256
_FORMATTING_DEPTH = 24
_LONG_TAG_CHARS = 2_000
_ATTRIBUTES = 60
# A text node is copied for every character reference in it.
_REFERENCES = 5_000

# Tokenisation of HTML 13.2.5: comment or declaration, raw text element, end tag, start tag.
_ATTRIBUTE = r"""(?:[\s/]+|[^\s/>][^\s/>=]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?)"""
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?--!?>|.*)"
    r"|<[!?][^>]*>?"
    r"|<(?P<raw>" + "|".join(sorted(policy.RAW_TEXT)) + r")(?=[\s/>])(?:.*?</(?P=raw)(?=[\s/>])[^>]*>?|.*)"
    r"|</(?P<end>[a-z][^\s/>]*)[^>]*>?"
    r"|<(?P<start>[a-z][^\s/>]*)(?P<attributes>" + _ATTRIBUTE + r"{0,2000})[^>]*(?P<close>>?)",
    re.I | re.S,
)
_NAMED = re.compile(r"""([^\s/>][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]*))?""", re.S)

_KNOWN = policy.TAGS | policy.DROPPED_WITH_CONTENT
_FORMATTING = policy.words("b big code em font i s small strike strong tt u")
_CLOSES_P = policy.words(
    "address article aside blockquote center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header"
    " hgroup hr li main nav ol p pre section table ul"
)
# What an open element is closed by, and where looking for it stops.
_CELLS = frozenset({"td", "th"})
_ROWS = frozenset({"tr"}) | _CELLS
_GROUPS = frozenset({"tbody", "thead", "tfoot", "caption", "colgroup"}) | _ROWS
_IMPLIED_END = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "table", "td", "th"})),
    "dd": (frozenset({"dd", "dt"}), frozenset({"dl", "table", "td", "th"})),
    "dt": (frozenset({"dd", "dt"}), frozenset({"dl", "table", "td", "th"})),
    "td": (_CELLS, frozenset({"tr", "table"})),
    "th": (_CELLS, frozenset({"tr", "table"})),
    "tr": (_ROWS, frozenset({"table", "tbody", "thead", "tfoot"})),
    "tbody": (_GROUPS, frozenset({"table"})),
    "thead": (_GROUPS, frozenset({"table"})),
    "tfoot": (_GROUPS, frozenset({"table"})),
}
_P_SCOPE = frozenset({"table", "td", "th", "caption"})


def needs_taming(html: str) -> bool:
    """Whether ``html`` is large enough for the parser's worst cases to hurt."""
    return len(html) > _LARGE_CHARS or html.count("<") > _LARGE_TAGS


def is_beyond_reason(html: str) -> bool:
    """Whether ``html`` holds more tags than any letter that somebody reads."""
    return html.count("<") > _MOST_TAGS


def tame(html: str) -> str:
    """Rewrite HTML balanced, at most 256 elements deep and with at most 60 attributes an element.

    Not a sanitiser: what it lets through is still the sender's. All text outside dropped elements stays.
    """
    writer = _Writer()
    position = 0
    for token in _TOKEN.finditer(html):
        writer.text(html[position : token.start()])
        position = token.end()
        start = token["start"]
        if start:
            if token["close"]:
                writer.start(start.lower(), token["attributes"])
        elif token["end"]:
            writer.end(token["end"].lower())
    writer.text(html[position:])
    return writer.finish()


def strip_tags(html: str) -> str:
    """The text of HTML that is too large to parse, with line ends where tags were, references unresolved."""
    return _TOKEN.sub(_line_end, html)


def _line_end(token: re.Match[str]) -> str:
    return "\n" if (token["start"] or token["end"] or "").lower() in _CLOSES_P | {"br", "tr"} else ""


class _Writer:
    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []
        self._formatting = 0

    def text(self, text: str) -> None:
        text = text.replace("<", "&lt;")
        if text.count("&") > _REFERENCES:
            text = _broken_up(text)
        self._out.append(text)

    def start(self, name: str, attributes: str) -> None:
        if name not in _KNOWN:
            return
        self._close_implied(name)
        if name not in policy.VOID:
            formatting = name in _FORMATTING
            if len(self._open) >= _DEPTH or (formatting and self._formatting >= _FORMATTING_DEPTH):
                return
            self._open.append(name)
            self._formatting += formatting
        self._out.append(f"<{name}{_few(attributes)}>")

    def end(self, name: str) -> None:
        if self._open and self._open[-1] == name:
            self._close_from(len(self._open) - 1)
        elif name in self._open:
            index = len(self._open) - 1 - self._open[::-1].index(name)
            # A stray end tag inside a cell does not close what lies around the table.
            if name in _GROUPS or name == "table" or not _P_SCOPE.intersection(self._open[index:]):
                self._close_from(index)

    def finish(self) -> str:
        self._close_from(0)
        return "".join(self._out)

    def _close_implied(self, name: str) -> None:
        if name in _CLOSES_P and "p" in self._open:
            self._close_nearest(frozenset({"p"}), _P_SCOPE)
        if name in _IMPLIED_END:
            self._close_outermost(*_IMPLIED_END[name])

    def _close_nearest(self, wanted: frozenset[str], scope: frozenset[str]) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] in wanted:
                self._close_from(index)
                return
            if self._open[index] in scope:
                return

    def _close_outermost(self, wanted: frozenset[str], scope: frozenset[str]) -> None:
        found = None
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] in scope and self._open[index] not in wanted:
                break
            if self._open[index] in wanted:
                found = index
        if found is not None:
            self._close_from(found)

    def _close_from(self, index: int) -> None:
        for name in reversed(self._open[index:]):
            self._out.append(f"</{name}>")
            self._formatting -= name in _FORMATTING
        del self._open[index:]


def _broken_up(text: str) -> str:
    """With an element that shows nothing after every few thousand references."""
    pieces = text.split("&")
    groups = (pieces[i : i + _REFERENCES] for i in range(0, len(pieces), _REFERENCES))
    return "<wbr>&".join("&".join(group) for group in groups)


def _few(attributes: str) -> str:
    """The source of the attributes; rewritten, and cut to the first ones, if there may be many."""
    if len(attributes) < _LONG_TAG_CHARS:
        return attributes
    few = []
    for match in _NAMED.finditer(attributes):
        name, value = match[1], match[2] or '""'
        if value[:1] not in "\"'" or len(value) < 2:
            value = '"' + value.replace('"', "&quot;") + '"'
        few.append(f" {name}={value}")
        if len(few) == _ATTRIBUTES:
            break
    return "".join(few)
