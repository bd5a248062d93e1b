# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Outlook and Exchange Online by Microsoft Graph v1.0 (https://learn.microsoft.com/graph/api/resources/message)."""

from __future__ import annotations

from .actor import GraphActor, connect_to_act
from .provider import GraphProvider, connect
from .settings import GraphSettings

__all__ = ["GraphActor", "GraphProvider", "GraphSettings", "connect", "connect_to_act"]
