# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox in memory: the contracts of reading and of acting without a network.

:class:`MemoryMailbox` is the server's side; :class:`MemoryProvider` and :class:`MemoryActor` are sessions with it. They
do all that the contracts ask, with ids, cursors and resets that behave like those of IMAP (uid, UIDVALIDITY,
modification sequence), so that what holds with them holds elsewhere.
"""

from __future__ import annotations

from .actor import MemoryActor
from .mailbox import MemoryMailbox
from .session import MemoryProvider

__all__ = ["MemoryActor", "MemoryMailbox", "MemoryProvider"]
