# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Structured values with parameters: Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183, RFC 2231)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from .charset import decode, one_line
from .words import decode_words, raw_text

Params = Mapping[str, str]

_SIMPLE = re.compile(r'[ \t]*([\w.+-]+/[\w.+-]+)(?:; ?charset="?([\w.:-]+)"?)?\Z', re.ASCII)
_HEAD = re.compile(r'[^;\s"]*')
_BETWEEN = re.compile(r"[\s;]*")
_PARAM = re.compile(r'([^\s=;"]{1,200})\s{0,80}=\s*')
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_BARE = re.compile(r"[^;]*")
_SKIP = re.compile(r"[^;]*(?:;|\Z)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,5})(\*?))?\Z")
_MAX_PARAMS = 10_000


def parse(value: str) -> tuple[str, dict[str, str]]:
    """(``text/plain``, {``charset``: ``utf-8``}) of an unfolded value; type and names in lower case."""
    simple = _SIMPLE.match(value)
    if simple:
        return simple[1].lower(), ({"charset": simple[2]} if simple[2] else {})
    value = value.strip()
    head = _HEAD.match(value)
    start = head.end() if head else 0
    return value[:start].lower(), _join_sections(_pairs(value, start))


def _pairs(value: str, pos: int) -> list[tuple[str, str, bool]]:
    """(name, value, quoted) in the order they stand in."""
    pairs: list[tuple[str, str, bool]] = []
    open_quote = False
    while len(pairs) < _MAX_PARAMS:
        pos = _end(_BETWEEN, value, pos)
        if pos >= len(value):
            break
        match = _PARAM.match(value, pos)
        if not match:
            pos = _end(_SKIP, value, pos)
            continue
        pos = match.end()
        quoted = None if open_quote or not value.startswith('"', pos) else _QUOTED.match(value, pos)
        if quoted:
            text = _ESCAPE.sub(r"\1", quoted[1]) if "\\" in quoted[1] else quoted[1]
        else:
            # a quote that nobody closes: looked for once, or each such parameter would scan to the end
            open_quote = open_quote or value.startswith('"', pos)
            quoted = _BARE.match(value, pos)
            text = quoted[0].strip().lstrip('"') if quoted else ""
        pairs.append((match[1].lower(), text, value.startswith('"', match.end())))
        pos = quoted.end() if quoted else len(value)
    return pairs


def _end(pattern: re.Pattern[str], value: str, pos: int) -> int:
    match = pattern.match(value, pos)
    return match.end() if match else pos


def _join_sections(pairs: list[tuple[str, str, bool]]) -> dict[str, str]:
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for name, text, quoted in pairs:
        match = _SECTION.match(name) if "*" in name else None
        if match:
            # "name*" is the one and only section, encoded
            number, encoded = (int(match[2]), bool(match[3])) if match[2] else (0, True)
            sections.setdefault(match[1], []).append((number, encoded, text))
        elif name not in plain:
            plain[name] = text if quoted else text.strip()
    for name, pieces in sections.items():
        plain[name] = _decode_sections(sorted(pieces, key=lambda piece: piece[0]))
    return plain


def _decode_sections(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 §3 and §4: the first encoded section names charset and language, each says whether it is encoded."""
    charset = ""
    data: list[bytes] = []
    for position, (_number, encoded, text) in enumerate(pieces):
        if encoded and position == 0 and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        raw = text.encode("latin-1", "replace")
        data.append(unquote_to_bytes(raw) if encoded else raw)
    joined = b"".join(data)
    if not charset and b"=?" in joined:
        return joined.decode("latin-1")
    # as header bytes in UTF-8, which `text_of` reads like any other parameter
    return decode(joined, charset).encode().decode("latin-1")


def text_of(params: Params, name: str, charset: str = "") -> str:
    """A parameter meant for people (a file's name), whether in RFC 2231, encoded words or raw bytes."""
    value = params.get(name, "")
    if "=?" in value:
        return decode_words(value, charset)
    return one_line(raw_text(value, charset))


def token_of(params: Params, name: str) -> str:
    """A parameter meant for machines (charset, boundary), without blanks around it."""
    return params.get(name, "").strip()
