# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stand-in as a whole: started, filled and broken from here."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.cloud.clock import Clock
from sandbox.cloud.http_server import Server, serving
from sandbox.cloud.post import Deliver
from sandbox.services.certificates import Authority

from . import tokens
from .account import OutlookAccount
from .directory import App
from .dispatch import ROUTE_NAMES, Dispatcher
from .world import World

_YEAR = 365 * 86_400.0


class Microsoft:
    """A running stand-in for Entra and Graph.

    ``requests``, ``faults``, ``limits``, ``subscriptions`` and ``clock`` are described where their classes are.
    ``tenant`` is the id of the tenant that accounts and apps belong to unless another one is named.
    """

    def __init__(self, world: World, ca_file: Path) -> None:
        self._world = world
        self.ca_file = ca_file
        self.clock = world.clock
        self.requests = world.requests
        self.faults = world.faults
        self.limits = world.limits
        self.subscriptions = world.subscriptions
        self.tenant = world.directory.home
        self.endpoints = {"login": world.root, "graph": world.root}
        self.client_id = "6f1c2c1e-0000-4000-8000-5a4d62b0c0de"
        self.client_secret = "sandbox~secret"
        self.register_app(self.client_id, self.client_secret, ["http://localhost/callback"])

    def hand_over_to(self, deliver: Deliver) -> None:
        """Give mail for people without an account here to somebody else."""
        self._world.elsewhere = deliver

    @property
    def strict_rotation(self) -> bool:
        """Whether a refresh token dies when it has given a new one; the real Entra lets it live."""
        return self._world.grants.strict_rotation

    @strict_rotation.setter
    def strict_rotation(self, is_strict: bool) -> None:
        self._world.grants.strict_rotation = is_strict

    def register_app(
        self,
        client_id: str,
        client_secret: str = "",
        redirect_uris: Sequence[str] = (),
        *,
        tenant: str | None = None,
        multi_tenant: bool = False,
        secret_seconds: float = _YEAR,
        certificates: Sequence[str] = (),
    ) -> App:
        """Register an app, or register it anew.

        :param secret_seconds: life of the secret from now on
        :param certificates: in PEM, each good for signing assertions
        """
        app = App(
            client_id, tenant or self.tenant, tuple(redirect_uris), multi_tenant, certificates=tuple(certificates)
        )
        if client_secret:
            app.secrets[client_secret] = self.clock.now() + secret_seconds
        self._world.directory.apps[client_id] = app
        return app

    def add_tenant(self, domain: str) -> str:
        """Another organisation; answers its id."""
        return self._world.directory.add_tenant(domain)

    def consent_application(
        self, client_id: str | None = None, permissions: Iterable[str] = ("Mail.Read",), tenant: str | None = None
    ) -> None:
        """An administrator consents to application permissions, for every mailbox of the tenant."""
        directory = self._world.directory
        app = directory.apps[client_id or self.client_id]
        directory.consent_application(app, tenant or app.tenant, permissions)

    def add_account(
        self,
        address: str,
        name: str = "",
        *,
        tenant: str | None = None,
        aliases: Iterable[str] = (),
        shared: bool = False,
    ) -> OutlookAccount:
        account = OutlookAccount(address, name, tenant or self.tenant, self.clock, aliases=aliases, shared=shared)
        return self._world.directory.add_account(account)

    def account(self, address: str) -> OutlookAccount:
        """:raises KeyError: nobody has this address"""
        found = self._world.directory.find(address)
        if found is None:
            raise KeyError(address)
        return found

    def share(self, address: str, with_address: str) -> None:
        """Let an account open another's mailbox."""
        self.account(address).readers.add(self.account(with_address).address)

    def grant(self, address: str, scopes: Iterable[str], client_id: str | None = None) -> dict[str, Any]:
        """The token endpoint's answer, as if the user had just accepted."""
        app = self._world.directory.apps[client_id or self.client_id]
        names = tokens.short(self._world, " ".join(scopes))
        return tokens.give(self._world, app, self.account(address), names)

    def revoke(self, address: str) -> None:
        """An administrator ends all sessions of a user."""
        self._world.grants.revoke(self.account(address).address)

    def challenge(self, address: str, claims: str = "") -> None:
        """Refuse the account's tokens until they bring along these claims (Base64); "" ends it."""
        if claims:
            self._world.challenges[self.account(address).address] = claims
        else:
            self._world.challenges.pop(self.account(address).address, None)


@contextmanager
def running(folder: Path, *, clock: Clock | None = None) -> Iterator[Microsoft]:
    """Entra and Graph on two free ports of this computer, in threads of this process.

    :param folder: for certificates
    :param clock: one that is shared with others; by default its own
    """
    authority = Authority(folder / "microsoft")
    certificate = authority.issue()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    api, pages = Server(context), Server()
    world = World(clock, api.base, pages.base, ROUTE_NAMES)
    dispatcher = Dispatcher(world)
    with serving(api, dispatcher.answer), serving(pages, dispatcher.answer):
        try:
            yield Microsoft(world, authority.ca_file)
        finally:
            world.faults.clear()
