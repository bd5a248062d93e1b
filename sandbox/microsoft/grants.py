# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Codes and tokens: what they open, for how long, and what ends them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.cloud.clock import Clock

CODE_SECONDS = 600
ACCESS_SECONDS = 3_600
REFRESH_SECONDS = 90 * 86_400
# what tokens for Graph are for
GRAPH = "graph"
OPEN_ID = frozenset({"openid", "profile", "email", "offline_access"})


@dataclass(frozen=True)
class Code:
    client_id: str
    address: str
    scopes: tuple[str, ...]
    redirect_uri: str
    tenant: str
    nonce: str
    challenge: str
    made: float


@dataclass(frozen=True)
class Access:
    """``address`` is "" for an application's own token, which has ``roles`` in the place of ``scopes``."""

    client_id: str
    tenant: str
    address: str
    scopes: frozenset[str]
    roles: frozenset[str]
    ends: float
    audience: str


@dataclass(frozen=True)
class Refresh:
    client_id: str
    tenant: str
    address: str
    scopes: tuple[str, ...]
    ends: float


class Grants:
    """All that was granted; old refresh tokens stay valid beside new ones unless ``strict_rotation`` is set."""

    def __init__(self, clock: Clock) -> None:
        self.strict_rotation = False
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, Code] = {}
        self._used: set[str] = set()
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Refresh] = {}
        self._revoked: set[str] = set()

    def make_code(self, code: Code) -> str:
        text = f"0.{secrets.token_urlsafe(48)}"
        with self._lock:
            self._codes[text] = code
        return text

    def take_code(self, text: str) -> Code | None:
        """None if it is unknown or has expired; a second use is told by ``was_used``."""
        with self._lock:
            code = self._codes.pop(text, None)
            if code:
                self._used.add(text)
        return code if code and code.made + CODE_SECONDS > self._clock.now() else None

    def was_used(self, text: str) -> bool:
        return text in self._used

    def make_access(
        self,
        client_id: str,
        tenant: str,
        address: str,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        audience: str = GRAPH,
    ) -> str:
        text = f"eyJ0eXAi.{secrets.token_urlsafe(96)}.{secrets.token_urlsafe(32)}"
        ends = self._clock.now() + ACCESS_SECONDS
        access = Access(client_id, tenant, address, frozenset(scopes), frozenset(roles), ends, audience)
        with self._lock:
            self._access[text] = access
        return text

    def access(self, text: str) -> Access | None:
        """What a token opens, while it is valid."""
        with self._lock:
            found = self._access.get(text)
        return found if found and found.ends > self._clock.now() else None

    def make_refresh(self, client_id: str, tenant: str, address: str, scopes: tuple[str, ...]) -> str:
        text = f"0.AX{secrets.token_urlsafe(96)}"
        with self._lock:
            self._refresh[text] = Refresh(client_id, tenant, address, scopes, self._clock.now() + REFRESH_SECONDS)
        return text

    def refresh(self, text: str) -> Refresh | None:
        with self._lock:
            return self._refresh.get(text)

    def is_revoked(self, text: str) -> bool:
        with self._lock:
            return text in self._revoked

    def used(self, text: str) -> None:
        """A refresh token has given a new one."""
        with self._lock:
            if self.strict_rotation:
                self._revoked.add(text)

    def revoke(self, address: str) -> None:
        """An administrator ends all sessions of a user: every token of his dies."""
        with self._lock:
            self._revoked |= {text for text, refresh in self._refresh.items() if refresh.address == address}
            for text in [text for text, access in self._access.items() if access.address == address]:
                del self._access[text]
