# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Keeping within a quota from one session to the next: scans that pause, and what was used so far."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..mailsync.errors import Paced, ServerUnavailable
from ..scan import lister
from ..scan.lease import LeaseLost
from ..scan.runner import Runner
from .scan_case import ScanCase, letter

CUSTOMER = ("info@acme-scan.test", "owner@scan-own.test")
USED = "[[1795428420.0, 40]]"


@tagged("post_install", "-at_install")
class TestScanPace(ScanCase):
    @contextmanager
    def using(self, pace):
        """Sessions use so much of the quota."""
        sign_in = self.server.session

        def session():
            provider = sign_in()
            provider.traffic.pace = pace
            return provider

        with patch.object(self.server, "session", session):
            yield

    def test_a_scan_that_has_used_up_its_share_of_the_quota_goes_on_when_there_is_more(self):
        # With everything listed before, the inbox alone has news.
        self.scan()
        for number in range(4):
            self.server.deliver(letter(*CUSTOMER, number=number))
        self.server.fail_next(Paced(retry_after=40.2), "fetch", after=2)
        self.scan()
        self.assertEqual((self.mailbox.state, self.mailbox.failures, len(self.letters())), ("importing", 0, 2))
        wait = (self.mailbox.next_run - fields.Datetime.now()).total_seconds()
        self.assertTrue(35 < wait <= 41, wait)
        self.assertEqual(self.copies("pending").mapped("attempts"), [0, 0])
        self.scan()
        self.assertEqual((self.mailbox.state, len(self.letters())), ("up_to_date", 4))

    def test_what_was_used_of_the_quota_is_kept_for_the_next_session(self):
        with self.using(USED):
            self.scan()
        self.assertEqual(self.mailbox.pace, USED)

    def test_a_session_that_did_not_come_about_leaves_what_was_used_before(self):
        with self.using(USED):
            self.scan()
        with patch.object(self.server, "session", side_effect=ServerUnavailable()):
            self.scan()
        self.assertEqual(self.mailbox.state, "waiting")
        self.assertEqual(self.mailbox.pace, USED)

    def test_what_was_used_is_over_when_the_next_session_says_so(self):
        for pace in (USED, ""):
            with self.using(pace):
                self.scan()
            self.assertEqual(self.mailbox.pace or "", pace)

    def test_what_was_used_is_known_after_its_worker_died(self):
        self.server.deliver(letter(*CUSTOMER))
        with self.using(USED), patch.object(Runner, "_finish", side_effect=LeaseLost()):
            self.scan()
        self.assertEqual(len(self.letters()), 1)
        self.assertEqual(self.mailbox.pace, USED)

    def test_news_of_one_folder_does_not_wait_for_the_backlog_of_another(self):
        for number in range(7):
            self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test", number=number))
        self.server.deliver(letter("owner@scan-own.test", "info@acme-scan.test", subject="Sent"), "Sent")
        with patch.object(lister, "PAGE", 2):
            slices = 0
            while "Sent" not in self.letters().mapped("subject"):
                self.scan(seconds=-1)
                slices += 1
        self.assertLess(slices, 4)
        self.assertLess(len(self.letters()), 8)

    def test_a_backlog_without_quota_leaves_the_others_their_news(self):
        self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test"))
        self.server.deliver(letter("owner@scan-own.test", "info@acme-scan.test", subject="Sent"), "Sent")
        self.server.fail_next(Paced(retry_after=40), "changes")
        self.scan()
        self.assertEqual(self.letters().mapped("subject"), ["Sent"])
        self.assertTrue(self.mailbox.is_paced)
        self.scan()
        self.assertEqual((self.mailbox.state, len(self.letters())), ("up_to_date", 2))

    def test_what_is_left_and_has_no_quota_does_not_keep_news_from_being_listed(self):
        self.scan()
        self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test"))
        self.server.fail_next(Paced(retry_after=40), "fetch")
        self.scan()
        self.assertEqual(len(self.copies("pending")), 1)
        self.server.deliver(letter("owner@scan-own.test", "info@acme-scan.test", subject="Sent"), "Sent")
        self.server.fail_next(Paced(retry_after=40), "fetch")
        self.scan()
        self.assertIn("Sent", self.letters().mapped("subject"))
        self.assertTrue(self.mailbox.is_paced)

    def test_the_patient_worker_stays_for_what_is_due_within_its_turn(self):
        self.server.deliver(letter(*CUSTOMER))
        self.server.fail_next(Paced(retry_after=0.3), "fetch")
        self.cr.commit()
        self.env["crm.mail.mailbox"]._cron_scan(patient=True)
        self.assertEqual((self.mailbox.state, len(self.letters())), ("up_to_date", 1))

    def test_it_does_not_wait_for_what_is_due_after_its_turn(self):
        self.mailbox.write({"is_paced": True, "next_run": fields.Datetime.now() + timedelta(seconds=500)})
        self.cr.commit()
        with patch.object(threading.Event, "wait") as wait:
            self.assertFalse(Runner(self.env)._await_due(time.monotonic() + 60))
        wait.assert_not_called()
