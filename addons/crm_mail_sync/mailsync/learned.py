# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people have taught by assigning letters, applied to what addresses say. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .matching import Kind, Match, Scope, Target


@dataclass(frozen=True, slots=True)
class Rule:
    """A learned assignment that speaks for a letter: where it belongs, and where not (any more)."""

    id: int
    adds: tuple[Target, ...]
    removes: tuple[Target, ...] = ()


def with_learned(matches: Iterable[Match], rules: Iterable[Rule], scope: Scope) -> tuple[Match, ...]:
    """The matches after these rules, the older rule first; what a rule took away stays in the list, inactive.

    So the archive knows what to bring back when the rule is undone. A thread is silent on kinds that a rule names,
    as it is on those that addresses name.
    """
    found = {(m.kind, m.id): m for m in matches}
    taught: set[Kind] = set()
    for rule in sorted(rules, key=lambda rule: rule.id):
        adds = [target for target in rule.adds if target.kind in scope.targets]
        # A mailbox that is not synced with leads is not taught about them either.
        if not adds:
            continue
        for target in rule.removes:
            if known := found.get((target.kind, target.id)):
                found[target.kind, target.id] = replace(known, changes=(*known.changes, (rule.id, False)))
        for target in adds:
            known = found.get((target.kind, target.id))
            # What the thread says, it says because of this rule: the letter before belongs there by it.
            if not known or known.reason == "thread":
                known = Match(target.kind, target.id, "learned")
            found[target.kind, target.id] = replace(known, changes=(*known.changes, (rule.id, True)))
            taught.add(target.kind)
    return tuple(m for m in found.values() if m.changes or m.reason != "thread" or m.kind not in taught)
