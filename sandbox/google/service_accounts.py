# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Service accounts and what administrators let them do in their domains (domain-wide delegation).

Source: developers.google.com/identity/protocols/oauth2/service-account.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sandbox.cloud.keys import SigningKey

PROJECT = "sandbox-project"


class ServiceAccounts:
    """All service accounts, by address, and the allow-lists of the domains."""

    def __init__(self) -> None:
        self._keys: dict[str, SigningKey] = {}
        self._ids: dict[str, str] = {}
        self._allowed: dict[tuple[str, str], frozenset[str]] = {}

    def create(self, name: str, token_uri: str) -> dict[str, str]:
        """Make a service account.

        :return: its key as the file that Google's console gives out
        """
        address = f"{name}@{PROJECT}.iam.gserviceaccount.com"
        key = SigningKey(secrets.token_hex(20))
        self._keys[address] = key
        self._ids[address] = str(secrets.randbelow(10**20) + 10**20)
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": key.name,
            "private_key": key.private_pem(),
            "client_email": address,
            "client_id": self._ids[address],
            "token_uri": token_uri,
        }

    def delegate(self, client_id: str, domain: str, scopes: Iterable[str]) -> None:
        """A domain's administrator allows a client these scopes for all its users, in place of those before."""
        self._allowed[client_id, domain] = frozenset(scopes)

    def key(self, address: str) -> SigningKey | None:
        """The key of a service account."""
        return self._keys.get(address)

    def may(self, address: str, domain: str | None, scopes: Iterable[str]) -> bool:
        """Whether the service account may act with all these scopes for users of the domain."""
        return set(scopes) <= self._allowed.get((self._ids.get(address, ""), domain or ""), frozenset())
