# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""IMAP (RFC 3501, RFC 9051): any server, with its extensions where it offers them and correct without."""

from __future__ import annotations

from .actor import ImapActor, connect_to_act
from .provider import ImapProvider, connect
from .settings import ImapSettings

__all__ = ["ImapActor", "ImapProvider", "ImapSettings", "connect", "connect_to_act"]
