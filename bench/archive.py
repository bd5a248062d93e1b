# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pages of an archive of a million letters, beside Odoo's pages of as many messages, and beside a small archive.

Each is asked for as the web client does it, by a salesperson who sees his own leads only. Then many of the letters are
filed at once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from odoo.addons.mail.tools.discuss import Store

from . import filing
from .figures import Figure
from .million import FREQUENT, LETTERS, MISSING, RARE, Million, million
from .world import World

SMALL = 10_000
ROUNDS = 11


def run(world: World) -> list[Figure]:
    archive = million(world.env)
    archive.grow(SMALL)
    small = _measured(archive)
    archive.grow(LETTERS)
    large = _measured(archive)
    figures = []
    for name, value in large.items():
        if name in ODOOS:
            odoos = _milliseconds(archive, ODOOS[name])
            figures.append(Figure(name, value, "ms", f"Odoo's page of {LETTERS:,} messages", odoos))
        small_name = f"{name}_small" if name in ODOOS else name
        figures.append(Figure(small_name, value, "ms", f"{SMALL:,} instead of {LETTERS:,} letters", small[name]))
    return [*figures, filing.later_contact(archive)]


def _measured(archive: Million) -> dict[str, float]:
    """Milliseconds by name."""
    pages = {name: _milliseconds(archive, ask) for name, ask in PAGES.items()}
    return {**pages, "assign_1000": filing.assigning(archive)}


def list_page(archive: Million, *domain: Any) -> int:
    """The first page of Synced emails with its count, all columns that it opens with."""
    emails = archive.env["crm.mail.email"].with_user(archive.salesperson)
    return len(emails.web_search_read(list(domain), EMAIL, limit=80, count_limit=1_001)["records"])


def pivot_page(archive: Million) -> int:
    """The pivot as it opens from Reporting: three months by week and direction."""
    emails = archive.env["crm.mail.email"].with_user(archive.salesperson)
    sets = [["date:week", "direction"], ["date:week"], ["direction"], []]
    return len(emails.formatted_read_grouping_sets([("date", ">=", "today -3m")], sets, ["__count"])[0])


def chatter_page(archive: Million, thread: Any) -> int:
    """A page of this record's chatter."""
    thread = thread.with_user(archive.salesperson)
    found = thread.env["mail.message"]._message_fetch(None, thread=thread, limit=30)
    Store().add(found["messages"]).get_result()
    return len(found["messages"])


def message_page(archive: Million, *domain: Any) -> int:
    """A list page of Odoo's messages at customers."""
    messages = archive.env["mail.message"].with_user(archive.salesperson)
    comments = [("message_type", "=", "comment"), ("model", "=", "res.partner"), *domain]
    return len(messages.web_search_read(comments, MESSAGE, limit=80, count_limit=1_001)["records"])


def waiting_page(archive: Million) -> int:
    """The list of customers that have waited for an answer for a week."""
    partners = archive.env["res.partner"].with_user(archive.salesperson)
    domain = [("letter_waits_since", "<", "today -7d")]
    return len(partners.web_search_read(domain, PARTNER, limit=80, count_limit=1_001)["records"])


_NAMED: dict[str, Any] = {"fields": {"display_name": {}}}
EMAIL = {name: {} for name in ("direction", "date", "subject", "email_from", "recipients", "file_count")}
EMAIL |= dict.fromkeys(("partner_ids", "lead_ids", "owner_ids"), _NAMED)
MESSAGE = {"date": {}, "subject": {}, "author_id": _NAMED, "model": {}, "res_id": {}, "record_name": {}}
PARTNER: dict[str, Any] = {"display_name": {}, "last_letter_in": {}, "last_letter_out": {}, "letter_waits_since": {}}

PAGES: dict[str, Callable[[Million], int]] = {
    "report_growth": list_page,
    "report_pivot": pivot_page,
    "search_growth": lambda archive: list_page(archive, ("text_search", "ilike", RARE)),
    "search_frequent": lambda archive: list_page(archive, ("text_search", "ilike", FREQUENT)),
    "search_missing": lambda archive: list_page(archive, ("text_search", "ilike", MISSING)),
    "chatter_growth_1m": lambda archive: chatter_page(archive, archive.busy_partner),
    "waiting_growth": waiting_page,
}
# The same pages of Odoo's own: a list, a search in the text, a thread as long.
ODOOS: dict[str, Callable[[Million], int]] = {
    "report_growth": message_page,
    "search_growth": lambda archive: message_page(archive, ("body", "ilike", RARE)),
    "search_frequent": lambda archive: message_page(archive, ("body", "ilike", FREQUENT)),
    "search_missing": lambda archive: message_page(archive, ("body", "ilike", MISSING)),
    "chatter_growth_1m": lambda archive: chatter_page(archive, archive.busy_team),
}


def _milliseconds(archive: Million, ask: Callable[[Million], int]) -> float:
    """The middle of many tries, each with an empty cache."""
    times = []
    for _round in range(ROUNDS):
        archive.env.invalidate_all()
        started = time.perf_counter()
        ask(archive)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
