# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from odoo import fields

from ..mailsync.matching import Scope
from ..mailsync.rules import Rules
from .ourselves import ourselves, public_domains


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
    archives_internal: bool = False
    rules: Rules = Rules()
    # The folders' names by their remote ids: a rule may mean a folder.
    folder_names: Mapping[str, str] = field(default_factory=dict)


def scope_of(mailbox):
    """The scope of this mailbox as it is set now."""
    settings = mailbox.env["res.config.settings"]
    own = own_addresses_of(mailbox)
    ours = ourselves(mailbox.env)
    return ScanScope(
        mailbox_id=mailbox.id,
        user_id=mailbox.user_id.id,
        owner_ids=tuple(mailbox._owners().ids),
        company_id=mailbox.company_id.id,
        visibility=mailbox.shown_visibility,
        since=fields.Datetime.to_datetime(mailbox.scan_since) or None,
        is_main=mailbox.is_main,
        scan_all=settings._mail_sync_scan_all(),
        colleagues=own | ours.addresses,
        matching=matching_scope(mailbox.env, mailbox._match_targets(), ours, own),
        archives_internal=settings._mail_sync_archives_internal(),
        rules=mailbox.env["crm.mail.rule"]._compiled_for(mailbox),
        folder_names={folder.remote_id: folder.complete_name for folder in mailbox.folder_ids},
    )


def matching_scope(env, targets, ours, own_addresses=frozenset()):
    """What counts when letters are matched against these kinds of target."""
    return Scope(
        targets=frozenset(targets),
        own_addresses=own_addresses,
        ignored_domains=public_domains(env) | ours.all_domains,
        ours=ours,
    )


def own_addresses_of(mailbox):
    user = mailbox.user_id
    mailboxes = user.mailbox_ids
    found = [
        *mailboxes.mapped("address"),
        *mailboxes.filtered("username").mapped("username"),
        user.email_normalized,
        user.login,
    ]
    return frozenset(address.strip().lower() for address in found if address and "@" in address)
