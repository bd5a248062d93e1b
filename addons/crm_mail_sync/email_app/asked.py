# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What somebody typed into the app's search: words, and what narrows them.

``from: to: subject: has:file is:unread is:starred before: after: in:folder``; a value with blanks stands in quotes.
What is no such word is looked for as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from ..scan.indexed import searched

_PART = re.compile(r'(?:(\w+):)?(?:"([^"]*)"?|(\S+))')
# What a search text is made of; nothing of it means anything to PostgreSQL.
_WORD = re.compile(r"[\w@.+-]+")
# Where a word may stand, as weights of the index's search text.
_FIELDS = {"from": "B", "to": "C", "cc": "C", "subject": "A"}
_HAS = frozenset({"file", "files", "attachment", "attachments"})
_IS = {"unread": "unread", "starred": "flagged", "flagged": "flagged"}
# A longer question finds no more.
_MOST_WORDS = 12
_MOST_CHARACTERS = 300


@dataclass(frozen=True)
class Asked:
    """``words``: (word, weight, "" for anywhere), all of which must be there, each by its beginning.

    ``only``: names of filters. ``since`` and ``until``: received from this moment on, and before that one.
    """

    words: tuple[tuple[str, str], ...] = ()
    only: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, text: str) -> Asked:
        draft = _Draft()
        for key, quoted, plain in _PART.findall(text[:_MOST_CHARACTERS]):
            draft.add(key.lower(), quoted or plain)
        return cls(
            tuple(dict.fromkeys(draft.words))[:_MOST_WORDS],
            frozenset(draft.only),
            tuple(draft.folders),
            draft.since,
            draft.until,
        )


@dataclass
class _Draft:
    words: list[tuple[str, str]] = field(default_factory=list)
    only: set[str] = field(default_factory=set)
    folders: list[str] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None

    def add(self, key: str, value: str) -> None:
        if not value:
            return
        if key in _FIELDS:
            self._add_words(value, _FIELDS[key])
        elif key == "has" and value.lower() in _HAS:
            self.only.add("files")
        elif key == "is" and value.lower() in _IS:
            self.only.add(_IS[value.lower()])
        elif key == "in":
            self.folders.append(value)
        elif not (key in ("after", "before") and self._add_day(key, value)):
            self._add_words(f"{key} {value}", "")

    def _add_words(self, value: str, weight: str) -> None:
        for word in _WORD.findall(searched(value)):
            if word := word.strip(".+-"):
                self.words.append((word, weight))

    def _add_day(self, key: str, value: str) -> bool:
        day = _day(value)
        if day is None:
            # While it is being typed.
            return value[0].isdigit()
        moment = datetime(day.year, day.month, day.day)
        if key == "after":
            self.since = moment
        else:
            self.until = moment
        return True


def _day(value: str) -> date | None:
    """A day as people write it: 2026-03-02, 2026/3/2, 2.3.2026, 2026-03, 2026."""
    numbers = [int(number) for number in re.findall(r"\d+", value)][:3]
    if numbers and numbers[0] < 1000 and len(numbers) == 3:
        numbers.reverse()
    if not numbers or numbers[0] < 1000:
        return None
    try:
        return date(*[*numbers, 1, 1][:3])
    except ValueError:
        return None
