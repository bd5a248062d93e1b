# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What it takes to reach a mailbox by Graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...endpoints import MicrosoftEndpoints
from ...oauth import Tokens, TokenSource


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """Whose mailbox it is and what gives access to it.

    :ivar address: the mailbox's own address.
    :ivar source: renews ``tokens``; None if there are none yet, as for what the whole organisation granted.
    :ivar keep_tokens: stores renewed tokens for good, before they are used.
    :ivar mailbox: "" for the mailbox of who signed in; the address if that is another one's (shared, or one of the
        organisation's).
    :ivar pace: ``Traffic.pace`` of the session before.
    :ivar timeout: seconds that the service may stay silent.
    :ivar session_limit: seconds that the whole session may last; what is being answered then ends in TooSlow.
    """

    address: str
    source: TokenSource
    keep_tokens: Callable[[Tokens], None]
    tokens: Tokens | None = field(default=None, repr=False)
    mailbox: str = ""
    endpoints: MicrosoftEndpoints = field(default_factory=MicrosoftEndpoints)
    pace: str = ""
    timeout: float = 30.0
    session_limit: float = 45.0
