# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The letters of the demo world: composed from conversations, the same for the same seed and clock."""
