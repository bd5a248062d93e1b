# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The tree of a message's parts (RFC 2045, RFC 2046 §5.1) as offsets into its bytes: nothing is copied but headers.

One pass, whatever the depth: each line that begins with "--" is looked up among the boundaries open at that point.
An attached message is a leaf: what is in it is its own affair.
"""

from __future__ import annotations

import re

from . import params
from .fields import Fields, first, parse_fields
from .limits import MAX_DEPTH, MAX_HEADER, MAX_PARTS

PART_FIELDS = frozenset({"content-type", "content-transfer-encoding", "content-disposition", "content-id"})
# the end of a header block, or a delimiter that comes before it
_HEADER_END = re.compile(rb"\n(?:\r?\n|--)")
# what may follow a boundary on its line: "--" and blanks
_TRAILING = 100
_NEEDLE = 64


class Part:
    """A node: its own fields, where its body begins and ends in the message, its parts if it has any.

    ``opaque``: it is a multipart that lies too deep to be looked into.
    """

    __slots__ = ("children", "content_type", "end", "fields", "opaque", "params", "start")

    def __init__(self, fields: Fields, start: int, end: int, default_type: str = "text/plain") -> None:
        self.fields = fields
        self.start = start
        self.end = end
        self.children: list[Part] = []
        self.opaque = False
        value = first(fields, "content-type")
        content_type, self.params = params.parse(value) if value else ("", {})
        self.content_type = _sane_type(content_type, default_type)

    @property
    def main_type(self) -> str:
        return self.content_type.partition("/")[0]


def parse_structure(raw: bytes, wanted: frozenset[str], defects: list[str]) -> Part:
    """The root part of a message with its tree; ``wanted``: fields of the root beside those of every part."""
    return _Reader(raw, defects).read(wanted | PART_FIELDS)


def with_line_feeds(raw: bytes) -> bytes:
    """The message, its lines ended by LF if they ended by CR alone."""
    return raw.replace(b"\r", b"\n") if b"\n" not in raw and b"\r" in raw else raw


def header_end(raw: bytes, start: int = 0) -> tuple[int, int]:
    """Where a header block that begins at ``start`` ends, and where its body begins."""
    if raw.startswith(b"\n", start):
        return start, start + 1
    if raw.startswith(b"\r\n", start):
        return start, start + 2
    pos = start
    while match := _HEADER_END.search(raw, pos):
        if raw[match.end() - 1] == 10:
            return match.start() + 1, match.end()
        pos = match.end()
    return len(raw), len(raw)


def _common_prefix(a: bytes, b: bytes) -> bytes:
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:same]


def _sane_type(content_type: str, default: str) -> str:
    main, slash, sub = content_type.partition("/")
    if main and slash and sub:
        return content_type
    # RFC 2045 §5.2: what cannot be understood is plain text; a main type alone tells more
    return f"{main}/plain" if main == "text" else default if not main else "application/octet-stream"


class _Reader:
    def __init__(self, raw: bytes, defects: list[str]) -> None:
        self._raw = raw
        self._defects = defects
        # multiparts whose closing delimiter has not come yet, outermost first, with their boundary lines
        # and what the lines up to there have in common: the longer it is, the faster it is searched
        self._open: list[tuple[Part, bytes, bytes]] = []
        self._levels: dict[bytes, list[int]] = {}
        self._leaf: Part | None = None
        self._parts = 0
        self._longest = 0

    def read(self, wanted: frozenset[str]) -> Part:
        end, pos = header_end(self._raw)
        root = Part(parse_fields(self._raw[: min(end, MAX_HEADER)], wanted), pos, len(self._raw))
        if end > MAX_HEADER:
            self._defects.append("header_too_long")
        self._enter(root)
        while self._open and pos < len(self._raw):
            delimiter = self._next_delimiter(pos)
            if delimiter is None:
                break
            level, closing, line_start, pos = delimiter
            self._close_above(level, line_start)
            if closing:
                self._pop(line_start)
            elif self._parts >= MAX_PARTS:
                # the rest stays together as one last part
                self._defects.append("too_many_parts")
                self._add(Part({"content-type": ["application/octet-stream"]}, pos, len(self._raw)))
                break
            else:
                pos = self._begin_part(pos)
        if self._open:
            self._defects.append("unclosed_multipart")
            self._close_above(-1, len(self._raw))
        return root

    def _begin_part(self, pos: int) -> int:
        """Read a part's header; return where to look for the next delimiter."""
        end, body = self._part_header_end(pos)
        parent = self._open[-1][0]
        default = "message/rfc822" if parent.content_type == "multipart/digest" else "text/plain"
        fields = parse_fields(self._raw[pos : min(end, pos + MAX_HEADER)], PART_FIELDS)
        self._add(Part(fields, body, len(self._raw), default))
        # one back: a delimiter may follow at once, and is found by the line end before it
        return body - 1

    def _part_header_end(self, start: int) -> tuple[int, int]:
        raw = self._raw
        if raw.startswith(b"\n", start):
            return start, start + 1
        if raw.startswith(b"\r\n", start):
            return start, start + 2
        if raw.startswith(b"--", start) and self._delimiter_at(start):
            return start, start
        pos = start
        while match := _HEADER_END.search(raw, pos):
            if raw[match.end() - 1] == 10:
                return match.start() + 1, match.end()
            if self._delimiter_at(match.start() + 1):
                return match.start() + 1, match.start() + 1
            pos = match.end()
        return len(raw), len(raw)

    def _add(self, part: Part) -> None:
        self._parts += 1
        self._open[-1][0].children.append(part)
        self._leaf = part
        self._enter(part)

    def _enter(self, part: Part) -> None:
        if part.main_type != "multipart":
            return
        boundary = part.params.get("boundary", "")
        if not boundary:
            self._defects.append("no_boundary")
        elif len(self._open) >= MAX_DEPTH:
            self._defects.append("too_deep")
            part.opaque = True
        else:
            line = b"--" + boundary.encode("latin-1", "replace")
            self._longest = max(self._longest, len(line) + _TRAILING)
            self._levels.setdefault(line, []).append(len(self._open))
            start = b"\n" + line[:_NEEDLE]
            if self._open:
                start = _common_prefix(start, self._open[-1][2])
            self._open.append((part, line, start))
            self._leaf = None

    def _next_delimiter(self, pos: int) -> tuple[int, bool, int, int] | None:
        """(level, closing, where its line begins, where the next line begins) of the next open boundary's line."""
        raw, needle = self._raw, self._open[-1][2]
        at_line_start = pos == 0 or raw[pos - 1] == 10
        start = pos if at_line_start and raw.startswith(b"--", pos) else raw.find(needle, pos) + 1
        while start:
            found = self._delimiter_at(start)
            if found:
                return found[0], found[1], start, found[2]
            start = raw.find(needle, start) + 1
        return None

    def _delimiter_at(self, start: int) -> tuple[int, bool, int] | None:
        raw = self._raw
        end = raw.find(b"\n", start, start + self._longest)
        if end < 0:
            if len(raw) - start > self._longest:
                return None
            end = len(raw)
        exact = raw[start:end].rstrip(b"\r")
        line = exact.rstrip()
        # a boundary that ends in blanks is against RFC 2046, and met
        levels = self._levels.get(line) or self._levels.get(exact)
        if levels:
            return levels[-1], False, end + 1
        if line.endswith(b"--"):
            levels = self._levels.get(line[:-2])
            if levels:
                return levels[-1], True, end + 1
        return None

    def _close_above(self, level: int, line_start: int) -> None:
        while len(self._open) > level + 1:
            self._pop(line_start)
        if self._leaf is not None:
            self._leaf.end = self._body_end(self._leaf.start, line_start)
            self._leaf = None

    def _pop(self, line_start: int) -> None:
        part, line, _needle = self._open.pop()
        if self._leaf is not None:
            self._leaf.end = self._body_end(self._leaf.start, line_start)
            self._leaf = None
        levels = self._levels[line]
        levels.pop()
        if not levels:
            del self._levels[line]
        part.end = self._body_end(part.start, line_start)

    def _body_end(self, start: int, line_start: int) -> int:
        """The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1); the message's end is none."""
        raw, end = self._raw, line_start
        if end < len(raw) and end > start and raw[end - 1] == 10:
            end -= 1
            if end > start and raw[end - 1] == 13:
                end -= 1
        return max(end, start)
