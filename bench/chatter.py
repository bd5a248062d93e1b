# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A page of the chatter: of a customer with 20,000 letters, and of one with 20."""

from __future__ import annotations

import statistics
import time
from typing import Any

from odoo.addons.mail.tools.discuss import Store

from .figures import Figure
from .world import World

FEW, MANY = 20, 20_000

EMAILS = """
INSERT INTO crm_mail_email (identity, date, direction, kind, visibility, mailbox_visibility,
                            is_linked_partner, is_linked_lead)
SELECT p.partner || '-' || n, now() - n * interval '1 hour', 'received', 'personal', 'everything', 'everything',
       TRUE, FALSE
  FROM (VALUES (%s)) AS p (partner), generate_series(1, %s) AS n
RETURNING id
"""
REST = """
INSERT INTO crm_mail_email_company_rel (email_id, company_id) SELECT id, 1 FROM unnest(%(ids)s) AS id;
INSERT INTO crm_mail_head (email_id, subject, email_from, message_id, file_count, size)
SELECT id, 'Letter ' || id, 'buyer@bench.test', id || '@bench.test', 0, 4000 FROM unnest(%(ids)s) AS id;
INSERT INTO crm_mail_content (email_id, html, text, snippet)
SELECT id, '<p>' || repeat('The offer is attached. ', 150) || '</p>', 'The offer', 'The offer'
  FROM unnest(%(ids)s) AS id;
INSERT INTO mail_message (model, res_id, message_id, message_type, subtype_id, is_internal, body, date)
SELECT 'crm.mail.email', id, '<cms-' || id || '@archive.invalid>', 'email', %(note)s, TRUE, '', date
  FROM crm_mail_email WHERE id = ANY(%(ids)s);
UPDATE crm_mail_email e SET pointer_id = m.id FROM mail_message m
 WHERE m.model = 'crm.mail.email' AND m.res_id = e.id AND e.id = ANY(%(ids)s);
INSERT INTO crm_mail_link (email_id, partner_id, reason, is_undone, date, pointer_id)
SELECT id, %(partner)s, 'customer_main', FALSE, date, pointer_id FROM crm_mail_email WHERE id = ANY(%(ids)s)
"""


def run(world: World) -> list[Figure]:
    env = world.env
    few, many = env["res.partner"].create([{"name": "Few"}, {"name": "Many"}])
    for partner, count in ((few, FEW), (many, MANY)):
        env.cr.execute(EMAILS, (partner.id, count))
        ids = [row[0] for row in env.cr.fetchall()]
        note = env.ref("mail.mt_note").id
        env.cr.execute(REST, {"ids": ids, "partner": partner.id, "note": note})
    env.cr.commit()
    for table in ("crm_mail_email", "crm_mail_head", "crm_mail_content", "crm_mail_link", "mail_message"):
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    env.flush_all()
    pages = {partner: _page(partner) for partner in (few, many)}
    return [Figure("chatter_growth", pages[many], "ms", f"{FEW} instead of {MANY:,} letters", pages[few])]


def _page(partner: Any) -> float:
    """Milliseconds of one page of ``FEW`` letters as a salesperson gets it, the middle of many tries."""
    salesperson = partner.env.ref("base.user_admin")
    times = []
    for _round in range(31):
        partner.env.invalidate_all()
        thread = partner.with_user(salesperson)
        started = time.perf_counter()
        found = thread.env["mail.message"]._message_fetch(None, thread=thread, limit=FEW)
        Store().add(found["messages"]).get_result()
        times.append((time.perf_counter() - started) * 1000)
        if len(found["messages"]) != FEW:
            raise RuntimeError("A page of letters is full")
    return statistics.median(times)
