# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Trouble on order: which call goes wrong, how often and in which way."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .call import Answer

Kind = Literal["answer", "done", "part", "cut", "reset", "slow", "duplicate", "stale", "replay", "empty"]

# What only a whole HTTP request can suffer, not a part of a batch.
_OF_CONNECTIONS = ("cut", "reset", "slow")


@dataclass
class Fault:
    """One order. ``hits`` says how often it has struck.

    A slow answer waits for :attr:`release`; :attr:`reached` is set as soon as a request waits there.
    """

    route: str | None
    kind: Kind
    times: int | None
    after: int
    share: float
    status: int
    body: bytes
    headers: dict[str, str]
    hits: int = 0
    release: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    dice: random.Random = field(default_factory=random.Random)

    def strikes(self, route: str, part: bool) -> bool:
        """Whether this call is met; counts it."""
        if self.route not in (None, route) or self.times == 0:
            return False
        if (part and self.kind in _OF_CONNECTIONS) or (not part and self.kind == "part"):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.share < 1 and self.dice.random() >= self.share:
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        return True


class Faults:
    """All orders; the oldest one that fits a call strikes."""

    def __init__(self, routes: frozenset[str], usual: Callable[[int | None, str | None], Answer]) -> None:
        """
        :param routes: the names that calls have in the log.
        :param usual: what the real API answers with this status or for this reason; raises KeyError.
        """
        self._routes = routes
        self._usual = usual
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        route: str | None = None,
        times: int | None = 1,
        after: int = 0,
        status: int | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        kind: Kind = "answer",
        *,
        reason: str | None = None,
        share: float = 1.0,
        seed: int = 0,
    ) -> Fault:
        """Order a fault.

        - ``answer``: this status and body, for a request or a part of a batch; ``part``: only for a part
        - ``done``: the same after what was asked for was done
        - ``cut``: half of the body, then the end; ``reset``: the connection is reset before an answer
        - ``slow``: the answer's first byte is held until :attr:`Fault.release` is set
        - ``duplicate``: a list has each of its entries twice; ``replay``: those of the page before come once more
        - ``empty``: a page without entries that says there is more, at the link that was just asked
        - ``stale``: what came later than the last call, or than the same question before, is not there yet

        :param route: the name as in the log; None for every route
        :param times: how many calls are met; None for all from now on
        :param after: how many fitting calls pass before
        :param body: bytes, text or what is written as JSON; left out, it is what the real API answers with the status
        :param reason: which of the real errors: ``dailyLimitExceeded``, ``resyncRequired``, an AADSTS number
        :param share: which part of the fitting calls is met, by dice seeded with ``seed``
        :raises ValueError: there is no such route
        :raises KeyError: the body of this status is not known, so it has to be given
        """
        if route is not None and route not in self._routes:
            raise ValueError(f"There is no route {route!r}.")
        if body is None and kind in ("answer", "done", "part"):
            usual = self._usual(status, reason)
            status, body, headers = status or usual.status, usual.body, {**usual.headers, **(headers or {})}
        content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else _json(body)
        dice = random.Random(seed)
        fault = Fault(route, kind, times, after, share, status or 200, content, dict(headers or {}), dice=dice)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take back all orders; who waits is let go."""
        with self._lock:
            for fault in self._faults:
                fault.release.set()
            self._faults = []

    def meet(self, route: str, part: bool) -> Fault | None:
        """The fault that strikes this call, if any."""
        with self._lock:
            return next((fault for fault in self._faults if fault.strikes(route, part)), None)


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()
