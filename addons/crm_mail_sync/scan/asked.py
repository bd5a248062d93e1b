# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages whose owner asked for them to be filed, whatever the rules say (ADR 0051)."""

from dataclasses import replace

from odoo.tools import SQL

from ..mailsync.rules import Rules
from .bulk import execute
from .decider import KEEP, decide
from .erased import ERASED

# What was erased stays so, whoever asks for it; a draft is no letter yet, and may become one under the same id.
FINAL = (ERASED, "draft")


def among(env, copy_ids):
    """Those of these copies that were asked for."""
    question = SQL("SELECT id FROM crm_mail_copy WHERE id = ANY(%s) AND is_wanted", copy_ids)
    return {copy_id for (copy_id,) in execute(env, question).fetchall()}


def keep(env, wanted, copies, heads, decisions, scope):
    """The decisions, with what was asked for kept, and matched as if no rule had anything against it."""
    if not wanted:
        return decisions
    refused = [
        place
        for place, (copy, decision) in enumerate(zip(copies, decisions, strict=True))
        if copy.id in wanted and decision.state != KEEP and decision.reason not in FINAL
    ]
    if not refused:
        return decisions
    open_scope = replace(scope, rules=Rules(), archives_internal=True)
    again = decide(
        env,
        [heads[place] for place in refused],
        [copies[place].flags for place in refused],
        [copies[place].folder_remote_id for place in refused],
        open_scope,
    )
    kept = {place: replace(decision, state=KEEP) for place, decision in zip(refused, again, strict=True)}
    return [kept.get(place, decision) for place, decision in enumerate(decisions)]


def renew(env, copy_ids):
    """Have these wait again that were asked for."""
    if copy_ids:
        execute(
            env,
            SQL(
                "UPDATE crm_mail_copy SET state = 'pending', reason = NULL, rule_ref = NULL, attempts = 0"
                " WHERE id = ANY(%s)",
                copy_ids,
            ),
        )


def settle(env, wanted, items):
    """Note why these were archived, and assign them as they were to be."""
    archived = [item.copy_id for item in items if item.copy_id in wanted]
    if not archived:
        return
    execute(
        env,
        SQL("UPDATE crm_mail_copy SET reason = 'asked' WHERE id = ANY(%s) AND reason = 'scan_all'", archived),
    )
    env.invalidate_all()
    for copy in env["crm.mail.copy"].browse(archived):
        copy._assign_wanted()
