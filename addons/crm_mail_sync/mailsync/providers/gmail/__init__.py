# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail by its own API (https://developers.google.com/workspace/gmail/api): labels are folders, ids are stable."""

from __future__ import annotations

from .actor import GmailActor, connect_to_act
from .provider import GmailProvider, connect
from .settings import GmailSettings

__all__ = ["GmailActor", "GmailProvider", "GmailSettings", "connect", "connect_to_act"]
