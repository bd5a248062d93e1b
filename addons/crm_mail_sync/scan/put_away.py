# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Spam and trash: listed for their owner in the app Email, never archived (ADR 0062).

A message that lies there counts as removed from the mailbox, wherever it lay before. Where it lies in another directory
again it is one that was never seen, and decided as such.
"""

from odoo.tools import SQL

from .bulk import execute
from .decider import SKIP, Decision

ROLES = frozenset({"junk", "trash"})
REASON = "put_away"
DECISION = Decision(SKIP, REASON)


def is_away(folder):
    """Whether this directory (with ``role``) is one of those."""
    return folder.role in ROLES


def is_known(is_away):
    """The condition on copies (``c``) that a directory knows them: one of those as far as its owner sees them."""
    if is_away:
        return SQL("EXISTS (SELECT FROM crm_mail_item i WHERE i.copy_id = c.id)")
    return decided("c")


def decided(alias):
    """The condition that a copy was decided as a letter, for it lay elsewhere than in spam or trash once."""
    name = SQL.identifier(alias)
    return SQL("(%s.state != 'skipped' OR %s.reason IS DISTINCT FROM %s)", name, name, REASON)


def forget(env, condition):
    """Forget messages that were met there only; ``condition`` is one on ``crm_mail_copy``."""
    execute(
        env,
        SQL("DELETE FROM crm_mail_copy WHERE state = 'skipped' AND reason = %s AND %s", REASON, condition),
    )


def forget_gone(env, folder, page, not_met):
    """Forget those that a page of such a directory tells to have left it.

    :param not_met: copies that were not met again in it
    """
    if page.gone:
        forget(env, SQL("folder_id = %s AND remote_id = ANY(%s)", folder.id, list(page.gone)))
    if page.present is not None:
        present = list(page.present)
        forget(env, SQL("folder_id = %s AND remote_id NOT IN (SELECT unnest(%s::text[]))", folder.id, present))
    if not_met:
        forget(env, SQL("id = ANY(%s)", not_met))
