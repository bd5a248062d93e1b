# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A folder's bookmark: up to where the mailbox's history is told of it, and how far its listing has come."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Literal

_FORM = 1
Phase = Literal["listing", "sweep", "history"]
_PHASES: tuple[Phase, ...] = ("listing", "sweep", "history")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to the record ``history`` is told, and of the record behind it the first ``within`` messages.

    The listing goes through pages of ids: ``token`` is the page that it is in ("" for the first), ``last`` the last
    id of it that was dealt with. ``looks``: how often the server was asked for ids. If that was more than once, the
    ids may have shifted between two looks, and a sweep over all of them follows.
    ``total`` and ``done``: messages in the folder when the listing began, and dealt with since.
    ``hour``: of the epoch, when a cursor behind everything was made; 0 before.
    """

    history: int
    within: int = 0
    phase: Phase = "listing"
    token: str = ""
    last: str = ""
    looks: int = 0
    total: int = 0
    done: int = 0
    hour: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor from its text; None if it is none that this version wrote."""
        try:
            form, history, within, phase, token, last, looks, total, done, hour = json.loads(text)
        except (ValueError, TypeError):
            return None
        if form != _FORM or phase not in _PHASES or not isinstance(history, int):
            return None
        return cls(history, within, phase, token, last, looks, total, done, hour)

    def text(self) -> str:
        listing = [self.phase, self.token, self.last, self.looks, self.total, self.done]
        return json.dumps([_FORM, self.history, self.within, *listing, self.hour], separators=(",", ":"))

    @property
    def is_listed(self) -> bool:
        return self.phase == "history"

    @property
    def is_endless(self) -> bool:
        """Whether far more pages of ids were asked for than the folder can have."""
        return self.looks > 100 + self.total // 10

    @property
    def remaining(self) -> int:
        return max(self.total - self.done, 0) if self.phase == "listing" else 0

    def told(self, history: int, within: int = 0) -> Cursor:
        return replace(self, history=history, within=within)

    def listed(self, last: str, count: int) -> Cursor:
        """Behind ``count`` further messages of the same page of ids."""
        return replace(self, last=last, done=self.done + count)

    def next_page(self, token: str, count: int) -> Cursor:
        return replace(self, token=token, last="", done=self.done + count)

    def phase_over(self) -> Cursor:
        """Behind the last page of ids."""
        following: Phase = "sweep" if self.phase == "listing" and self.looks > 1 else "history"
        return replace(self, phase=following, token="", last="")

    def from_the_top(self) -> Cursor:
        """The page of ids is not to be had any more: what was dealt with is known, and costs nearly nothing again."""
        return replace(self, token="", last="", done=0, looks=self.looks + 1)
