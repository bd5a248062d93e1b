# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Speed and memory, measured side by side with a yardstick in one run: ``make bench``.

Machines differ and are noisy, so what counts is the ratio to the yardstick, never a time by itself.
"""
