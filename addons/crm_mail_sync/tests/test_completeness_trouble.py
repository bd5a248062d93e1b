# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A check that is killed, refused or made to wait loses nothing, and troubles neither its mailbox nor other folders."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..mailsync.errors import ConnectionLost, FolderUnreadable, Paced, ProtocolError
from ..mailsync.providers import memory
from .completeness_case import MemoryCompletenessCase
from .killed_workers import KilledWorkers


@tagged("post_install", "-at_install")
class TestCompletenessTrouble(KilledWorkers, MemoryCompletenessCase):
    def test_a_worker_killed_at_any_commit_of_a_check_loses_nothing(self):
        ids = self.deliver(5)
        self.scan()
        step = 0
        with patch.object(memory.session, "_PART", 2):
            while self._check_dies_at(step, ids):
                self.free_lease()
                self.scan()
                self.assertEqual(self.mailbox.completeness, "differs", step)
                self.assertEqual(len(self.copies()), 5)
                self.assertFalse(self.copies("pending"))
                self.assertEqual(Counter(self.letters().mapped("subject")), {f"No {n}": 1 for n in (0, 2, 4)})
                step += 1
        self.assertGreater(step, 20)

    def _check_dies_at(self, step, ids):
        known = self.copies().filtered(lambda copy: copy.remote_id in ids[:2])
        self.forget(*known.mapped("remote_id"))
        self.mailbox.check_due = fields.Datetime.now()
        self.cr.commit()
        return self.dies_at(step)

    def test_a_folder_that_is_numbered_anew_meanwhile_is_counted_anew(self):
        ids = self.deliver(6)
        self.scan()
        inventory = memory.MemoryProvider.inventory

        def renumbering(provider, folder, place=""):
            if place and self.server.remote_ids()[0] == ids[0]:
                self.server.reset("INBOX")
            return inventory(provider, folder, place)

        with patch.object(memory.session, "_PART", 4), patch.object(memory.MemoryProvider, "inventory", renumbering):
            self.check()
        self.assertEqual(self.results()["INBOX"]["server"], 6)
        self.assertEqual(self.mailbox.completeness, "complete", self.mailbox.completeness_text)
        self.assertEqual(len(self.letters()), 3)

    def test_a_question_that_the_server_does_not_like_does_not_trouble_the_mailbox(self):
        self.deliver(2)
        self.scan()
        for error in (ProtocolError(), ConnectionLost()):
            self.server.fail_next(error, "inventory")
            self.check()
            self.assertEqual(self.mailbox.state, "up_to_date")
            self.assertEqual(self.mailbox.completeness, "failed")
            self.assertIn("tried again", self.mailbox.completeness_text)
            self.assertGreater(self.mailbox.check_due, fields.Datetime.now() + timedelta(hours=23))
            self.assertGreater(self.mailbox.next_run, fields.Datetime.now())
        self.check()
        self.assertEqual(self.mailbox.completeness, "complete")

    def test_a_check_keeps_to_the_quota_and_goes_on(self):
        ids = self.deliver(6)
        self.scan()
        self.forget(ids[3])
        self.server.fail_next(Paced(retry_after=30), "listings")
        self.check()
        self.assertTrue(self.mailbox.is_paced)
        self.assertEqual(self.mailbox.completeness, "checking")
        self.scan()
        self.assertEqual(self.results()["INBOX"]["missing"], 1)
        self.assertEqual(len(self.copies()), 6)

    def test_a_directory_that_cannot_be_counted_does_not_stop_the_others(self):
        self.deliver(2)
        self.deliver(1, "Sent")
        self.scan()
        inventory = memory.MemoryProvider.inventory

        def refusing(provider, folder, place=""):
            if folder == "INBOX":
                raise FolderUnreadable()
            return inventory(provider, folder, place)

        with patch.object(memory.MemoryProvider, "inventory", refusing):
            self.check()
        self.assertEqual(list(self.results()), ["Sent"])
        self.assertIn("INBOX", self.mailbox.completeness_text)
        self.assertIn("Could not be checked", self.mailbox.folder_ids.filtered("check_error").check_text)
