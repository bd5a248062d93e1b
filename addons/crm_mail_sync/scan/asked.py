# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages whose owner asked for them to be filed, whatever the rules say (ADR 0051)."""

from dataclasses import replace

from odoo.tools import SQL

from .bulk import execute
from .decider import KEEP
from .erased import ERASED


def kept(env, copies, decisions):
    """The decisions, with what was asked for kept."""
    wanted = _wanted(env, [copy.id for copy in copies])
    return [
        replace(decision, state=KEEP, reason="asked") if copy.id in wanted and _is_refused(decision) else decision
        for copy, decision in zip(copies, decisions, strict=True)
    ]


def _is_refused(decision):
    """Whether a rule keeps it out; what was erased stays so, whoever asks for it."""
    return decision.state != KEEP and decision.reason != ERASED


def settle(env, items):
    """Note why these were archived, and assign them as they were to be."""
    wanted = _wanted(env, [item.copy_id for item in items])
    if not wanted:
        return
    execute(
        env,
        SQL("UPDATE crm_mail_copy SET reason = 'asked' WHERE id = ANY(%s) AND reason = 'scan_all'", list(wanted)),
    )
    env.invalidate_all()
    for copy in env["crm.mail.copy"].browse(wanted):
        copy._assign_wanted()


def _wanted(env, copy_ids):
    """Those of these copies that were asked for."""
    question = SQL("SELECT id FROM crm_mail_copy WHERE id = ANY(%s) AND is_wanted", copy_ids)
    return {copy_id for (copy_id,) in execute(env, question).fetchall()}
