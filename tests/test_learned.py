# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from mailsync.learned import Rule, with_learned
from mailsync.matching import Match, Scope, Target

BOTH = Scope(frozenset({"partner", "lead"}))
ANNA = Match("partner", 1, "customer_main")
OLD_LEAD = Match("lead", 7, "lead_main")


def active(matches):
    return {(m.kind, m.id, m.reason) for m in matches if m.is_active}


def test_without_rules_nothing_changes():
    assert with_learned([ANNA, OLD_LEAD], [], BOTH) == (ANNA, OLD_LEAD)


def test_a_rule_adds():
    found = with_learned([ANNA], [Rule(3, (Target("lead", 8),))], BOTH)
    assert active(found) == {("partner", 1, "customer_main"), ("lead", 8, "learned")}


def test_a_rule_takes_away_and_what_it_took_away_is_still_known():
    found = with_learned([OLD_LEAD], [Rule(3, (Target("lead", 8),), (Target("lead", 7),))], BOTH)
    assert active(found) == {("lead", 8, "learned")}
    assert {m.id: m.changes for m in found} == {7: ((3, False),), 8: ((3, True),)}


def test_a_later_rule_goes_on_from_what_an_earlier_one_made():
    rules = [Rule(5, (Target("lead", 9),), (Target("lead", 8),)), Rule(3, (Target("lead", 8),))]
    found = with_learned([], rules, BOTH)
    assert active(found) == {("lead", 9, "learned")}
    assert next(m for m in found if m.id == 8).changes == ((3, True), (5, False))


def test_what_the_thread_says_of_a_kind_is_silent_beside_a_rule():
    thread = Match("lead", 7, "thread")
    assert active(with_learned([thread], [Rule(3, (Target("lead", 8),))], BOTH)) == {("lead", 8, "learned")}
    assert active(with_learned([thread], [Rule(3, (Target("lead", 7),))], BOTH)) == {("lead", 7, "learned")}
    assert thread in with_learned([thread], [Rule(3, (Target("partner", 1),))], BOTH)


def test_a_rule_for_kinds_that_the_mailbox_does_not_take_says_nothing():
    scope = Scope(frozenset({"partner"}))
    rule = Rule(3, (Target("lead", 8),), (Target("partner", 1),))
    assert with_learned([ANNA], [rule], scope) == (ANNA,)
