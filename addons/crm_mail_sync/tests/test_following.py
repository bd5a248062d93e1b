# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Replies from unknown addresses go where the letter went that they answer, in whatever order they are come by."""

from datetime import timedelta

from odoo.tests import tagged

from .rematch_case import OWN, RematchCase
from .scan_case import START, letter

BEN = "ben@later-scan.test"
STRANGER = "stranger@else-scan.test"
ROOT = "<root@acme-scan.test>"


@tagged("post_install", "-at_install")
class TestFollowing(RematchCase):
    def deliver(self, sender, days=0, thread="", **fields):
        moment = START + timedelta(days=days)
        message = letter(sender, OWN, number=days, **fields)
        self.server.deliver(message, received=moment.timestamp(), thread_id=thread)

    def set_pending(self):
        self.copies()._set_pending()
        self.cr.commit()

    def test_in_one_batch_with_the_letter_that_it_answers(self):
        cases = {
            "header": ({"message_id": ROOT}, {"In_Reply_To": ROOT}),
            "conversation": ({"thread": "one"}, {"thread": "one"}),
        }
        for name, (root, reply) in cases.items():
            with self.subTest(name):
                self.mailbox.sync_clients = False
                self.deliver(self.anna.email, **root, subject=name)
                self.deliver(STRANGER, 1, **reply, subject=name)
                self.scan()
                self.mailbox.sync_clients = True
                self.set_pending()
                self.scan()
                reasons = [r for found, r in self.links_of(self.acme).items() if found.subject == name]
                self.assertEqual(sorted(reasons), ["customer_contact", "thread"])

    def test_one_that_is_archived_and_older_than_the_start_by_now(self):
        self.scan_all_letters()
        self.deliver(STRANGER, In_Reply_To=ROOT)
        self.scan()
        self.mailbox.scan_since = (START + timedelta(days=3)).date()
        self.deliver(self.anna.email, 4, message_id=ROOT)
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])
        self.assertEqual(set(self.copies().mapped("reason")), {"matched"})

    def test_one_of_the_conversation_that_has_expired(self):
        self.scan_all_letters()
        self.deliver(STRANGER, 1, thread="one")
        self.scan()
        self.letters()._copies()._expire()
        self.letters().unlink()
        self.cr.commit()
        self.deliver(self.anna.email, thread="one")
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])

    def test_one_of_the_conversation_of_somebody_who_is_entered_later(self):
        self.scan_all_letters()
        self.deliver(BEN, thread="one")
        self.deliver(STRANGER, 1, thread="one")
        self.deliver(STRANGER, 2, thread="another")
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(len(self.copies("pending")), 1, "the letter itself waits for nothing")
        self.scan()
        self.assertEqual(sorted(self.links_of(ben).values()), ["customer_main", "thread"])
