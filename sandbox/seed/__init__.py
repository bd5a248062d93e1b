# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The letters of the demo world: composed from conversations, the same for the same seed and clock."""

from __future__ import annotations

from datetime import datetime, timezone

from .expect import Expected
from .mailboxes import MailServer, SeededWorld, build, lay


def plant(server: MailServer) -> Expected:
    """Lay the demo users' mailboxes, as they are now, onto a server, whose users are the mailboxes' addresses.

    :return: what a scan of them must find
    """
    world = build(datetime.now(timezone.utc))
    lay(world, server)
    return world.expected
