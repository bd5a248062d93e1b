# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import dataclass
from datetime import datetime

from odoo import fields

from odoo.addons.iap.tools.iap_tools import _MAIL_DOMAIN_BLACKLIST

from ..mailsync.matching import Scope


@dataclass(frozen=True)
class ScanScope:
    """All that a scan must know of its mailbox, read once at its start, so that no query is needed near the network."""

    mailbox_id: int
    user_id: int
    # Who reads its letters: the user, and those who share the mailbox.
    owner_ids: tuple[int, ...]
    company_id: int
    visibility: str
    # What was received before is left out.
    since: datetime | None
    is_main: bool
    scan_all: bool
    # Addresses of all our users: what one of them wrote was sent, in whosever mailbox it is found first.
    colleagues: frozenset[str]
    matching: Scope


def scope_of(mailbox):
    """The scope of this mailbox as it is set now."""
    settings = mailbox.env["res.config.settings"]
    own = _own_addresses(mailbox)
    return ScanScope(
        mailbox_id=mailbox.id,
        user_id=mailbox.user_id.id,
        owner_ids=tuple(mailbox._owners().ids),
        company_id=mailbox.company_id.id,
        visibility=mailbox.shown_visibility,
        since=fields.Datetime.to_datetime(mailbox.scan_since) or None,
        is_main=mailbox.is_main,
        scan_all=settings._mail_sync_scan_all(),
        colleagues=own | _colleagues(mailbox.env),
        matching=Scope(
            targets=frozenset(mailbox._match_targets()),
            own_addresses=own,
            ignored_domains=_public_domains() | _own_domains(mailbox, own),
        ),
    )


def _own_addresses(mailbox):
    user = mailbox.user_id
    mailboxes = user.mailbox_ids
    found = [
        *mailboxes.mapped("address"),
        *mailboxes.filtered("username").mapped("username"),
        user.email_normalized,
        user.login,
    ]
    return frozenset(address.strip().lower() for address in found if address and "@" in address)


def _colleagues(env):
    users = env["res.users"].search([("share", "=", False)])
    mailboxes = env["crm.mail.mailbox"].search([])
    return frozenset(
        address.strip().lower()
        for address in (*users.mapped("email_normalized"), *mailboxes.mapped("address"))
        if address
    )


def _public_domains():
    return frozenset(domain.strip() for domain in _MAIL_DOMAIN_BLACKLIST)


def _own_domains(mailbox, own_addresses):
    """Domains of our companies, aliases and users: colleagues are no customers."""
    env = mailbox.env
    addresses = [
        *own_addresses,
        *env["res.company"].search([]).mapped("email"),
        *env["res.users"].search([("share", "=", False)]).mapped("email"),
    ]
    aliases = env["mail.alias.domain"].search([]).mapped("name")
    domains = [(address or "").rpartition("@")[2] for address in addresses] + aliases
    return frozenset(domain.strip().lower() for domain in domains if domain)
