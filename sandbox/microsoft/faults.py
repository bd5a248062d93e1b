# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Trouble on order, with the bodies that Entra and Graph send."""

from __future__ import annotations

import json
import random
import threading
from typing import Any

from sandbox.google.faults import Fault, Kind

from .errors import refusal, usual


class Faults:
    """All orders; the oldest one that fits a call strikes."""

    def __init__(self, routes: frozenset[str]) -> None:
        self._routes = routes
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
        - ``cut``: half of the body, then the end; ``reset``: the connection is reset before an answer
        - ``slow``: the answer's first byte is held until ``Fault.release`` is set
        - ``duplicate``: a list has each of its entries twice; ``replay``: those of the page before come once more
        - ``empty``: a page without entries that says there is more, at the link that was just asked
        - ``stale``: the answer is what the same question got before; a delta link finds nothing new

        :param route: the name as in the log; None for every route
        :param times: how many calls are met; None for all from now on
        :param after: how many fitting calls pass before
        :param body: bytes, text or what is written as JSON; left out, it is what Graph answers with the status
        :param reason: the code of Graph's error, for example ``resyncRequired``, or an AADSTS number of Entra's
        :param share: which part of the fitting calls is met, by dice seeded with ``seed``
        :raises ValueError: there is no such route
        :raises KeyError: the AADSTS number is not known
        """
        if route is not None and route not in self._routes:
            raise ValueError(f"There is no route {route!r}.")
        if body is None and kind in ("answer", "part"):
            is_entras = reason is not None and reason.isdecimal()
            usually = refusal(int(reason or 0)).answer() if is_entras else usual(status or 500, reason).answer()
            status, body, headers = status or usually.status, usually.body, {**usually.headers, **(headers or {})}
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = json.dumps(body).encode()
        dice = random.Random(seed)
        fault = Fault(route, kind, times, after, share, status or 200, body, dict(headers or {}), dice=dice)
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
