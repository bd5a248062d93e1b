# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mail between servers: what one sends to somebody whom it does not know, another one may."""

from __future__ import annotations

from collections.abc import Callable

# Takes a message for an address.
Deliver = Callable[[str, bytes], object]


class Post:
    """Addresses in lower case, and who delivers there; mail for others is taken and kept nowhere."""

    def __init__(self) -> None:
        self._routes: dict[str, Deliver] = {}

    def add(self, address: str, deliver: Deliver) -> None:
        self._routes[address.lower()] = deliver

    def deliver(self, address: str, content: bytes) -> None:
        if deliver := self._routes.get(address.lower()):
            deliver(address.lower(), content)


def nowhere(_address: str, _content: bytes) -> None:
    """Where nobody else is."""
