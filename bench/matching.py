# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whom do 1,000 addresses belong to: among 10,000 customers, and among 200,000."""

from __future__ import annotations

import statistics
import time

from odoo.addons.crm_mail_sync.mailsync.letter import Address, Head
from odoo.addons.crm_mail_sync.mailsync.matching import Scope
from odoo.addons.crm_mail_sync.scan.candidates import find_candidates
from odoo.addons.crm_mail_sync.scan.scope import ScanScope

from .figures import Figure
from .world import World

ADDRESSES = 1_000
SMALL, LARGE = 10_000, 200_000

# Every tenth is a company with a domain that no other has.
GROW = """
INSERT INTO res_partner (name, complete_name, email, email_normalized, active, partner_share, is_company, type, lang)
SELECT 'Customer ' || n, 'Customer ' || n, 'buyer@c' || n || '.bench.test', 'buyer@c' || n || '.bench.test',
       TRUE, TRUE, n %% 10 = 0, 'contact', 'en_US'
  FROM generate_series(%s, %s) AS n
"""
DOMAINS = """
INSERT INTO crm_mail_domain (partner_id, domain, source, active)
SELECT id, split_part(email_normalized, '@', 2), 'email', TRUE FROM res_partner
 WHERE is_company AND email_normalized LIKE '%.bench.test'
ON CONFLICT DO NOTHING
"""


def run(world: World) -> list[Figure]:
    small = _measure(world, 0, SMALL)
    large = _measure(world, SMALL + 1, LARGE)
    return [Figure("match_growth", large, "ms", f"among {SMALL:,} instead of {LARGE:,} partners", small)]


def _measure(world: World, first: int, last: int) -> float:
    """Milliseconds of one look-up, after the customers first to last were added."""
    cr = world.env.cr
    cr.execute(GROW, (first, last))
    cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL")
    cr.execute(DOMAINS)
    cr.commit()
    cr.execute("ANALYZE res_partner, crm_mail_domain")
    cr.commit()
    # Half of them customers, the others strangers with domains of companies or of nobody.
    heads = [Head(addresses=(Address("", f"buyer@c{n}.bench.test"),)) for n in range(0, ADDRESSES, 2)]
    heads += [Head(addresses=(Address("", f"stranger@c{n}.bench.test"),)) for n in range(0, ADDRESSES, 2)]
    scope = ScanScope(
        mailbox_id=0,
        owner_ids=(),
        user_id=2,
        company_id=1,
        visibility="everything",
        is_main=False,
        scan_all=False,
        since=None,
        colleagues=frozenset(),
        matching=Scope(frozenset({"partner", "lead"})),
    )
    times = []
    for _round in range(21):
        queries = cr.sql_log_count
        started = time.perf_counter()
        candidates = find_candidates(world.env, heads, scope)
        times.append((time.perf_counter() - started) * 1000)
        if cr.sql_log_count - queries != 1 or len(candidates.partners) != ADDRESSES // 2:
            raise RuntimeError("A batch is one query, and every known address is found")
    return statistics.median(times)
