# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Google's error object, which gives its reason in the old form (``errors``), the new one (``details``) or both.

Sources: https://developers.google.com/workspace/gmail/api/guides/handle-errors, https://google.aip.dev/193
"""

from __future__ import annotations


def reasons_of(error: object) -> list[str]:
    """What an answer's ``error`` gives as reasons, the most exact first; what has another shape is passed over."""
    if not isinstance(error, dict):
        return []
    causes: list[object] = []
    for name in ("details", "errors"):
        listed = error.get(name)
        causes += listed if isinstance(listed, list) else []
    found = [cause.get("reason") for cause in causes if isinstance(cause, dict)]
    return [reason for reason in (*found, error.get("status")) if isinstance(reason, str) and reason]
