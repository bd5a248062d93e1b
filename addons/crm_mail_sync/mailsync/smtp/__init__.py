# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Handing mail in at a server (RFC 6409): SMTP (RFC 5321) with TLS, signed in, all recipients or none."""

from __future__ import annotations

from .sending import check, send
from .settings import SmtpSettings

__all__ = ["SmtpSettings", "check", "send"]
