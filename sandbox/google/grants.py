# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Google remembers about clients, consents and tokens, and how tokens die.

Sources: developers.google.com/identity/protocols/oauth2 (expiration), .../web-server, .../service-account.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sandbox.cloud.clock import Clock

DAY = 86_400.0
ACCESS_SECONDS = 3_599
CODE_SECONDS = 600.0
TESTING_DAYS = 7
UNUSED_DAYS = 180
MOST_REFRESH_TOKENS = 100

MAIL = "https://mail.google.com/"
GMAIL = "https://www.googleapis.com/auth/gmail."

IDENTITY_SCOPES = {
    "openid": "openid",
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}


def full_names(scopes: Iterable[str]) -> list[str]:
    """Scopes as token answers name them, each once, in order."""
    return list(dict.fromkeys(IDENTITY_SCOPES.get(scope, scope) for scope in scopes))


@dataclass(frozen=True)
class Client:
    """An OAuth client of type *Web application*.

    :param internal_domain: only accounts of this Workspace domain may use it
    :param testing: the project is not published, its refresh tokens die after a week
    """

    id: str
    secret: str
    redirect_uris: Sequence[str]
    internal_domain: str | None = None
    testing: bool = False


@dataclass(frozen=True)
class Code:
    """What an authorization code stands for."""

    client_id: str
    address: str
    scopes: tuple[str, ...]
    redirect_uri: str
    offline: bool
    nonce: str
    challenge: str
    method: str
    made: float


@dataclass
class Refresh:
    """A refresh token and its life."""

    client_id: str
    address: str
    scopes: tuple[str, ...]
    made: float
    used: float
    token: str = field(default_factory=lambda: "1//" + secrets.token_urlsafe(48))


@dataclass(frozen=True)
class Access:
    """An access token: whose it is and what it is good for."""

    client_id: str
    address: str
    scopes: tuple[str, ...]
    expires: float
    refresh: str | None = None


class Grants:
    """All clients, consents, codes and tokens. Every method may be called by several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._clients: dict[str, Client] = {}
        self._consents: dict[tuple[str, str], tuple[str, ...]] = {}
        self._codes: dict[str, Code] = {}
        self._refresh: dict[str, Refresh] = {}
        self._access: dict[str, Access] = {}

    def register(self, client: Client) -> None:
        with self._lock:
            self._clients[client.id] = client

    def client(self, client_id: str) -> Client | None:
        return self._clients.get(client_id)

    def consented(self, client_id: str, address: str) -> tuple[str, ...]:
        """What the user has allowed this client so far."""
        return self._consents.get((client_id, address), ())

    def consent(self, client_id: str, address: str, scopes: Iterable[str]) -> None:
        with self._lock:
            scopes = full_names([*self.consented(client_id, address), *scopes])
            self._consents[client_id, address] = tuple(scopes)

    def make_code(self, code: Code) -> str:
        text = "4/0" + secrets.token_urlsafe(40)
        with self._lock:
            self._codes[text] = code
        return text

    def take_code(self, text: str) -> Code | None:
        """What the code stands for; it is used up by that, and dies by itself after ten minutes."""
        with self._lock:
            code = self._codes.pop(text, None)
        return code if code and code.made + CODE_SECONDS > self._clock.now() else None

    def make_refresh(self, client_id: str, address: str, scopes: Sequence[str]) -> Refresh:
        """A new refresh token; the oldest one dies when there are too many of this client and user."""
        now = self._clock.now()
        refresh = Refresh(client_id, address, tuple(scopes), now, now)
        with self._lock:
            same = [old for old in self._refresh.values() if (old.client_id, old.address) == (client_id, address)]
            for old in same[: max(0, len(same) + 1 - MOST_REFRESH_TOKENS)]:
                del self._refresh[old.token]
            self._refresh[refresh.token] = refresh
        return refresh

    def use_refresh(self, client: Client, token: str) -> Refresh | None:
        """The grant behind a refresh token of this client, if it still lives."""
        now = self._clock.now()
        with self._lock:
            refresh = self._refresh.get(token)
            if refresh is None or refresh.client_id != client.id:
                return None
            too_old = client.testing and refresh.made + TESTING_DAYS * DAY <= now
            if too_old or refresh.used + UNUSED_DAYS * DAY <= now:
                del self._refresh[token]
                return None
            refresh.used = now
            return refresh

    def make_access(self, client_id: str, address: str, scopes: Sequence[str], refresh: str | None = None) -> str:
        token = "ya29." + secrets.token_urlsafe(64)
        expires = self._clock.now() + ACCESS_SECONDS
        with self._lock:
            self._access[token] = Access(client_id, address, tuple(scopes), expires, refresh)
        return token

    def access(self, token: str) -> Access | None:
        """What an access token is good for, if it still lives."""
        access = self._access.get(token)
        return access if access and access.expires > self._clock.now() else None

    def revoke(self, address: str, client_id: str | None = None) -> None:
        """The user removes a client, or all: the consent and every token that came from it are gone."""

        def goes(owner: str, of: str) -> bool:
            return owner == address and client_id in (None, of)

        with self._lock:
            self._refresh = {k: v for k, v in self._refresh.items() if not goes(v.address, v.client_id)}
            self._access = {k: v for k, v in self._access.items() if not goes(v.address, v.client_id)}
            self._codes = {k: v for k, v in self._codes.items() if not goes(v.address, v.client_id)}
            self._consents = {k: v for k, v in self._consents.items() if not goes(k[1], k[0])}

    def revoke_token(self, token: str) -> bool:
        """Remove the grant that an access or refresh token belongs to.

        :return: whether the token was known
        """
        with self._lock:
            owner = self._refresh.get(token) or self._access.get(token)
            if owner is None:
                return False
            self.revoke(owner.address, owner.client_id)
        return True

    def change_password(self, address: str) -> None:
        """Refresh tokens with a Gmail scope die; access tokens live until they expire, as does the consent."""
        with self._lock:
            self._refresh = {
                token: refresh
                for token, refresh in self._refresh.items()
                if refresh.address != address or not any(map(_is_of_gmail, refresh.scopes))
            }


def _is_of_gmail(scope: str) -> bool:
    return scope == MAIL or scope.startswith(GMAIL)
