# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import dataclass

from ..mailsync.learned import with_learned
from ..mailsync.matching import Match, match
from ..mailsync.ourselves import outsiders
from . import erased, odoo_mail
from .candidates import find_candidates
from .learned import find_rules

KEEP, SKIP = "pending", "skipped"


@dataclass(frozen=True)
class Decision:
    """What becomes of a message: the copy's next state, why, and the links if it is kept.

    ``rule_ref``: the exclude rule that keeps it out (``rules.Rule.ref``).
    """

    state: str
    reason: str
    matches: tuple[Match, ...] = ()
    # The mail.message whose mail it is, if Odoo has sent it itself.
    odoo_message: int | None = None
    rule_ref: str | None = None


def decide(env, heads, flags, folders, scope):
    """One decision a head; ``flags`` are the messages' own and ``folders`` remote ids, in the same order."""
    candidates = find_candidates(env, heads, scope)
    learned = find_rules(env, heads, scope)
    decisions = [
        _decide_one(head, marks, scope.folder_names.get(folder, ""), candidates, learned, scope)
        for head, marks, folder in zip(heads, flags, folders, strict=True)
    ]
    decisions = odoo_mail.settle(env, heads, decisions, scope)
    return erased.settle(env, heads, decisions)


def _decide_one(head, flags, folder, candidates, learned, scope):
    if "\\Draft" in flags:
        return Decision(SKIP, "draft")
    outside = outsiders(head, scope.matching.ours, candidates.known_addresses)
    if head.addresses and not outside and not scope.archives_internal:
        return Decision(SKIP, "internal")
    if rule := scope.rules.excluding(head, folder, outside):
        return Decision(SKIP, "excluded", rule_ref=rule.ref)
    matches = with_learned(match(head, candidates, scope.matching), learned.of(head), scope.matching)
    if matches:
        return Decision(KEEP, "matched", matches)
    if scope.scan_all:
        return Decision(KEEP, "scan_all")
    return Decision(SKIP, "nobody_known")
