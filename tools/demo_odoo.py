# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo inside Odoo: connect the mailboxes as their users do, scan them, and hold the figures against the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from odoo.addons.crm_mail_sync.scan.runner import Runner

from sandbox.seed.expect import Expected, MailboxFigures
from sandbox.seed.world import USERS

from .console import say, step
from .demo_facts import Account, Facts

_TARGETS = {"res.partner": "partner_id", "crm.lead": "lead_id"}
_WHERE_TO_LOOK = """
Where to look
  Contacts, CRM: open a customer or a lead below, its letters are in the chatter
{examples}
  CRM → Reporting → Synced emails: all letters
  My Preferences → Email settings: the mailboxes"""


def run(env: Any, facts: Facts) -> bool:
    """Connect, scan and report; True if every figure is what the letters imply."""
    _clear(env)
    env["ir.config_parameter"].set_param("crm_mail_sync.allowed_hosts", f"{facts.host}:{facts.port}")
    with step("Mailboxes of two users connected"):
        for account in facts.accounts:
            _connect(env, account, facts)
        env.cr.commit()
    with step("Mailboxes scanned"):
        _scan(env)
    differences = list(_differences(env, facts.expected))
    _report(env)
    for difference in differences:
        say(f"    NOT AS THE LETTERS IMPLY: {difference}")
    return not differences


def _clear(env: Any) -> None:
    """Forget an earlier demo: the mail server is laid out anew each time."""
    env["crm.mail.email"].search([]).unlink()
    env["crm.mail.mailbox"].search([]).unlink()


def _connect(env: Any, account: Account, facts: Facts) -> None:
    """What the user does: new mailbox, test, pick directories, submit."""
    user = env["res.users"].search([("login", "=", account.login)])
    mailbox = env(user=user.id, su=False)["crm.mail.mailbox"].create(
        {
            "address": account.address,
            "host": facts.host,
            "port": facts.port,
            "security": facts.security,
            "password": account.password,
        }
    )
    mailbox.action_test_connection()
    if not mailbox.is_tested:
        raise RuntimeError(f"The mailbox of {account.login} cannot be reached: {mailbox.test_message}")
    extra = " / ".join(USERS[account.login].extra_folder)
    mailbox.folder_ids.filtered(lambda folder: folder.complete_name == extra).selected = True
    mailbox.action_submit()


def _scan(env: Any) -> None:
    mailboxes = env["crm.mail.mailbox"].search([])
    while any(mailbox.state == "importing" for mailbox in mailboxes):
        Runner(env).work()
        mailboxes.invalidate_recordset()
        archived = env["crm.mail.email"].search_count([])
        say(f"    {archived} letters archived, {', '.join(m.state.replace('_', ' ') for m in mailboxes)}")


def _figures(mailbox: Any) -> MailboxFigures:
    copies = mailbox.env["crm.mail.copy"].search([("mailbox_id", "=", mailbox.id)])
    states = Counter(copies.mapped("state"))
    return MailboxFigures(
        mailbox.user_id.login,
        mailbox.address,
        seen=len(copies),
        kept=states["kept"],
        skipped=states["skipped"],
        failed=len(copies) - states["kept"] - states["skipped"],
    )


def _links(env: Any) -> dict[str, int]:
    return {model: env["crm.mail.link"].search_count([(column, "!=", False)]) for model, column in _TARGETS.items()}


def _differences(env: Any, expected: Expected) -> Iterator[str]:
    found = {mailbox.address: _figures(mailbox) for mailbox in env["crm.mail.mailbox"].search([])}
    for planned in expected.mailboxes:
        if found.get(planned.address) != planned:
            yield f"{planned.address}: planned {planned}, found {found.get(planned.address)}"
    if (letters := env["crm.mail.email"].search_count([])) != expected.letters:
        yield f"letters: planned {expected.letters}, found {letters}"
    if (links := _links(env)) != expected.links:
        yield f"links: planned {expected.links}, found {links}"
    for xmlid, count in expected.of_record.items():
        if (held := len(env.ref(xmlid).mail_link_ids)) != count:
            yield f"{xmlid}: planned {count} letters, found {held}"


def _report(env: Any) -> None:
    say("")
    for mailbox in env["crm.mail.mailbox"].search([]):
        line = _figures(mailbox)
        say(
            f"{mailbox.provider} {line.address}: seen {line.seen}, kept {line.kept}, "
            f"skipped {line.skipped}, failed {line.failed}"
        )
    for model, count in _links(env).items():
        say(f"{model}: {count} links")
    say(_WHERE_TO_LOOK.format(examples="\n".join(_examples(env))))


def _examples(env: Any) -> Iterator[str]:
    """The records with the most letters, two of each kind."""
    for column in _TARGETS.values():
        groups = env["crm.mail.link"]._read_group(
            [(column, "!=", False)], [column], ["__count"], order="__count DESC", limit=2
        )
        for record, count in groups:
            yield f"    {record.display_name}: {count} letters"
