# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The letters of the demo world: composed from conversations, the same for the same seed and clock."""

from __future__ import annotations

from datetime import datetime, timezone

from .laying import lay_gmail, lay_imap, lay_outlook
from .mailboxes import SeededMailbox, SeededWorld, build

__all__ = ["SeededMailbox", "SeededWorld", "lay_gmail", "lay_imap", "lay_outlook", "world_now"]


def world_now() -> SeededWorld:
    """The demo users' mailboxes as they are now, and what a scan of them must find."""
    return build(datetime.now(timezone.utc))
