# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The part of the demo inside Odoo: mailboxes connected as their users would, scanned, counted and compared."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import jwt

from sandbox.seed.expect import MailboxFigures
from sandbox.seed.world import PROJECTS

from .console import SetupError, say, step
from .demo_facts import Account, Facts

# Far more than the demo's letters need, for a slow machine.
LONGEST_SCAN = 600
LINK_FIELDS = {"res.partner": "partner_id", "crm.lead": "lead_id", "project.project": "project_id"}


def run(env: Any, facts: Facts) -> bool:
    """Scan the demo users' mailboxes and print what was archived.

    :return: whether every figure is what the seeded letters imply
    """
    _set_up(env, facts)
    with step("Connecting the mailboxes of the demo's users"):
        mailboxes = [_connect(env, facts, account) for account in facts.accounts]
        env.cr.commit()
    with step("Scanning"):
        _scan(env, mailboxes)
    with step("Assigning letters to projects"):
        for project, customer in PROJECTS.items():
            _file_with_project(env(user=env.ref("base.user_admin").id), env.ref(project), env.ref(customer))
    wrong = [*_report_mailboxes(env, mailboxes, facts), *_report_links(env, facts)]
    for sentence in wrong:
        say(f"WRONG: {sentence}")
    return not wrong


def _connect(env: Any, facts: Facts, account: Account) -> Any:
    """What the user does: New mailbox, Test connection, pick the directories, Submit."""
    user = env["res.users"].search([("login", "=", account.login)])
    values = {"user_id": user.id, "provider": account.provider, "address": account.address}
    if account.provider == "imap":
        server = facts.imap
        values |= {"host": server.host, "port": server.port, "security": server.security, "password": account.password}
        sending = facts.smtp
        values |= {"smtp_host": sending.host, "smtp_port": sending.port, "smtp_security": sending.security}
        values["smtp_password"] = account.password
    mailbox = env["crm.mail.mailbox"].with_user(user).create(values)
    if account.tokens:
        _sign_in(mailbox.sudo(), account.tokens)
    if not mailbox.action_test_connection():
        raise SetupError(f"The mailbox {account.address} cannot be connected: {mailbox.test_message}")
    for folder in mailbox.folder_ids:
        folder.selected = folder.role in ("inbox", "sent") or folder.complete_name == account.folder
    mailbox.action_submit()
    return mailbox.sudo()


def _set_up(env: Any, facts: Facts) -> None:
    """What the administrator does in Settings → Email settings."""
    servers = ", ".join(f"{server.host}:{server.port}" for server in (facts.imap, facts.smtp))
    env["ir.config_parameter"].set_param("crm_mail_sync.allowed_hosts", servers)
    settings = {
        "google_client_id": facts.google.client_id,
        "google_client_secret": facts.google.client_secret,
        "microsoft_client_id": facts.microsoft.client_id,
        "microsoft_client_secret": facts.microsoft.client_secret,
        "microsoft_tenant": facts.microsoft.tenant,
    }
    for name, value in settings.items():
        env["crm.mail.app"]._store(name, value)


def _sign_in(mailbox: Any, tokens: Mapping[str, Any]) -> None:
    """What the provider's consent page leads to; a person who clicks through it gets the same."""
    # Importable only now, when Odoo knows where addons are.
    from odoo.addons.crm_mail_sync.mailsync.oauth import Account as ProvidersAccount
    from odoo.addons.crm_mail_sync.mailsync.oauth import Grant, Tokens

    # Microsoft names them with the resource that they are of, and the sign-in keeps them without.
    scopes = tokens["scope"].split()
    if mailbox.provider == "outlook":
        scopes = [scope.rpartition("/")[2] for scope in scopes]
    granted = Tokens(
        tokens["access_token"],
        time.time() + tokens["expires_in"],
        tokens["refresh_token"],
        frozenset(scopes),
    )
    mailbox._store_grant__(Grant(granted, ProvidersAccount(_subject(tokens["id_token"]), mailbox.address)))


def _subject(id_token: str) -> str:
    """The account's own number, as signing in tells it: who signs in with the same account elsewhere is recognised."""
    claims = jwt.decode(id_token, options={"verify_signature": False})
    return f"{claims['oid']}.{claims['tid']}" if "oid" in claims else str(claims["sub"])


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


def _file_with_project(env: Any, project: Any, customer: Any) -> None:
    """What a user does: choose the letters of a customer, Assign, and make a task of the newest."""
    domain = [("link_ids", "any", [("partner_id", "=", customer.id), ("is_undone", "!=", True)])]
    letters = env["crm.mail.email"].search(domain)
    letters._assign({"project.project": project.ids})
    newest = letters.filtered(lambda letter: letter.direction == "received")[:1]
    wizard = env["crm.mail.task.wizard"].with_context(default_letter_id=newest.id).create({})
    wizard.action_create_task()


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
