# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers as context managers: started on entry, ready when the block begins, stopped by process id at its end."""
