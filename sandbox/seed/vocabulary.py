# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Words for the blanks in the conversations, by language: goods, colours, dates, sums, what mail programs write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from .world import DATA


@dataclass(frozen=True, slots=True)
class Language:
    """An entry of ``data/languages.json``.

    ``goods``: one, many, price. ``separators``: of thousands and decimals. ``replied``: what stands before the
    subject of an answer.
    ``header``: From, Sent, To, Subject as Outlook writes them above a quotation; ``wrote``: what others write there,
    ``when`` the format of its date; ``phone``: what an iPhone signs with.
    """

    goods: list[tuple[str, str, int]]
    colours: list[str]
    months: list[str]
    weekdays: list[str]
    cities: list[str]
    floors: list[str]
    day: str
    money: str
    separators: tuple[str, str]
    replied: str
    header: tuple[str, str, str, str]
    wrote: str
    phone: str
    when: str


def _load() -> dict[str, Language]:
    raw = json.loads((DATA / "languages.json").read_text(encoding="utf-8"))
    return {code: Language(**fields) for code, fields in raw.items()}


LANGUAGES = _load()


def spoken_day(language: Language, day: date) -> str:
    """A day as it is written in a letter, without its year."""
    return language.day.format(d=day.day, month=language.months[day.month - 1])


def money(language: Language, value: float) -> str:
    """A sum with the separators of the language."""
    thousands, decimals = language.separators
    return language.money.format(value=value).translate(str.maketrans(",.", thousands + decimals))
