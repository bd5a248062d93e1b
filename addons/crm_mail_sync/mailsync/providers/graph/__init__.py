# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Outlook and Exchange Online by Microsoft Graph (https://learn.microsoft.com/graph/api/resources/message)."""
