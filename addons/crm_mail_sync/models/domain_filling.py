# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which domains a company's website and addresses tell: a few queries a batch, however many partners there are."""

from collections import defaultdict

from odoo import SUPERUSER_ID
from odoo.tools import SQL

from ..mailsync.domains import domain_of_address, domain_of_website, is_registry, is_within
from ..scan.bulk import execute
from ..scan.ourselves import ourselves, public_domains

_BATCH = 10_000


def fill_all(env):
    """Fill in the domains of all companies, as the addon is installed."""
    last_id = 0
    while True:
        rows = execute(
            env,
            SQL("SELECT id FROM res_partner WHERE id > %s AND is_company ORDER BY id LIMIT %s", last_id, _BATCH),
        ).fetchall()
        if not rows:
            return
        fill(env, [partner_id for (partner_id,) in rows])
        last_id = rows[-1][0]


def fill(env, partner_ids):
    """Bring the domains that were filled in to what is told now; the domains that have been added.

    What a user has entered or removed stays as it is.
    """
    env["res.partner"].flush_model(["email_normalized", "website", "is_company", "commercial_partner_id", "active"])
    env["crm.mail.domain"].flush_model()
    told = _told(env, partner_ids)
    present = _present(env, partner_ids)
    new = {key: source for key, source in told.items() if present.get(key) != source}
    if new:
        no_customers = public_domains(env)
        ours = ourselves(env).all_domains
        new = {
            key: source
            for key, source in new.items()
            if key[1] not in no_customers and not is_within(key[1], ours) and not is_registry(key[1])
        }
    if new:
        _store(env, new)
    if untold := [key for key, source in present.items() if source and key not in told]:
        _drop(env, untold)
    return {domain for _partner_id, domain in new}


def _told(env, partner_ids):
    """(customer, domain) → source, of those of these partners that are companies."""
    rows = execute(
        env,
        SQL(
            """
            SELECT id, website, email_normalized FROM res_partner
             WHERE id = ANY(%s) AND is_company AND commercial_partner_id = id
               AND id NOT IN (SELECT partner_id FROM res_company)
            """,
            list(partner_ids),
        ),
    ).fetchall()
    told, public = {}, public_domains(env)
    for partner_id, website, email in rows:
        for source, domain in (
            ("email", domain_of_address(email or "")),
            ("website", domain_of_website(website or "")),
        ):
            if domain and domain not in public:
                told[partner_id, domain] = source
    silent = {partner_id for partner_id, _website, _email in rows} - {partner_id for partner_id, _domain in told}
    return told | _told_by_contacts(env, silent, public)


def _told_by_contacts(env, partner_ids, public):
    """Of companies that have neither website nor address of their own: what all of their contacts agree on.

    If another customer has the domain, it is not clear whose it is.
    """
    if not partner_ids:
        return {}
    rows = execute(
        env,
        SQL(
            """
            SELECT DISTINCT commercial_partner_id, split_part(email_normalized, '@', 2)
              FROM res_partner
             WHERE commercial_partner_id = ANY(%s) AND id != commercial_partner_id AND active
               AND email_normalized IS NOT NULL
            """,
            list(partner_ids),
        ),
    ).fetchall()
    found = defaultdict(set)
    for partner_id, domain in rows:
        name = domain_of_address(f"@{domain}")
        if name and name not in public:
            found[partner_id].add(name)
    agreed = {partner_id: next(iter(domains)) for partner_id, domains in found.items() if len(domains) == 1}
    others = _owners(env, set(agreed.values()))
    return {(p, domain): "contacts" for p, domain in agreed.items() if others[domain] <= {p}}


def _owners(env, domains):
    rows = execute(
        env,
        SQL("SELECT domain, partner_id FROM crm_mail_domain WHERE active AND domain = ANY(%s)", list(domains)),
    )
    owners = defaultdict(set)
    for domain, partner_id in rows.fetchall():
        owners[domain].add(partner_id)
    return owners


def _present(env, partner_ids):
    """(customer, domain) → source of what is there and was filled in; None of what a user has decided on."""
    rows = execute(
        env,
        SQL(
            """
            SELECT partner_id, domain, CASE WHEN active AND source != 'manual' THEN source END
              FROM crm_mail_domain WHERE partner_id = ANY(%s)
            """,
            list(partner_ids),
        ),
    )
    return {(partner_id, domain): source for partner_id, domain, source in rows.fetchall()}


def _store(env, sources):
    execute(
        env,
        SQL(
            """
            INSERT INTO crm_mail_domain (partner_id, domain, source, active,
                                         create_uid, create_date, write_uid, write_date)
            SELECT n.partner_id, n.domain, n.source, TRUE, %(root)s, %(now)s, %(root)s, %(now)s
              FROM unnest(%(partners)s::int[], %(domains)s::text[], %(sources)s::text[])
                   AS n (partner_id, domain, source)
            ON CONFLICT (partner_id, domain) DO UPDATE SET source = EXCLUDED.source
             WHERE crm_mail_domain.active AND crm_mail_domain.source != 'manual'
            """,
            partners=[partner_id for partner_id, _domain in sources],
            domains=[domain for _partner_id, domain in sources],
            sources=list(sources.values()),
            root=SUPERUSER_ID,
            now=env.cr.now(),
        ),
    )


def _drop(env, keys):
    execute(
        env,
        SQL(
            """
            DELETE FROM crm_mail_domain d
             USING unnest(%s::int[], %s::text[]) AS n (partner_id, domain)
             WHERE d.partner_id = n.partner_id AND d.domain = n.domain
            """,
            [partner_id for partner_id, _domain in keys],
            [domain for _partner_id, domain in keys],
        ),
    )
