# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Address lists: RFC 5322 §3.4 with groups and comments, the obsolete forms of §4.4, and what mailers write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..letter import Address, Role
from .charset import one_line
from .limits import MAX_ADDRESSES
from .words import decode_words, raw_text

_BETWEEN = re.compile(r"[\s,;]*")
# `Name <a@b>` and `"Name" <a@b>`: nearly all there are; each branch fails in one pass
_USUAL = re.compile(r'(?:"([^"\\]*)"\s*<|([^"<>(),:;@\\]*)<)([^<>\s,;:"()\\@]+@[^<>\s,;:"()\\@]+)>\s*(?:,|\Z)')
_PLAIN = re.compile(r'([^<>\s,;:"()\\@]+@[^<>\s,;:"()\\@]+)\s*(?:,|\Z)')
_TEXT = re.compile(r'=\?[^?\s]{0,80}\?[bBqQ]\?[^?]*\?=|=|[^",;:<>(=]+')
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_ANGLE = re.compile(r"<([^<>]*)>")
_OPEN_ANGLE = re.compile(r"<([^<>,;]*)")
_PAREN = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_QUOTED_LOCAL = re.compile(r'\s*("[^"]*"|[^\s"@]+)\s*@\s*([^\s"@]+)\s*\Z')
_BETWEEN_WORDS = re.compile(r"[\s\"'<>,;]+")


def parse_addresses(value: str, role: Role, charset: str = "") -> list[Address]:
    """The mailboxes of an unfolded address list, groups resolved, at most MAX_ADDRESSES.

    An entry without any address is left out; a local part alone ("MAILER-DAEMON") is kept as it is.
    """
    found: list[Address] = []
    pos = 0
    scanner: _Scanner | None = None
    while len(found) < MAX_ADDRESSES:
        between = _BETWEEN.match(value, pos)
        pos = between.end() if between else pos
        if pos >= len(value):
            break
        match = _USUAL.match(value, pos) or _PLAIN.match(value, pos)
        if match:
            pos = match.end()
            name = (match[1] or match[2] or "") if match.re is _USUAL else ""
            spec = match[match.lastindex or 0]
            if spec[0] == "'" or "=?" in spec or not (spec.isascii() and spec.isprintable()):
                spec = _spec(spec, charset)
            found.append(Address(_name(name, charset), spec, role))
            continue
        if scanner is None:
            scanner = _Scanner(value)
        entry, pos = scanner.entry(pos)
        found.extend(_mailboxes(entry, role, charset))
    return [address for address in found[:MAX_ADDRESSES] if address.address]


class _Entry:
    """One element of a list as it was read: raw text, words of a name, comments, and (name, what brackets hold)."""

    __slots__ = ("angles", "comments", "has_at", "raw", "words")

    def __init__(self) -> None:
        self.has_at = False
        self.raw: list[str] = []
        self.words: list[str] = []
        self.angles: list[tuple[str, str]] = []
        self.comments: list[str] = []


class _Scanner:
    """Reads elements off an address list in one pass.

    A quote or parenthesis that nobody closes is looked for once and is a letter like any other from then on.
    """

    def __init__(self, value: str) -> None:
        self._value = value
        self._open_quote = False
        self._open_paren = False

    def entry(self, pos: int) -> tuple[_Entry, int]:
        """The element at ``pos`` and where the next one begins; a group's name is dropped."""
        value, entry = self._value, _Entry()
        while pos < len(value):
            char = value[pos]
            if char in ",;":
                return entry, pos + 1
            if char == ":" and not entry.angles and not entry.has_at:
                entry = _Entry()
                pos += 1
            elif char == '"':
                pos = self._quoted(entry, pos)
            elif char == "(":
                pos = self._comment(entry, pos)
            elif char == "<":
                pos = self._angle(entry, pos)
            else:
                pos = self._text(entry, pos)
        return entry, pos

    def _quoted(self, entry: _Entry, pos: int) -> int:
        match = None if self._open_quote else _QUOTED.match(self._value, pos)
        if not match:
            self._open_quote = True
            return pos + 1
        entry.raw.append(match[0])
        entry.words.append(_ESCAPE.sub(r"\1", match[1]))
        return match.end()

    def _comment(self, entry: _Entry, pos: int) -> int:
        depth = 0
        if not self._open_paren:
            for match in _PAREN.finditer(self._value, pos):
                depth += {"(": 1, ")": -1}.get(match[0], 0)
                if depth == 0:
                    entry.comments.append(self._value[pos + 1 : match.start()])
                    entry.raw.append(" ")
                    return match.end()
            self._open_paren = True
        entry.words.append("(")
        return pos + 1

    def _angle(self, entry: _Entry, pos: int) -> int:
        match = _ANGLE.match(self._value, pos) or _OPEN_ANGLE.match(self._value, pos)
        if not match:
            return pos + 1
        if match[1].strip():
            entry.angles.append(("".join(entry.words), match[1]))
            entry.words = []
        return match.end()

    def _text(self, entry: _Entry, pos: int) -> int:
        match = _TEXT.match(self._value, pos)
        end = match.end() if match else pos + 1
        text = self._value[pos:end]
        if text not in (">", ":"):
            entry.has_at = entry.has_at or "@" in text
            entry.raw.append(text)
            entry.words.append(text)
        return end


def _mailboxes(entry: _Entry, role: Role, charset: str) -> Iterator[Address]:
    phrase = "".join(entry.words)
    found = [(name, spec) for name, angle in entry.angles if (spec := _spec(angle, charset))]
    if found:
        # without a comma between them there may be several; those with a domain count
        for name, spec in [pair for pair in found if "@" in pair[1]] or found[:1]:
            label = name if name.strip() else phrase or " ".join(entry.comments)
            yield Address(_name(label, charset), spec, role)
        return
    raw = "".join(entry.raw)
    if "@" not in raw and "=?" in raw:
        # list or address as a whole in encoded words
        decoded = decode_words(raw, charset)
        if "@" in decoded:
            name = decoded.partition("<")[0] if "<" in decoded else ""
            for word in _BETWEEN_WORDS.split(decoded):
                if _is_bare(word):
                    yield Address(one_line(name).strip("\"' "), word, role)
            return
    yield from _without_angles(raw, phrase, entry.comments, role, charset)


def _without_angles(raw: str, phrase: str, comments: list[str], role: Role, charset: str) -> Iterator[Address]:
    name = _name(" ".join(comments), charset)
    local = _QUOTED_LOCAL.match(raw)
    if local:
        yield Address(name, _spec(f"{local[1]}@{local[2]}", charset), role)
        return
    if "@" in raw and len(words := _close_up(phrase.split())) == 1:
        yield Address(name, _spec(words[0], charset), role)
        return
    words = phrase.split()
    bare = next((word for word in words if _is_bare(word)), None)
    if bare:
        rest = " ".join(word for word in words if word is not bare)
        yield Address(_name(rest, charset) or name, _spec(bare, charset), role)
    elif phrase.strip() and len(phrase.split()) == 1 and "=?" not in phrase:
        yield Address(name, _spec(phrase, charset), role)


def _is_bare(word: str) -> bool:
    return "@" in word.strip("@")


def _close_up(words: list[str]) -> list[str]:
    """Words with those put together that dots and "@" hold apart (RFC 5322 §4.4: CFWS within an addr-spec)."""
    closed: list[list[str]] = []
    for word in words:
        if closed and (word[0] in ".@" or closed[-1][-1][-1] in ".@"):
            closed[-1].append(word)
        else:
            closed.append([word])
    return ["".join(pieces) for pieces in closed]


def _spec(text: str, charset: str) -> str:
    """An addr-spec without obsolete route, blanks, comments and the marks that mailers put around it."""
    text = text.strip()
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    if text[:7].lower() == "mailto:":
        text = text[7:]
    text = decode_words(text, charset) if "=?" in text else one_line(raw_text(text, charset))
    if '"' not in text:
        text = "".join(text.split())
    return text.strip("<>' ") if not text.startswith('"@') else text


def _name(text: str, charset: str) -> str:
    if not text:
        return ""
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    return decode_words(text, charset).strip("\"' ")
