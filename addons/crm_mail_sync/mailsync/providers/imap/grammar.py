# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""IMAP's formal syntax (RFC 3501 §9), as far as answers are read and arguments are written."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Union

from imapclient import imap_utf7

Item = Union[bytes, None, list["Item"]]  # noqa: UP007  (a string cannot be part of X | Y before 3.14)

_TOKEN = re.compile(
    rb"""\s*(?:
        (?P<open>\() | (?P<close>\))
        | "(?P<quoted>(?:[^"\\]|\\.)*)"
        | (?P<literal>~?\{\d+\+?\})
        | (?P<atom>(?:\[[^\[\]]*\] | [^\s()"])+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_INTERNALDATE = re.compile(rb"\s?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = {name.encode().lower(): i for i, name in enumerate(calendar.month_abbr) if name}


@dataclass(slots=True)
class Response:
    """An untagged response: its text without "* ", the literals that its ``{n}`` stand for.

    ``oversized``: bytes of a literal that was announced larger than allowed; the response ends before it.
    """

    text: bytes
    literals: list[bytes] = field(default_factory=list)
    oversized: int = 0

    def items(self) -> list[Item] | None:
        """The response as nested lists, NIL as None; None if it breaks the syntax."""
        return _parse(self.text, iter(self.literals))


def _parse(text: bytes, literals: Iterator[bytes]) -> list[Item] | None:
    items: list[Item] = []
    stack: list[list[Item]] = []
    end = len(text)
    position = 0
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            return items if not stack and not text[position:].strip() else None
        position = match.end()
        kind = match.lastgroup
        if kind == "atom":
            atom = match["atom"]
            items.append(None if atom.upper() == b"NIL" else atom)
        elif kind == "open":
            stack.append(items)
            items = []
        elif kind == "close":
            if not stack:
                return None
            closed = items
            items = stack.pop()
            items.append(closed)
        elif kind == "quoted":
            items.append(_ESCAPED.sub(rb"\1", match["quoted"]))
        else:
            literal = next(literals, None)
            if literal is None:
                return None
            items.append(literal)
    return None if stack else items


def pairs(items: Sequence[Item]) -> dict[bytes, Item]:
    """``NAME value NAME value`` as a mapping; names in upper case, without a section's arguments."""
    found: dict[bytes, Item] = {}
    for name, value in zip(items[::2], items[1::2], strict=False):
        if isinstance(name, bytes):
            found[name.upper().partition(b"[")[0]] = value
    return found


def number(item: Item) -> int | None:
    """A number of up to 63 bits (RFC 7162 §7), None for anything else."""
    if isinstance(item, list) and len(item) == 1:
        item = item[0]
    if isinstance(item, bytes) and item.isdigit() and len(item) < 20:
        return int(item)
    return None


def quoted(name: bytes) -> bytes:
    """A mailbox name as a quoted string; raises ValueError for one that would end the command."""
    if any(byte in b"\r\n\0" for byte in name):
        raise ValueError("control character in a name")
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def uid_set(uids: Iterable[int]) -> bytes:
    """A sequence-set, runs as ranges.

    >>> uid_set([5, 1, 2, 3, 9])
    b'1:3,5,9'
    """
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return b",".join(b"%d" % a if a == b else b"%d:%d" % (a, b) for a, b in runs)


def expanded(sequence_set: bytes, limit: int) -> list[int] | None:
    """The numbers of a sequence-set in ascending order, None if it is none or holds more than ``limit``."""
    found: list[int] = []
    for part in sequence_set.split(b","):
        first, colon, last = part.partition(b":")
        start, stop = number(first), number(last if colon else first)
        if start is None or stop is None:
            return None
        start, stop = min(start, stop), max(start, stop)
        if len(found) + stop - start >= limit:
            return None
        found.extend(range(start, stop + 1))
    return sorted(set(found))


def internal_date(value: Item) -> float | None:
    """INTERNALDATE as seconds since the epoch, None if it is no date."""
    match = _INTERNALDATE.fullmatch(value) if isinstance(value, bytes) else None
    if match is None or match[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[i]) for i in (1, 3, 4, 5, 6))
    offset = (int(match[8]) * 60 + int(match[9])) * 60
    if not 1 <= year <= 9999 or not 1 <= day <= 31:
        return None
    moment = calendar.timegm((year, _MONTHS[match[2].lower()], day, hour, minute, second))
    return float(moment - offset if match[7] == b"+" else moment + offset)


def flag_set(item: Item) -> frozenset[str]:
    """Flags as text; \\Recent is left out: it says something of sessions, not of the message."""
    if not isinstance(item, list):
        return frozenset()
    flags = (flag.decode("ascii", "replace") for flag in item if isinstance(flag, bytes))
    return frozenset(flag for flag in flags if flag.isprintable() and flag.lower() != "\\recent")


def mailbox_name(raw: bytes) -> str:
    """A mailbox name for people, from modified UTF-7 (RFC 3501 §5.1.3) or what a lax server sends instead."""
    try:
        decoded = imap_utf7.decode(raw) if raw.isascii() and b"&" in raw else raw.decode("utf-8")
        decoded.encode("utf-8")
    except (UnicodeError, ValueError):
        decoded = raw.decode("latin-1")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in decoded)
