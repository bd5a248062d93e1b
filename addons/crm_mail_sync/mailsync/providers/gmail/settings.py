# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What it takes to reach a Gmail mailbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...endpoints import GoogleEndpoints
from ...oauth import Tokens, TokenSource


@dataclass(frozen=True, slots=True)
class GmailSettings:
    """Whose mailbox, and where its tokens come from.

    :ivar address: the mailbox's own address.
    :ivar tokens: those that are stored; None if there are none yet.
    :ivar keep_tokens: stores new tokens for good before they are used. It may be called in any thread.
    :ivar pace: what earlier sessions used of the quota (``Traffic.pace``).
    :ivar timeout: seconds that the server may stay silent.
    :ivar session_limit: seconds that the whole session may last; what is being answered then ends in TooSlow.
    :ivar user_id: the mailbox in the API's paths, "me" or an address.
    """

    address: str
    source: TokenSource
    tokens: Tokens | None = field(repr=False)
    keep_tokens: Callable[[Tokens], None]
    endpoints: GoogleEndpoints = GoogleEndpoints()
    pace: str = ""
    timeout: float = 30.0
    session_limit: float = 45.0
    user_id: str = "me"
