# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the demo tells the part of it that runs inside Odoo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.seed.expect import Expected


@dataclass(frozen=True)
class Account:
    """A demo user's account on the mail server; ``login`` is his name in Odoo."""

    login: str
    address: str
    password: str


@dataclass(frozen=True)
class Facts:
    """The mail server, the accounts on it, and what a scan of them has to find.

    ``security`` is ``ssl``, or ``none`` for a server on loopback that knows no TLS.
    """

    host: str
    port: int
    security: str
    ca_file: Path | None
    accounts: list[Account]
    expected: Expected
