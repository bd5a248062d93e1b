# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Counts that cost the same in an archive of any size: beyond a limit they say only that there are more."""

from odoo.tools import SQL


def count(env, query, most):
    """How many rows this query has; one more than ``most`` stands for all that is more."""
    return env.execute_query(SQL("SELECT count(*) FROM (%s LIMIT %s) counted", query, most + 1))[0][0]


def shown(number, most):
    """Such a count as people read it."""
    return f"{most:,}+" if number > most else f"{number:,}"
