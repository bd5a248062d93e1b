# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Dates of RFC 5322 §3.3 and §4.3, and what mailers write instead."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import date

_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
# minutes east of Greenwich: RFC 5322 §4.3, and others that are met; military zones are more often wrong than right
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "nst": -210, "ndt": -150,
    "bst": 60, "west": 60, "ist": 330, "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "msd": 240, "sgt": 480, "hkt": 480, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
_USUAL = re.compile(
    r"\s*(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d{2}):(\d{2})(?::(\d{2}))?\s+([+-])(\d{2})(\d{2})(?!\d)",
    re.ASCII,
)
_TOKEN = re.compile(
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})T?|(?P<time>\d{1,2}[:.]\d{2}(?:[:.]\d{1,2})?)(?:[.,]\d+)?"
    r"|(?P<offset>[+-]\d{1,2}:?\d{2}(?!\d))|(?P<number>\d{1,4}(?!\d))|(?P<word>[^\W\d_]+)|.",
    re.DOTALL,
)
_LONGEST = 200


def parse_date(value: str) -> float | None:
    """Seconds since the epoch, None if the value is no date; never the present for want of a better one."""
    usual = _USUAL.match(value)
    if usual:
        day, month, year, hour, minute, second, sign, zone_h, zone_m = usual.groups()
        zone = (int(zone_h) * 60 + int(zone_m)) * (-1 if sign == "-" else 1)
        clock = (int(hour), int(minute), int(second or 0))
        return _epoch(int(year), _MONTHS.get(month.lower(), 0), int(day), clock, zone)
    return _parse_loosely(_without_comments(value[:_LONGEST]))


def _epoch(year: int, month: int, day: int, clock: tuple[int, int, int], zone: int) -> float | None:
    hour, minute, second = clock
    if hour > 24 or minute > 59 or second > 61 or not 1900 <= year <= 9999:
        return None
    if abs(zone) >= 24 * 60:
        zone = 0
    try:
        date(year, month, day)
    except ValueError:
        return None
    return float(timegm((year, month, day, hour, minute, second)) - zone * 60)


def _without_comments(value: str) -> str:
    # a zone's name in a comment is a comment (RFC 5322 §4.3 knows them by their offset)
    return re.sub(r"\([^()]*\)", " ", value)


def _parse_loosely(value: str) -> float | None:
    """The parts in any order: a month's name, a time, an offset or zone, and numbers for day and year."""
    numbers: list[str] = []
    month = 0
    clock: tuple[int, int, int] | None = None
    zone: int | None = None
    half, has_offset = "", False
    for match in _TOKEN.finditer(value):
        kind, token = match.lastgroup, match[0]
        if kind == "iso":
            year, month_text, day_text = match["iso"].split("-")
            numbers, month = [day_text, year], int(month_text)
        elif kind == "time" and clock is None:
            clock = _clock(match["time"])
        elif kind == "offset" and clock is not None and not has_offset:
            # "GMT+0100": the figures tell more than the name
            zone, has_offset = _offset(token), True
        elif kind == "number":
            numbers.append(token)
        elif kind == "word":
            word = token.lower()
            month = month or _MONTHS.get(word[:3], 0)
            if zone is None and clock is not None:
                zone = _ZONES.get(word)
            half = word if word in ("am", "pm") else half
    if not month or len(numbers) < 2:
        return None
    return _assemble(numbers, month, _half_day(clock or (0, 0, 0), half), zone or 0)


def _assemble(numbers: list[str], month: int, clock: tuple[int, int, int], zone: int) -> float | None:
    day, year = numbers[:2]
    if len(day) > 2:
        day, year = year, day
    if len(day) > 2:
        return None
    return _epoch(_full_year(year), month, int(day), clock, zone)


def _full_year(year: str) -> int:
    """RFC 5322 §4.3: two digits below 50 are of this century, the others and three digits count from 1900."""
    number = int(year)
    if len(year) <= 2:
        return number + (2000 if number < 50 else 1900)
    return number + 1900 if len(year) == 3 else number


def _clock(text: str) -> tuple[int, int, int]:
    hour, minute, *rest = (int(part) for part in re.split("[:.]", text))
    return hour, minute, rest[0] if rest else 0


def _half_day(clock: tuple[int, int, int], half: str) -> tuple[int, int, int]:
    hour, minute, second = clock
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return hour, minute, second


def _offset(text: str) -> int:
    digits = text[1:].replace(":", "").zfill(4)
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if text[0] == "-" else minutes
