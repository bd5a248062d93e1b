# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What it takes to reach the server that a mailbox sends through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Security = Literal["ssl", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where the server is and how to sign in.

    :ivar security: "none" goes to this machine itself only.
    :ivar password: or ``access_token`` (XOAUTH2); without either nobody signs in.
    :ivar timeout: seconds that the server may stay silent.
    :ivar session_limit: seconds that the whole session may last; what is being answered then ends in TooSlow.
    :ivar allowed: hosts and networks that an administrator allows, see ``net.Allowed.of``.
    :ivar extra_ca: path of a PEM file with further certificate authorities.
    """

    host: str
    port: int = 465
    security: Security = "ssl"
    username: str = ""
    password: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    timeout: float = 30.0
    session_limit: float = 120.0
    allowed: tuple[str, ...] = ()
    extra_ca: str = ""
