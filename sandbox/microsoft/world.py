# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Everything that a stand-in holds, for all its parts to share."""

from __future__ import annotations

from sandbox.cloud.clock import Clock
from sandbox.cloud.faults import Faults
from sandbox.cloud.keys import SigningKey
from sandbox.cloud.log import Requests
from sandbox.cloud.post import Deliver, nowhere

from . import errors
from .directory import Directory
from .grants import Grants
from .limits import Limits
from .subscriptions import Subscriptions


class World:
    """``root``: where Entra and Graph are, ``pages``: where a browser finds their pages, ``routes``: their names."""

    def __init__(self, clock: Clock | None, root: str, pages: str, routes: frozenset[str]) -> None:
        self.clock = clock or Clock()
        self.root = root
        self.pages = pages
        self.key = SigningKey("sandbox-microsoft")
        self.directory = Directory(self.clock)
        self.grants = Grants(self.clock)
        self.limits = Limits(self.clock)
        self.faults = Faults(routes, errors.usual)
        self.subscriptions = Subscriptions(self.clock)
        self.requests = Requests()
        # Who takes mail for others.
        self.elsewhere: Deliver = nowhere
        # Claims that a token must bring along: address → the challenge (continuous access evaluation)
        self.challenges: dict[str, str] = {}
