# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the demo tells the part of it that runs inside Odoo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.seed.expect import Expected
from sandbox.seed.world import Provider


@dataclass(frozen=True)
class Account:
    """A mailbox of a demo user; ``login`` is his name in Odoo, ``folder`` what he picks beside inbox and sent mail.

    ``password`` is for IMAP, ``tokens`` are what the provider's consent page would have led to.
    """

    login: str
    provider: Provider
    address: str
    folder: str
    password: str = ""
    tokens: Mapping[str, object] | None = None


@dataclass(frozen=True)
class ImapServer:
    """Where the IMAP mailboxes are; ``security`` is ``ssl``, or ``none`` for a server on loopback that knows no TLS."""

    host: str
    port: int
    security: str


@dataclass(frozen=True)
class SmtpServer:
    """Where they are sent from."""

    host: str
    port: int
    security: str


@dataclass(frozen=True)
class App:
    """This Odoo as it is registered at Google or Microsoft; ``tenant`` is Microsoft's."""

    client_id: str
    client_secret: str
    tenant: str = ""


@dataclass(frozen=True)
class Facts:
    """The servers, the accounts on them, and what a scan of them has to find."""

    imap: ImapServer
    smtp: SmtpServer
    google: App
    microsoft: App
    accounts: list[Account]
    expected: Expected
