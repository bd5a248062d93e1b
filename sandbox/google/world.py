# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the parts of the stand-in share: accounts, grants, log, faults, limits, push and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from sandbox.cloud.clock import Clock
from sandbox.cloud.faults import Faults
from sandbox.cloud.keys import SigningKey
from sandbox.cloud.log import Requests
from sandbox.cloud.post import Deliver, nowhere

from . import errors
from .account import GmailAccount
from .grants import Grants
from .push import Push
from .quota import UNITS, Limits
from .service_accounts import ServiceAccounts

ROUTES = frozenset(UNITS) | {"auth", "token", "revoke", "userinfo", "certs", "jwks", "batch"}


class World:
    """The state of everything."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.requests = Requests()
        self.faults = Faults(ROUTES, errors.usual)
        self.limits = Limits(self.clock)
        self.grants = Grants(self.clock)
        self.service_accounts = ServiceAccounts()
        self.key = SigningKey("sandbox-1")
        self.push = Push(self.clock, self.key)
        # Who takes mail for others.
        self.elsewhere: Deliver = nowhere
        self._accounts: dict[str, GmailAccount] = {}

    def add_account(self, address: str, name: str = "", *, aliases: Sequence[str] = ()) -> GmailAccount:
        """Make an account with an empty mailbox, which nobody watches."""
        account = GmailAccount(address.lower(), name, aliases, self.clock)
        self.push.stop(account.address)
        account.mailbox.history.listener = partial(self.push.changed, account.address)
        self._accounts[account.address] = account
        return account

    def account(self, address: str) -> GmailAccount:
        """:raises KeyError: nobody has this address"""
        found = self.find(address)
        if found is None:
            raise KeyError(address)
        return found

    def find(self, address: str) -> GmailAccount | None:
        """Whose address or alias this is."""
        address = address.lower()
        return next((a for a in self.accounts() if address == a.address or address in a.aliases), None)

    def accounts(self) -> list[GmailAccount]:
        """All accounts, in the order in which they were made."""
        return list(self._accounts.values())

    def post(self, raw: bytes, recipients: Iterable[str]) -> None:
        """Deliver a sent message, to those of its recipients who have no account here by other servers."""
        found = {address: self.find(address) for address in recipients}
        for account in {id(a): a for a in found.values() if a is not None}.values():
            account.deliver(raw)
        for address in [address for address, account in found.items() if account is None]:
            self.elsewhere(address, raw)
