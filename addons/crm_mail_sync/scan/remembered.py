# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages decided anew by what their copies keep of them, so that none is fetched that belongs to nobody.

The addresses are kept, their places in the header are not; of the ancestors no more than hashes.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from odoo.tools import SQL

from ..mailsync.letter import Address, Head
from ..mailsync.rules import Rules
from .bulk import execute
from .decider import KEEP, decide

# Columns of a copy ``c``, in the order of Remembered.
COLUMNS = SQL("c.id, c.addresses, c.message_id, c.conversation, c.flags")


@dataclass(frozen=True)
class Remembered:
    """A copy as it was listed."""

    id: int
    addresses: str | None
    message_id: str | None
    conversation: int | None
    flags: str | None


def head_of(addresses: str | None, **fields) -> Head:
    """As much of a header as is known; the first address is the sender's, for it is listed first."""
    people = (addresses or "").split()
    listed = (Address("", address, "to" if place else "from") for place, address in enumerate(people))
    return Head(addresses=tuple(listed), **fields)


def decide_again(env, copies: Sequence[Remembered], scope):
    """A decision a copy; KEEP says that it may be meant, and has to be fetched.

    Exclude rules are left out of it: they look at more than is known, and are asked when the whole header is.
    """
    ancestors = _ancestors(env, [copy.id for copy in copies], scope)
    heads = [
        head_of(
            copy.addresses,
            message_id=copy.message_id or "",
            in_reply_to=tuple(ancestors[copy.id]),
            conversation=copy.conversation,
        )
        for copy in copies
    ]
    flags = [frozenset((copy.flags or "").split()) for copy in copies]
    decisions = decide(env, heads, flags, [""] * len(heads), replace(scope, rules=Rules()))
    return [
        # Of a header that could not be read nothing is known.
        replace(decision, state=KEEP) if not copy.addresses and decision.reason == "nobody_known" else decision
        for copy, decision in zip(copies, decisions, strict=True)
    ]


def store(env, copies, decisions):
    """Note what was decided anew on copies that had been left out."""
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy c SET state = n.state, reason = n.reason, attempts = 0, rule_ref = NULL
              FROM unnest(%s::int[], %s::text[], %s::text[]) AS n (id, state, reason) WHERE c.id = n.id
            """,
            [copy.id for copy in copies],
            [decision.state for decision in decisions],
            [None if decision.state == KEEP else decision.reason for decision in decisions],
        ),
    )


def _ancestors(env, copy_ids, scope):
    """Copy → Message-IDs of the letters that it answers, nearest first, as far as the mailbox's owner holds them."""
    rows = execute(
        env,
        SQL(
            """
            SELECT c.id, h.message_id
              FROM crm_mail_copy c
             CROSS JOIN LATERAL unnest(c.thread_keys) WITH ORDINALITY AS k (key, place)
             CROSS JOIN LATERAL (SELECT h.message_id
                                   FROM crm_mail_head h
                                   JOIN crm_mail_email_owner_rel o ON o.email_id = h.email_id AND o.user_id = %s
                                  WHERE h.message_id IS NOT NULL AND crm_mail_thread_key(h.message_id) = k.key
                                 -- Looked up one by one, however many there are.
                                 OFFSET 0) AS h
             WHERE c.id = ANY(%s)
             ORDER BY c.id, k.place
            """,
            scope.user_id,
            copy_ids,
        ),
    ).fetchall()
    found = defaultdict(list)
    for copy_id, message_id in rows:
        found[copy_id].append(message_id)
    return found
