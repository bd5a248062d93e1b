# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the stand-ins for Google and Microsoft have in common: HTTP, the clock, the log of requests, faults, keys."""
