# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, timezone


def utc(seconds):
    """A naive UTC datetime as Odoo stores it; None for what is no time."""
    if seconds is None or not 0 < seconds < 2**32:
        return None
    return datetime.fromtimestamp(seconds, tz=timezone.utc).replace(tzinfo=None, microsecond=0)
