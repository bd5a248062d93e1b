# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters assigned, moved, unassigned, and all of it undone."""

import random
from itertools import product

from odoo.tests import tagged

from .assign_case import AssignCase


@tagged("post_install", "-at_install")
class TestAssigning(AssignCase):
    def test_a_letter_on_several_records_at_once(self):
        letter = self.make_letter()
        assignment = letter.with_user(self.owner)._assign(
            {"res.partner": [self.company.id, self.other.id], "crm.lead": [self.lead.id]}
        )
        for target in (self.company, self.other, self.lead):
            self.assertEqual(self.letters_of(target), letter)
        self.assertTrue(letter.is_linked_partner and letter.is_linked_lead)
        self.assertEqual(assignment.letter_count, 1)
        self.assertEqual(set(letter.link_ids.mapped("reason")), {"manual"})
        self.assertEqual(letter.link_ids.maker_id, self.owner)

    def test_a_letter_shown_by_being_assigned_stands_in_the_chatter(self):
        letter = self.make_letter()
        self.assertFalse(letter.with_user(self.salesman).has_access("read"))
        letter.with_user(self.owner)._assign({"res.partner": self.company.ids})
        shown = (
            self.env["mail.message"]
            .with_user(self.salesman)
            ._message_fetch(None, thread=self.company.with_user(self.salesman))
        )
        self.assertIn(letter.pointer_id.id, shown["messages"].ids)

    def test_moving_and_taking_it_back(self):
        letters = self.make_letter([self.company]) | self.make_letter([self.company, self.other])
        before = self.state(letters)
        mine = letters.with_user(self.salesman)
        move = mine._move({"res.partner": self.company.ids}, {"res.partner": self.other.ids})
        self.assertFalse(self.letters_of(self.company))
        self.assertEqual(self.letters_of(self.other), letters)
        move.action_undo()
        self.assertEqual(self.state(letters), before)
        move.action_undo()
        self.assertEqual(self.state(letters), before)

    def test_what_was_taken_off_is_not_linked_again_by_a_rule(self):
        letter = self.make_letter([self.company])
        letter.with_user(self.salesman)._unassign({"res.partner": self.company.ids})
        self.assertTrue(letter.link_ids.is_undone)
        self.assertEqual(letter.link_ids.undone_by_id.kind, "unassign")
        self.assertFalse(letter.is_linked_partner)

    def test_any_order_of_undoing_leaves_what_the_others_made(self):
        """Undoing is as though it had never been: the rest, done again from the beginning, gives the same."""
        for seed in range(12):
            with self.subTest(seed=seed):
                self._interleave(random.Random(seed))

    def _interleave(self, rng):
        targets = self.company | self.other | self.contact
        letters = self.make_letter([self.company]) | self.make_letter() | self.make_letter([self.other, self.contact])
        letters[2].link_ids[:1].is_undone = True
        base = self._pairs(letters)
        done = []
        for _ in range(7):
            some = letters.browse(rng.sample(letters.ids, rng.randint(1, 3)))
            change = rng.choice(("assign", "unassign", "move"))
            to, away = (targets.browse(i) for i in rng.sample(targets.ids, 2))
            to = to if change != "unassign" else to.browse()
            away = away if change != "assign" else away.browse()
            assignment = some._assign(
                {"res.partner": to.ids} if to else {}, sources={"res.partner": away.ids} if away else {}, kind=change
            )
            done.append((assignment, some, to, away))
        while done:
            done.pop(rng.randrange(len(done)))[0].action_undo()
            self.assertEqual(self._active(self._pairs(letters)), self._active(self._replay(base, done)))
        self.assertEqual(self._pairs(letters), base)

    def _pairs(self, letters):
        self.env.invalidate_all()
        return {(k.email_id.id, k.partner_id.id): not k.is_undone for k in letters.link_ids}

    @staticmethod
    def _active(pairs):
        return {pair for pair, is_on in pairs.items() if is_on}

    @staticmethod
    def _replay(base, done):
        pairs = dict(base)
        for _assignment, letters, to, away in done:
            for letter, target in product(letters.ids, away.ids):
                if (letter, target) in pairs:
                    pairs[letter, target] = False
            for letter, target in product(letters.ids, to.ids):
                pairs[letter, target] = True
        return pairs
