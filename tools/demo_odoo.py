# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The part of the demo inside Odoo: mailboxes connected as their users would, scanned, counted and compared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from sandbox.seed.expect import MailboxFigures
from sandbox.seed.world import USERS

from .console import SetupError, say, step
from .demo_facts import Account, Facts

# Far more than the demo's letters need, for a slow machine.
LONGEST_SCAN = 600
LINK_FIELDS = {"res.partner": "partner_id", "crm.lead": "lead_id"}


def run(env: Any, facts: Facts) -> bool:
    """Scan the demo users' mailboxes and print what was archived.

    :return: whether every figure is what the seeded letters imply
    """
    server = f"{facts.host}:{facts.port}"
    env["ir.config_parameter"].set_param("crm_mail_sync.allowed_hosts", server)
    with step("Connecting the mailboxes of the demo's users"):
        mailboxes = [_connect(env, facts, account) for account in facts.accounts]
        env.cr.commit()
    with step("Scanning"):
        _scan(env, mailboxes)
    wrong = [*_report_mailboxes(env, mailboxes, facts), *_report_links(env, facts)]
    for sentence in wrong:
        say(f"WRONG: {sentence}")
    return not wrong


def _connect(env: Any, facts: Facts, account: Account) -> Any:
    """What the user does: New mailbox, Test connection, pick the directories, Submit."""
    user = env["res.users"].search([("login", "=", account.login)])
    mailbox = env["crm.mail.mailbox"].with_user(user).create({
        "user_id": user.id,
        "address": account.address,
        "host": facts.host,
        "port": facts.port,
        "security": facts.security,
        "password": account.password,
    })  # fmt: skip
    if not mailbox.action_test_connection():
        raise SetupError(f"The mailbox {account.address} cannot be connected: {mailbox.test_message}")
    names = {"INBOX", "Sent", " / ".join(USERS[account.login].extra_folder)}
    for folder in mailbox.folder_ids:
        folder.selected = folder.complete_name in names
    mailbox.action_submit()
    return mailbox.sudo()


def _scan(env: Any, mailboxes: list[Any]) -> None:
    """Do what the scheduled workers do, until nothing is left."""
    end = time.monotonic() + LONGEST_SCAN
    told = None
    while any(mailbox.state == "importing" for mailbox in mailboxes):
        if time.monotonic() > end:
            raise SetupError(f"The scan does not end within {LONGEST_SCAN} seconds.")
        env["crm.mail.mailbox"]._cron_scan()
        env.invalidate_all()
        done = ", ".join(f"{box.address}: {box.progress_done} of {box.progress_total}" for box in mailboxes)
        if done != told:
            say(f"    {done}")
            told = done


def _report_mailboxes(env: Any, mailboxes: list[Any], facts: Facts) -> Iterator[str]:
    for mailbox, expected in zip(mailboxes, facts.expected.mailboxes, strict=True):
        states = dict(env["crm.mail.copy"]._read_group([("mailbox_id", "=", mailbox.id)], ["state"], ["__count"]))
        figures = {name: states.get(name, 0) for name in ("kept", "skipped", "failed")}
        found = MailboxFigures(mailbox.user_id.login, mailbox.address, sum(states.values()), **figures)
        counts = f"seen {found.seen}, kept {found.kept}, skipped {found.skipped}, failed {found.failed}"
        say(f"{mailbox.provider}  {found.address}  {counts}")
        if found != expected:
            yield f"{found.address} should have {expected}"
        if mailbox.state != "up_to_date":
            yield f"{found.address} is {mailbox.state}: {mailbox.error_message or ''}"


def _report_links(env: Any, facts: Facts) -> Iterator[str]:
    found: dict[str, int] = {}
    for model, field in LINK_FIELDS.items():
        links = env["crm.mail.link"].search([(field, "!=", False), ("is_undone", "=", False)])
        say(f"{model}  {len(links)} links")
        if len(links) != facts.expected.links[model]:
            yield f"{model} should have {facts.expected.links[model]} links"
        targets = links[field]
        xmlids = targets._get_external_ids()
        for target in targets:
            name = (xmlids[target.id] or [f"{model} {target.id}"])[0]
            found[name] = len(links.filtered(lambda link, field=field, target=target: link[field] == target))
    for name in sorted({*found, *facts.expected.of_record}):
        expected = facts.expected.of_record.get(name, 0)
        if found.get(name, 0) != expected:
            yield f"{name} has {found.get(name, 0)} links and should have {expected}"
    letters = env["crm.mail.email"].search_count([])
    if letters != facts.expected.letters:
        yield f"there are {letters} letters and should be {facts.expected.letters}"
