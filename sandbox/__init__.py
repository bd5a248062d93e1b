# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The local mail world of tests, benchmarks and demo: servers that start and stop, and letters to put into them."""
