# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stand-in for Google: OAuth, the Gmail API, and a consent page for a browser.

It is strict where the real one is: scopes, expiry, quotas, paging. It logs what was asked of it, has a clock that can
be moved, and fails on order. The real client libraries accept it when the discovery document's root URL is set to it.
"""

from .account import GmailAccount
from sandbox.cloud.clock import Clock
from .server import Google, running

__all__ = ["Clock", "GmailAccount", "Google", "running"]
