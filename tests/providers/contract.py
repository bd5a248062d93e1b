# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every provider must do, whatever its protocol.

A provider's test file subclasses :class:`ProviderContract` and gives it a ``server`` fixture: the far end of
the provider, on which mail is delivered, moved and deleted behind the provider's back.
"""

from __future__ import annotations

from .contract_changes import ChangesContract
from .contract_listing import ListingContract
from .contract_reading import ReadingContract
from .far_end import Server


class ProviderContract(ListingContract, ChangesContract, ReadingContract):
    """Tests that every provider passes."""

    def test_closing_twice_is_harmless(self, server: Server) -> None:
        provider = server.session()
        provider.close()
        provider.close()
