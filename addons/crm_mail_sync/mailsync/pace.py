# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Keeping within a provider's quota, so that it never has to refuse anything.

Quotas count what was used in a span of time: Gmail's 6,000 units in a minute, Graph's 10,000 requests in ten minutes.
A session spends before it asks. When the span's worth is used up it does not wait: it ends, and the mailbox has its
next turn when there is room again.
"""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Callable
from typing import final

from .errors import Paced


@final
class Budget:
    """What may be used in any span of time.

    A part is held back for what cannot wait (new mail), so that a long import never stands in its way.
    """

    def __init__(
        self,
        units: int,
        seconds: float,
        reserve: int = 0,
        spent: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        :param units: at most so many in any ``seconds``.
        :param reserve: units of these that only ``urgent`` spending may use.
        :param spent: what earlier sessions used, see ``text``.
        :param clock: seconds since the epoch; sessions on several machines share the time of day only.
        """
        self._units = units
        self._seconds = seconds
        self._reserve = reserve
        self._clock = clock
        self._spent: deque[tuple[float, int]] = deque(_read(spent))

    def spend(self, units: int, *, urgent: bool = False) -> None:
        """Count ``units`` as used from now on; raises Paced, and counts nothing, if there is no room for them."""
        now = self._clock()
        room = self._units if urgent else self._units - self._reserve
        if wait := self._wait(now, max(room - units, 0)):
            raise Paced(retry_after=wait)
        if self._spent and int(self._spent[-1][0]) == int(now):
            # Of one second only the sum is of interest, counted as its latest moment.
            units += self._spent.pop()[1]
        self._spent.append((now, units))

    def left(self, *, urgent: bool = False) -> int:
        """Units that could be spent now."""
        self._forget(self._clock())
        room = self._units if urgent else self._units - self._reserve
        return max(room - self._sum(), 0)

    def use_up(self) -> None:
        """The provider says that there is no room: others use the same quota, or our clock is not its own."""
        self._spent.append((self._clock(), self._units))

    def text(self) -> str:
        """What is to be remembered until the next session; "" for nothing."""
        self._forget(self._clock())
        # Rounded up: a moment too early would let units be used again too soon.
        kept = [[math.ceil(moment * 10) / 10, units] for moment, units in self._spent]
        return json.dumps(kept) if kept else ""

    def _wait(self, now: float, most: int) -> float:
        """Seconds until no more than ``most`` units are in the span that ends then."""
        self._forget(now)
        over = self._sum() - most
        if over <= 0:
            return 0.0
        for moment, units in self._spent:
            over -= units
            if over <= 0:
                return max(moment + self._seconds - now, 0.1)
        return self._seconds

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] + self._seconds <= now:
            self._spent.popleft()
        # A clock that was set back must not lock the mailbox out. That holds if what is remembered is moved too: it is
        # to be stored (``text``) also when there was no room.
        self._spent = deque((min(moment, now), units) for moment, units in self._spent)

    def _sum(self) -> int:
        return sum(units for _moment, units in self._spent)


def _read(text: str) -> list[tuple[float, int]]:
    return [(float(moment), int(units)) for moment, units in json.loads(text)] if text else []
