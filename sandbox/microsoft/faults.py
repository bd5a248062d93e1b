# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Trouble on order, with the bodies that Entra and Graph send."""

from __future__ import annotations

from typing import Any

from sandbox.google.faults import Fault, Kind
from sandbox.google.faults import Faults as _Faults

from .errors import usual


class Faults(_Faults):
    """All orders, see the parent class; ``reason`` is the code of Graph's error."""

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
        if body is None and kind in ("answer", "part"):
            error = usual(status or 500, reason)
            status, body, headers = error.status, error.body, {**error.headers, **(headers or {})}
        return super().add(route, times, after, status, body, headers, kind, share=share, seed=seed)
