# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A folder's bookmark: the link that Graph gave to go on with, and what is needed to see that it leads in a circle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

_FORM = 1
# Pages in a row that hold nothing, after which a listing is taken for one without end.
_MOST_EMPTY = 1_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """``link`` is opaque and whole.

    ``is_listing``: it leads on through a listing that is not at its end (nextLink); else to what has changed
    since (deltaLink). ``is_first``: it is the listing of all that the folder holds.
    ``pages``, ``empty``: of this round so far; ``empty`` are those in a row that held nothing. ``mark``: a digest
    of one of its links. ``restarts``: how often the round was begun anew because it led in a circle.
    """

    link: str
    is_listing: bool = False
    is_first: bool = False
    pages: int = 0
    empty: int = 0
    mark: str = ""
    restarts: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor from its text; None if it is none that this version wrote."""
        try:
            form, *values = json.loads(text)
            cursor = cls(*values)
        except (ValueError, TypeError):
            return None
        return cursor if form == _FORM and isinstance(cursor.link, str) else None

    def text(self) -> str:
        values = [self.link, self.is_listing, self.is_first, self.pages, self.empty, self.mark, self.restarts]
        return json.dumps([_FORM, *values], separators=(",", ":"))

    def followed(self, link: str, *, is_empty: bool) -> Cursor:
        """Behind a page that leads on by ``link``."""
        pages = self.pages + 1
        # Of all links one at a time is remembered, that of the last page whose number is a power of two: a circle
        # of whatever length is met at its mark before long (Brent's cycle finding).
        mark = _digest(self.link) if pages & (pages - 1) == 0 else self.mark
        return replace(self, link=link, pages=pages, empty=self.empty + 1 if is_empty else 0, mark=mark)

    @property
    def is_endless(self) -> bool:
        return self.empty >= _MOST_EMPTY or bool(self.mark and _digest(self.link) == self.mark)


def _digest(link: str) -> str:
    return hashlib.sha256(link.encode()).hexdigest()[:24]
