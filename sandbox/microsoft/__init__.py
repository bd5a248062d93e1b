# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stand-in for Microsoft: Entra's sign-in, Graph's mail, and a consent page for a browser.

It is strict where the real one is: permissions, expiry, limits, paging, ids. It logs what was asked of it, has a clock
that can be moved, and fails on order. The real client libraries accept it when their endpoints are set to it.
"""

from sandbox.cloud.clock import Clock

from .account import OutlookAccount
from .server import Microsoft, running

__all__ = ["Clock", "Microsoft", "OutlookAccount", "running"]
