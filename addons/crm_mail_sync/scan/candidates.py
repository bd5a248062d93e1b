# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One query for everything that a batch of letters may belong to."""

from collections import defaultdict

from odoo.tools import SQL

from ..mailsync.matching import (
    MOST_COMPANIES_A_DOMAIN,
    Candidates,
    Lead,
    Partner,
    Target,
    asked_addresses,
    asked_domains,
)
from .bulk import execute

_THREAD = "thread "
_CONVERSATION = "conversation "


def find_candidates(env, heads, scope):
    """The candidates for all of these heads, as Candidates; one query, whatever the batch.

    Colleagues (partners of internal users) and our own companies are nobody's customers. Only records that the
    mailbox's company may see count. A thread is followed only from letters that the mailbox's owner holds, so that a
    forged In-Reply-To cannot reach into other people's records.
    """
    addresses, domains, ancestors = _asked(heads, scope.matching)
    conversations = list({head.conversation for head in heads if head.conversation is not None})
    if not (addresses or ancestors or conversations):
        return Candidates()
    kinds = env["crm.mail.link"]._target_kinds()
    rows = execute(
        env,
        SQL(
            """
            WITH partner AS (
                SELECT p.id, p.parent_id, p.commercial_partner_id, p.email_normalized
                  FROM res_partner p
                 WHERE p.email_normalized = ANY(%(addresses)s) AND length(p.email_normalized) <= 320
                   AND p.active AND p.partner_share
                   AND (p.company_id IS NULL OR p.company_id = %(company)s)
                   AND p.commercial_partner_id NOT IN (SELECT partner_id FROM res_company)
            ), lead AS (
                SELECT l.id, l.email_normalized AS address, 'lead_main' AS reason
                  FROM crm_lead l
                 WHERE l.email_normalized = ANY(%(addresses)s) AND length(l.email_normalized) <= 320
                   AND NOT EXISTS (SELECT FROM res_partner c
                                    WHERE c.email_normalized = l.email_normalized
                                      AND length(c.email_normalized) <= 320 AND NOT c.partner_share)
                UNION ALL
                SELECT l.id, partner.email_normalized, 'lead_contact'
                  FROM partner
                  JOIN crm_lead l
                    ON l.partner_id IN (partner.id, partner.parent_id, partner.commercial_partner_id)
            )
            SELECT 'partner', email_normalized, id, commercial_partner_id, NULL FROM partner
            UNION ALL
            SELECT 'lead', lead.address, l.id,
                   CASE WHEN l.won_status = 'won' THEN 1 WHEN l.active THEN 0 ELSE 2 END, lead.reason
              FROM lead JOIN crm_lead l USING (id)
             WHERE l.company_id IS NULL OR l.company_id = %(company)s
            UNION ALL
            SELECT 'domain', asked.domain, owning.id, NULL::int, NULL
              FROM unnest(%(domains)s::text[]) AS asked (domain)
             CROSS JOIN LATERAL (
                    SELECT owner.id
                      FROM crm_mail_domain d
                     CROSS JOIN LATERAL (
                            -- Not to be joined the other way round, from all partners to their domains.
                            SELECT p.commercial_partner_id AS id
                              FROM res_partner p
                             WHERE p.id = d.partner_id AND p.active AND p.partner_share
                               AND (p.company_id IS NULL OR p.company_id = %(company)s)
                               AND p.commercial_partner_id NOT IN (SELECT partner_id FROM res_company)
                            OFFSET 0) owner
                     WHERE d.domain = asked.domain AND d.active
                     LIMIT %(most)s) owning
            UNION ALL
            SELECT CASE %(kind)s END, h.message_id, COALESCE(%(targets)s), NULL, NULL
              FROM crm_mail_head h
              JOIN crm_mail_email_owner_rel o ON o.email_id = h.email_id AND o.user_id = %(user)s
              JOIN crm_mail_link k ON k.email_id = h.email_id AND k.is_undone IS NOT TRUE
              LEFT JOIN res_partner t ON t.id = k.partner_id
             WHERE t.active IS NOT FALSE AND h.message_id = ANY(%(ancestors)s)
            UNION ALL
            SELECT CASE %(conversation_kind)s END, c.conversation::text, COALESCE(%(targets)s), NULL, NULL
              FROM (SELECT DISTINCT ON (c.conversation) c.conversation, c.email_id
                      FROM crm_mail_copy c
                     WHERE c.mailbox_id = %(mailbox)s AND c.conversation = ANY(%(conversations)s)
                       AND EXISTS (SELECT FROM crm_mail_link l
                                    WHERE l.email_id = c.email_id AND l.is_undone IS NOT TRUE)
                     ORDER BY c.conversation, c.received DESC NULLS LAST) c
              JOIN crm_mail_link k ON k.email_id = c.email_id AND k.is_undone IS NOT TRUE
              LEFT JOIN res_partner t ON t.id = k.partner_id
             WHERE t.active IS NOT FALSE
            """,
            addresses=addresses,
            domains=domains,
            ancestors=ancestors,
            # One more than a domain can be told apart by.
            most=MOST_COMPANIES_A_DOMAIN + 1,
            company=scope.company_id,
            user=scope.user_id,
            mailbox=scope.mailbox_id,
            conversations=conversations,
            kind=_kind_of(kinds, _THREAD),
            conversation_kind=_kind_of(kinds, _CONVERSATION),
            targets=SQL(", ").join(SQL("k.%s", SQL.identifier(column)) for column in kinds.values()),
        ),
    ).fetchall()
    return _gather(rows, kinds)


def _kind_of(kinds, prefix):
    """The branches of a CASE that names the kind of target of a link ``k``."""
    return SQL(" ").join(
        SQL("WHEN k.%s IS NOT NULL THEN %s", SQL.identifier(column), f"{prefix}{kind}")
        for kind, column in kinds.items()
    )


def _asked(heads, matching):
    addresses = {address for head in heads for address in asked_addresses(head, matching)}
    ancestors = {message_id for head in heads for message_id in head.thread_ids}
    return list(addresses), list(asked_domains(addresses, matching)), list(ancestors)


def _gather(rows, kinds):
    found = defaultdict(lambda: defaultdict(list))
    for kind, key, record_id, number, reason in rows:
        found[kind][key].append((record_id, number, reason))
    return Candidates(
        partners={k: tuple(Partner(i, n) for i, n, _r in v) for k, v in found["partner"].items()},
        leads={k: tuple(Lead(i, n, r) for i, n, r in v) for k, v in found["lead"].items()},
        domains={k: tuple(dict.fromkeys(i for i, _n, _r in v)) for k, v in found["domain"].items()},
        threads=_targets(found, kinds, _THREAD),
        conversations={int(k): v for k, v in _targets(found, kinds, _CONVERSATION).items()},
    )


def _targets(found, kinds, prefix):
    targets = defaultdict(tuple)
    for kind in kinds:
        for key, hits in found[f"{prefix}{kind}"].items():
            targets[key] += tuple(Target(kind, record_id) for record_id, _n, _r in hits)
    return dict(targets)
