# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tenants, their accounts, and the apps that are registered there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sandbox.cloud.clock import Clock

from .account import OutlookAccount
from .errors import EntraError

MANY = ("common", "organizations")


@dataclass
class App:
    """An app registration. ``secrets``: secret → end of its life in seconds since 1970. ``certificates``: PEM."""

    client_id: str
    tenant: str
    redirect_uris: tuple[str, ...]
    is_multi_tenant: bool = False
    secrets: dict[str, float] = field(default_factory=dict)
    certificates: tuple[str, ...] = ()
    # tenant → application permissions its administrator has consented to
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    # accounts that nobody has assigned to the app
    unassigned: set[str] = field(default_factory=set)
    admin_only: bool = False


class Directory:
    """Who and what Entra knows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.home = str(uuid.uuid5(uuid.NAMESPACE_DNS, "sandbox.microsoft"))
        self.tenants: dict[str, str] = {self.home: "sandbox.onmicrosoft.example"}
        self.apps: dict[str, App] = {}
        self._accounts: dict[str, OutlookAccount] = {}

    def add_tenant(self, domain: str) -> str:
        """:return: the new tenant's id"""
        tenant = str(uuid.uuid5(uuid.NAMESPACE_DNS, domain))
        self.tenants[tenant] = domain
        return tenant

    def add_account(self, account: OutlookAccount) -> OutlookAccount:
        self._accounts[account.address.lower()] = account
        return account

    def find(self, name: str) -> OutlookAccount | None:
        """By address, alias or id."""
        wanted = name.lower()
        if wanted in self._accounts:
            return self._accounts[wanted]
        return next((a for a in self._accounts.values() if wanted == a.oid or wanted in a.aliases), None)

    def accounts(self) -> Sequence[OutlookAccount]:
        return [account for account in self._accounts.values() if not account.is_shared]

    def tenant_of(self, name: str) -> str:
        """The tenant's id by id or domain, or one of the names for many; raises EntraError."""
        if name in MANY:
            return name
        for tenant, domain in self.tenants.items():
            if name.lower() in (tenant, domain):
                return tenant
        raise EntraError("invalid_request", 90002, f"Tenant '{name}' not found.")

    def app(self, client_id: str, tenant: str) -> App:
        """The app as this authority knows it; raises EntraError."""
        app = self.apps.get(client_id)
        if app is None or (tenant not in (*MANY, app.tenant) and not app.is_multi_tenant):
            text = f"Application with identifier '{client_id}' was not found in the directory."
            raise EntraError("unauthorized_client", 700016, text)
        if tenant in MANY and not app.is_multi_tenant:
            text = f"Application '{client_id}' is not configured as a multi-tenant application."
            raise EntraError("invalid_request", 50194, text)
        return app

    def check_secret(self, app: App, secret: str) -> None:
        end = app.secrets.get(secret)
        if end is None:
            raise EntraError("invalid_client", 7000215, "Invalid client secret provided.", 401)
        if end <= self._clock.now():
            raise EntraError("invalid_client", 7000222, "The provided client secret keys are expired.", 401)

    def consent_application(self, app: App, tenant: str, permissions: Iterable[str]) -> None:
        app.roles[tenant] = frozenset(permissions)
