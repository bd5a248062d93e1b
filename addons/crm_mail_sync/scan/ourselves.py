# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the database knows of ourselves and of public providers; few rows, whatever the archive."""

from odoo.addons.iap.tools.iap_tools import _MAIL_DOMAIN_BLACKLIST

from ..mailsync.domains import domain_of_address, domain_of_website, parse_list, public_providers
from ..mailsync.ourselves import Ourselves


def public_domains(env):
    """Domains of mail providers: our own list, Odoo's, and what an administrator has added."""
    added = env["ir.config_parameter"].sudo().get_param("crm_mail_sync.public_domains") or ""
    return public_providers() | parse_list(added) | {domain.strip() for domain in _MAIL_DOMAIN_BLACKLIST}


def ourselves(env):
    """Our addresses and domains, whatever company they belong to."""
    env = env(su=True)
    public = public_domains(env)
    users = env["res.users"].search([("share", "=", False)])
    mailboxes = env["crm.mail.mailbox"].search([])
    people = _addresses(
        *users.mapped("email_normalized"),
        *users.mapped("login"),
        *mailboxes.mapped("address"),
        *mailboxes.mapped("username"),
    )
    return Ourselves(
        addresses=people | _addresses(*_odoo_addresses(env)),
        domains=_company_domains(env) - public,
        user_domains=frozenset(filter(None, map(domain_of_address, people))) - public,
    )


def _addresses(*found):
    return frozenset(address.strip().lower() for address in found if address and "@" in address)


def _odoo_addresses(env):
    """Where Odoo itself takes mail in. All other aliases lie in the alias domains, which are ours as a whole."""
    alias_domains = env["mail.alias.domain"].search([])
    for name in ("bounce_email", "catchall_email", "default_from_email"):
        yield from alias_domains.mapped(name)


def _company_domains(env):
    companies = env["res.company"].search([])
    allowed = env["ir.config_parameter"].get_param("mail.catchall.domain.allowed") or ""
    return frozenset(
        filter(
            None,
            (
                *(domain_of_address(company.email or "") for company in companies),
                *(domain_of_website(company.website or "") for company in companies),
                *parse_list(" ".join(name or "" for name in env["mail.alias.domain"].search([]).mapped("name"))),
                *parse_list(allowed),
            ),
        )
    )
