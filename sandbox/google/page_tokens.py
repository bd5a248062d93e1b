# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Page tokens: opaque, of one query only, and they die."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.cloud.clock import Clock

from . import errors

SECONDS = 3_600.0


class Pages:
    """The page tokens of one mailbox. What a token stands for is known here alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pages: dict[str, tuple[object, Any, float]] = {}

    def make(self, query: object, place: Any) -> str:
        """A token for what follows after ``place`` in the answer to ``query``."""
        token = secrets.token_urlsafe(15)
        self._pages[token] = (query, place, self._clock.now() + SECONDS)
        return token

    def place(self, token: str, query: object) -> Any:
        """:raises ApiError: 400 when the token is unknown, too old, or of another query"""
        of, place, expires = self._pages.get(token, (None, None, 0.0))
        if of != query or expires <= self._clock.now():
            raise errors.invalid("Invalid pageToken")
        return place

    def expire(self) -> None:
        """Let all tokens given out so far die."""
        self._pages = {}
