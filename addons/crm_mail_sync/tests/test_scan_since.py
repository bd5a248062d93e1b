# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox is archived from a date on; an earlier one brings the older messages."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..mailsync.providers.memory import MemoryProvider
from ..scan import start
from .scan_case import START, ScanCase, letter

DAY = 24 * 60


@tagged("post_install", "-at_install")
class TestScanSince(ScanCase):
    def setUp(self):
        super().setUp()
        self.customer = (self.anna.email, self.user.email)
        for days in range(6):
            moment = START + timedelta(days=days)
            self.deliver(letter(*self.customer, subject=f"Day {days}", number=days * DAY), moment)
            self.deliver(letter("nobody@else.test", self.user.email, number=days * DAY + 1), moment)

    def deliver(self, message, moment):
        self.server.deliver(message, received=moment.timestamp())

    def days(self):
        return sorted(int(subject.split()[1]) for subject in self.letters().mapped("subject"))

    def since(self, days):
        self.mailbox.scan_since = (START + timedelta(days=days)).date()

    def reasons(self):
        return sorted(copy.reason for copy in self.copies("skipped"))

    def test_older_messages_are_left_out_with_the_reason(self):
        self.since(4)
        self.scan()
        self.assertEqual(self.days(), [4, 5])
        self.assertEqual(self.reasons(), ["before_start"] * 8 + ["nobody_known"] * 2)

    def test_an_earlier_date_brings_the_older_ones_and_fetches_nothing_else(self):
        self.since(4)
        self.scan()
        self.since(2)
        fetched = []
        fetch = MemoryProvider.fetch

        def watched(provider, folder, remote_ids):
            fetched.extend(remote_ids)
            return fetch(provider, folder, remote_ids)

        with (
            patch.object(start, "_BATCH", 3),
            patch.object(MemoryProvider, "fetch", watched),
        ):
            self.scan()
        self.assertEqual(self.days(), [2, 3, 4, 5])
        self.assertEqual(len(fetched), 2)
        self.assertEqual(self.reasons(), ["before_start"] * 4 + ["nobody_known"] * 4)
        self.mailbox.scan_since = False
        self.scan()
        self.assertEqual(self.days(), [0, 1, 2, 3, 4, 5])
        self.assertEqual(self.reasons(), ["nobody_known"] * 6)

    def test_replies_come_with_what_they_answer_to(self):
        thread = {"message_id": "<root@acme-scan.test>"}
        self.deliver(letter(*self.customer, subject="Day 0", **thread), START)
        reply = letter("home@home-scan.test", self.user.email, subject="Day 1", In_Reply_To=thread["message_id"])
        self.deliver(reply, START + timedelta(days=1))
        self.since(5)
        self.scan()
        self.mailbox.scan_since = False
        self.scan()
        self.assertEqual(self.days(), [0, 0, 1, 1, 2, 3, 4, 5])

    def test_a_later_date_keeps_what_is_archived(self):
        self.scan()
        self.since(4)
        self.scan()
        self.assertEqual(self.days(), [0, 1, 2, 3, 4, 5])
        self.deliver(letter(*self.customer, subject="Day 3", number=3 * DAY + 7), START + timedelta(days=3))
        self.scan()
        self.assertEqual(self.days(), [0, 1, 2, 3, 4, 5])

    def test_what_waits_and_is_older_now_is_left_out(self):
        self.scan()
        self.copies("skipped")._set_pending()
        self.since(4)
        self.env.flush_all()
        self.assertEqual(len(self.copies("pending")), 2)
        self.assertEqual(self.reasons(), ["before_start"] * 4)

    def test_a_draft_that_is_older_stays_a_draft(self):
        draft = self.server.deliver(
            letter(*self.customer, subject="Draft"), flags=["\\Draft"], received=START.timestamp()
        )
        self.since(4)
        self.scan()
        self.assertEqual(self.copies().filtered(lambda c: c.remote_id.endswith(draft)).reason, "draft")
