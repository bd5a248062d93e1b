# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a developer runs: environment, tests, checks, demo. Each module is a command, ``python -m tools.NAME``."""
