# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import pytest

from .far_end import Server, read_on


class ContractPart:
    """What the parts of the contract have from the provider's test file."""

    @pytest.fixture
    def server(self) -> Server:
        raise NotImplementedError

    def as_kept(self, content: bytes) -> bytes:
        """What the server keeps of a message that is delivered to it."""
        return content

    def listed(self, server: Server, folder: str = "INBOX") -> str:
        """A cursor behind everything that the folder holds now."""
        with server.session() as provider:
            return read_on(provider, folder)[1]
