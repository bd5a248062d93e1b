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

from . import oauth
from .account import GmailAccount
from .dispatch import AUTH_PATH, CERTS_PATH, JWKS_PATH, REVOKE_PATH, TOKEN_PATH, USERINFO_PATH, Dispatcher
from .grants import Client, full_names
from .world import World


class Google:
    """A running stand-in.

    ``requests``, ``faults``, ``limits``, ``push`` and ``clock`` are described where their classes are.

    :param api_root: ``https://localhost:port``, under which clients find everything
    :param pages_root: ``http://localhost:port``, for the browser
    :param ca_file: whom clients have to trust
    """

    def __init__(self, world: World, api_root: str, pages_root: str, ca_file: Path) -> None:
        self._world = world
        self.ca_file = ca_file
        self.clock = world.clock
        self.requests = world.requests
        self.faults = world.faults
        self.limits = world.limits
        self.push = world.push
        self.endpoints = {
            "auth_uri": pages_root + AUTH_PATH,
            "token_uri": api_root + TOKEN_PATH,
            "revoke_uri": api_root + REVOKE_PATH,
            "certs_uri": api_root + JWKS_PATH,
            "x509_certs_uri": api_root + CERTS_PATH,
            "userinfo_uri": api_root + USERINFO_PATH,
            "api_root": api_root + "/",
        }
        self.client_id = "1234567890-sandbox.apps.googleusercontent.com"
        self.client_secret = "GOCSPX-sandbox-secret"
        self.register_client(self.client_id, self.client_secret, ["http://localhost/callback"])

    def hand_over_to(self, deliver: Deliver) -> None:
        """Give mail for people without an account here to somebody else."""
        self._world.elsewhere = deliver

    def register_client(
        self,
        client_id: str,
        client_secret: str,
        redirect_uris: Sequence[str],
        internal_domain: str | None = None,
        testing: bool = False,
    ) -> None:
        """Register an OAuth client of type *Web application*, or register it anew.

        :param redirect_uris: must be matched to the letter
        :param internal_domain: the Workspace domain whose users alone may use it
        :param testing: the project is in *Testing*: refresh tokens die after seven days
        """
        self._world.grants.register(Client(client_id, client_secret, tuple(redirect_uris), internal_domain, testing))

    def service_account(self, name: str = "sync", *, domain: str = "", scopes: Iterable[str] = ()) -> dict[str, str]:
        """Make a service account.

        :param domain: the Workspace domain whose administrator delegates ``scopes`` to it
        :return: its key, as the JSON file of Google's console
        """
        key = self._world.service_accounts.create(name, self.endpoints["token_uri"])
        if domain:
            self.delegate(key["client_id"], domain, scopes)
        return key

    def delegate(self, client_id: str, domain: str, scopes: Iterable[str]) -> None:
        """A domain's administrator allows a service account exactly these scopes for all users of the domain."""
        self._world.service_accounts.delegate(client_id, domain, full_names(scopes))

    def add_account(self, address: str, name: str = "", *, aliases: Sequence[str] = ()) -> GmailAccount:
        """Make an account with an empty mailbox.

        :param aliases: further addresses of the user
        """
        return self._world.add_account(address, name, aliases=aliases)

    def account(self, address: str) -> GmailAccount:
        """:raises KeyError: nobody has this address"""
        return self._world.account(address)

    def grant(self, address: str, scopes: Iterable[str], client_id: str | None = None) -> dict[str, Any]:
        """The token endpoint's answer, as if the user had just said yes to everything.

        :raises KeyError: there is no such account or client
        """
        client = self._world.grants.client(client_id or self.client_id)
        if client is None:
            raise KeyError(client_id)
        account = self._world.account(address)
        names = tuple(full_names(scopes))
        self._world.grants.consent(client.id, account.address, names)
        return oauth.grant(self._world, client, account.address, names, offline=True)

    def revoke(self, address: str) -> None:
        """The user removes all applications from the account."""
        self._world.grants.revoke(self._world.account(address).address)

    def change_password(self, address: str) -> None:
        """The user changes the password: refresh tokens with Gmail scopes die."""
        self._world.grants.change_password(self._world.account(address).address)


@contextmanager
def running(folder: Path, *, clock: Clock | None = None) -> Iterator[Google]:
    """Google on two free ports of this computer, in threads of this process.

    :param folder: for certificates
    :param clock: one that is shared with others; by default its own
    """
    authority = Authority(folder / "google")
    certificate = authority.issue()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    world = World(clock)
    api = Server(context)
    pages = Server()
    dispatcher = Dispatcher(world, api.base + TOKEN_PATH)
    with serving(api, dispatcher.answer), serving(pages, dispatcher.answer):
        try:
            yield Google(world, api.base, pages.base, authority.ca_file)
        finally:
            world.faults.clear()
