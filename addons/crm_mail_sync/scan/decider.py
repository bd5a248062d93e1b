# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import dataclass

from ..mailsync.learned import with_learned
from ..mailsync.matching import Match, match
from . import odoo_mail
from .candidates import find_candidates
from .learned import find_rules

KEEP, SKIP = "pending", "skipped"


@dataclass(frozen=True)
class Decision:
    """What becomes of a message: the copy's next state, why, and the links if it is kept."""

    state: str
    reason: str
    matches: tuple[Match, ...] = ()
    # The mail.message whose mail it is, if Odoo has sent it itself.
    odoo_message: int | None = None


def decide(env, heads, flags, scope):
    """One decision a head; ``flags`` are the messages' own, in the same order."""
    candidates = find_candidates(env, heads, scope)
    rules = find_rules(env, heads, scope)
    decisions = [_decide_one(head, marks, candidates, rules, scope) for head, marks in zip(heads, flags, strict=True)]
    return odoo_mail.settle(env, heads, decisions, scope)


def _decide_one(head, flags, candidates, rules, scope):
    if "\\Draft" in flags:
        return Decision(SKIP, "draft")
    matches = with_learned(match(head, candidates, scope.matching), rules.of(head), scope.matching)
    if matches:
        return Decision(KEEP, "matched", matches)
    if scope.scan_all:
        return Decision(KEEP, "scan_all")
    return Decision(SKIP, "nobody_known")
