# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Compares what the letters' plan knows of the demo data with a database.

``python -m sandbox.seed.verify DSN`` prints one line a difference and exits with 1 if there is one.
DSN is one of libpq, such as ``"dbname=demo host=/run/postgresql user=odoo"``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import psycopg2

from .world import leads, partners

_PARTNERS = """
SELECT d.module || '.' || d.name, p.name, p.email, COALESCE(up.module || '.' || up.name, ''),
       COALESCE(p.is_company, false), EXISTS (SELECT FROM res_users u WHERE u.partner_id = p.id AND NOT u.share)
  FROM res_partner p
  JOIN ir_model_data d ON d.model = 'res.partner' AND d.res_id = p.id
  LEFT JOIN ir_model_data up ON up.model = 'res.partner' AND up.res_id = p.parent_id
 WHERE p.active AND p.email IS NOT NULL
 ORDER BY p.id
"""
_LEADS = """
SELECT d.module || '.' || d.name, l.name, l.email_from, COALESCE(p.module || '.' || p.name, ''),
       CASE l.won_status WHEN 'pending' THEN 'open' ELSE l.won_status END
  FROM crm_lead l
  JOIN ir_model_data d ON d.model = 'crm.lead' AND d.res_id = l.id
  LEFT JOIN ir_model_data p ON p.model = 'res.partner' AND p.res_id = l.partner_id
 WHERE l.email_from IS NOT NULL
 ORDER BY l.id
"""

Row = tuple[object, ...]


def mismatches(dsn: str) -> Iterator[str]:
    """Every difference as a sentence, none if the plan is right.

    :raises psycopg2.Error: the database cannot be read
    """
    known_partners: list[Row] = [(p.xmlid, p.name, p.email, p.parent, p.is_company, p.is_internal) for p in partners()]
    known_leads: list[Row] = [(lead.xmlid, lead.name, lead.email_from, lead.partner, lead.status) for lead in leads()]
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            for query, known in ((_PARTNERS, known_partners), (_LEADS, known_leads)):
                cursor.execute(query)
                yield from _differences(known, cursor.fetchall())
    finally:
        connection.close()


def _differences(known: list[Row], held: list[Row]) -> Iterator[str]:
    for row in known:
        if row not in held:
            yield f"not in the database: {row}"
    for row in held:
        if row not in known:
            yield f"not in the plan: {row}"
    # "Newest" is told by the order of the records.
    order = [row[0] for row in known if row in held]
    if order != [row[0] for row in held if row in known]:
        yield f"in another order: {', '.join(map(str, order))}"


if __name__ == "__main__":
    found = list(mismatches(sys.argv[1]))
    print("\n".join(found) or "The plan and the database agree.")
    sys.exit(bool(found))
