# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A folder's bookmark: what of it is listed, and by which signs a change shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

_FORM = 1


@dataclass(frozen=True, slots=True)
class Status:
    """A folder as STATUS or EXAMINE tells it; None is what the server did not say."""

    validity: int | None = None
    next: int | None = None
    messages: int | None = None
    unseen: int | None = None
    modseq: int | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Listed are the UIDs in [low, next), under this UIDVALIDITY; below ``low`` lies the backlog.

    ``messages`` are those listed and, as far as is known, still there; ``unseen`` those of them without \\Seen.
    ``modseq`` is the HIGHESTMODSEQ up to which flags are told, 0 without CONDSTORE (RFC 7162).
    """

    validity: int
    low: int
    next: int
    messages: int = 0
    unseen: int = 0
    modseq: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor from its text; None if it is none that this version wrote."""
        try:
            form, *numbers = json.loads(text)
        except (ValueError, TypeError):
            return None
        if form != _FORM or len(numbers) != 6 or not all(isinstance(n, int) for n in numbers):
            return None
        return cls(*numbers)

    def text(self) -> str:
        fields = [self.validity, self.low, self.next, self.messages, self.unseen, self.modseq]
        return json.dumps([_FORM, *fields], separators=(",", ":"))

    @property
    def has_backlog(self) -> bool:
        return self.low > 1

    def void_under(self, validity: int, following: int) -> bool:
        """Whether the folder is another one by now; a UIDNEXT that went back says so too (RFC 3501 §2.3.1.1)."""
        return self.validity != validity or following < self.next

    def differs(self, status: Status) -> bool:
        """Whether a folder with this status may hold something behind the cursor."""
        if self.has_backlog or self.validity != status.validity or self.messages != status.messages:
            return True
        if status.next is not None and status.next != self.next:
            return True
        if self.modseq:
            return self.modseq != status.modseq
        return self.unseen != status.unseen

    def listed(self, low: int, following: int, messages: int, unseen: int) -> Cursor:
        """Behind a page that widened the listed range."""
        return replace(
            self,
            low=low,
            next=following,
            messages=self.messages + messages,
            unseen=self.unseen + unseen,
        )
