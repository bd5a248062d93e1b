# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one clock of the stand-in: expiry, quotas and history all follow it, and a test moves it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """The computer's time, moved by what :meth:`advance` has added up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead = 0.0
        self._stopped: float | None = None
        self.skew = 0.0

    def now(self) -> float:
        """Seconds since 1970 by which the stand-in decides."""
        return (time.time() if self._stopped is None else self._stopped) + self._ahead

    def stamp(self) -> int:
        """Seconds since 1970 as written into signed tokens.

        Clients check these against the computer's clock, which :meth:`advance` does not move; :attr:`skew`, in seconds,
        puts the two apart on purpose.
        """
        return int(time.time() + self.skew)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Within it no time passes but by :meth:`advance`, however long the computer takes."""
        self._stopped = time.time()
        try:
            yield
        finally:
            self._stopped = None

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once."""
        with self._lock:
            self._ahead += seconds
