# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signing in by OAuth 2.0: what the addon and the providers say to each other about grants.

- *app*: our client id at the provider, registered by an administrator of this Odoo.
- *consent*: a person's way through the provider's page (RFC 6749 §4.1, with PKCE, RFC 7636).
- *tokens*: what a grant gives. They are secrets: stored encrypted, never logged.

A provider's package has one implementation of :class:`SignIn` for what a user grants himself, and one of
:class:`TokenSource` for what the organisation's administrator grants for everybody.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

# A token is renewed this long before its end (seconds): it has to last for a whole slice of a scan, whatever our
# clock and the provider's think of each other.
EARLY = 300.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a grant gave. ``expires_at``: seconds since the epoch. ``refresh_token`` is "" where none is needed."""

    access_token: str = field(repr=False)
    expires_at: float
    refresh_token: str = field(default="", repr=False)
    scopes: frozenset[str] = frozenset()

    def is_fresh(self, now: float | None = None) -> bool:
        return bool(self.access_token) and self.expires_at - EARLY > (time.time() if now is None else now)

    def to_text(self) -> str:
        """For the encrypted store."""
        return json.dumps([self.access_token, self.expires_at, self.refresh_token, sorted(self.scopes)])

    @classmethod
    def from_text(cls, text: str) -> Tokens:
        access_token, expires_at, refresh_token, scopes = json.loads(text)
        return cls(access_token, expires_at, refresh_token, frozenset(scopes))


@dataclass(frozen=True, slots=True)
class Account:
    """Who signed in. ``subject`` never changes; ``address`` and ``aliases`` are in lower case."""

    subject: str
    address: str
    aliases: frozenset[str] = frozenset()

    def has(self, address: str) -> bool:
        return address.strip().lower() in {self.address, *self.aliases}


@dataclass(frozen=True, slots=True)
class Consent:
    """The page to send the browser to, and what has to be kept in its session (JSON-able) until it comes back."""

    url: str
    secrets: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """What came back. ``missing``: scopes that were asked for and not given, though the mailbox works without."""

    tokens: Tokens
    account: Account
    missing: frozenset[str] = frozenset()


class TokenSource(Protocol):
    """Where a session gets a valid access token from."""

    def renewed(self, tokens: Tokens | None) -> Tokens:
        """New tokens; raises TokenRevoked (never try again), AppInvalid, ConnectionFailed or ServerUnavailable."""


class SignIn(TokenSource, Protocol):
    """A user's own grant."""

    def consent(self, redirect_uri: str, state: str, address: str) -> Consent:
        """Begin: ``state`` comes back with the answer, ``address`` is the account that is meant."""

    def redeem(self, redirect_uri: str, answer: Mapping[str, str], secrets: Mapping[str, object]) -> Grant:
        """The query of the provider's redirect, against what was kept of :meth:`consent`.

        Raises ConsentRefused, ConsentMissing, AdminConsentNeeded, AppInvalid and whatever a connection may raise.
        The caller has checked ``state`` and compares the account.
        """

    def withdraw(self, tokens: Tokens) -> None:
        """Tell the provider that the grant is not needed any more; raises nothing if it is gone already."""

    def check(self, redirect_uri: str) -> None:
        """Whether the registered app is usable, as far as that can be told without a user; raises AppInvalid."""


def fresh_tokens(source: TokenSource, tokens: Tokens | None, keep: Callable[[Tokens], None]) -> Tokens:
    """Valid tokens. New ones are given to ``keep`` before they are used: what is not kept may be lost.

    :param keep: stores them for good; called outside any transaction that the network is waited for in.
    """
    if tokens is not None and tokens.is_fresh():
        return tokens
    renewed = source.renewed(tokens)
    keep(renewed)
    return renewed
