# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Many letters of an archive put to a customer at once: by a salesperson's hand, and because the customer is new."""

from __future__ import annotations

import statistics
import time
from typing import Any

from .figures import Figure
from .million import LATE_DOMAIN, Million

ASSIGNED = 1_000
ROUNDS = 5

# What no way of filing can do without.
_LINKS_ALONE = """
INSERT INTO crm_mail_link (email_id, partner_id, reason, is_undone, date, pointer_id)
SELECT DISTINCT e.id, %s, 'customer_domain', FALSE, e.date, e.pointer_id
  FROM crm_mail_participant p JOIN crm_mail_email e ON e.id = p.email_id WHERE p.domain = %s
"""


def assigning(archive: Million) -> float:
    """Milliseconds to assign the newest letters that a salesperson may read to one more customer."""
    times = []
    for _round in range(ROUNDS):
        archive.env.invalidate_all()
        letters = archive.env["crm.mail.email"].with_user(archive.salesperson).search([], limit=ASSIGNED)
        started = time.perf_counter()
        letters._assign({"res.partner": archive.quiet_partner.ids})
        archive.env.flush_all()
        times.append((time.perf_counter() - started) * 1000)
        if len(letters) != ASSIGNED:
            raise RuntimeError(f"There are only {len(letters)} letters to assign")
        archive.env.cr.rollback()
    return statistics.median(times)


def later_contact(archive: Million) -> Figure:
    """A customer is entered whose domain letters of the archive have: until all of them are his."""
    env = archive.env
    alone, expected = _links_alone(archive)
    values = {"name": "Entered later", "is_company": True, "email": f"info@{LATE_DOMAIN}"}
    partner = env["res.partner"].create(values)
    env.cr.commit()
    searches = env["crm.mail.rematch"]
    started = time.perf_counter()
    while searches.search_count([]):
        searches._cron_rematch()
    seconds = time.perf_counter() - started
    found = env["crm.mail.link"].search_count([("partner_id", "=", partner.id)])
    if found != expected:
        raise RuntimeError(f"{found} letters found their customer, not {expected}")
    return Figure("later_contact_5000", seconds, "s", f"these {expected:,} links alone, in one statement", alone)


def _links_alone(archive: Million) -> tuple[float, int]:
    """Seconds of the statement, and how many links it made; they are taken back."""
    cr: Any = archive.env.cr
    started = time.perf_counter()
    cr.execute(_LINKS_ALONE, (archive.quiet_partner.id, LATE_DOMAIN))
    seconds, count = time.perf_counter() - started, cr.rowcount
    cr.rollback()
    return seconds, count
