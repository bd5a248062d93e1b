# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the server holds is held against what is known of it: a scan's mistakes are found and mended."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user, tagged

from ..mailsync.errors import MessageGone
from ..mailsync.providers import memory
from ..scan import completeness
from .completeness_case import CUSTOMER, MemoryCompletenessCase


@tagged("post_install", "-at_install")
class TestCompleteness(MemoryCompletenessCase):
    def test_each_message_is_counted_with_what_became_of_it(self):
        self.deliver(4)
        self.deliver(1, "Sent", sender=CUSTOMER)
        broken = self.deliver(1, sender=CUSTOMER)[0]
        self.server.break_message(broken, MessageGone())
        self.scan()
        self.server.delete(broken)
        self.check()
        self.assertEqual(
            self.results(),
            {
                "INBOX": {
                    "server": 4,
                    "kept": 2,
                    "skipped": {"nobody_known": 2},
                    "missing": 0,
                    "returned": 0,
                    "surplus": 0,
                },
                "Sent": {"server": 1, "kept": 1, "skipped": {}, "missing": 0, "returned": 0, "surplus": 0},
            },
        )
        self.assertEqual(self.mailbox.completeness, "complete")
        self.assertEqual(self.mailbox.state, "up_to_date")
        inbox = self.mailbox.folder_ids.filtered(lambda f: f.name == "INBOX")
        self.assertEqual(inbox.check_text, "4 on the server: 2 archived, 2 skipped (of nobody known 2).")
        self.assertGreater(self.mailbox.check_due, fields.Datetime.now() + timedelta(days=6))

    def test_messages_that_a_scan_passed_over_are_found_and_archived(self):
        self.assert_found_and_mended(self.deliver(8))

    def test_what_left_unnoticed_is_marked_and_stays_archived(self):
        ids = self.deliver(4)
        self.scan()
        self.lose(ids[0])
        self.lose(ids[1])
        self.scan()
        self.assertFalse(self.copies().filtered("is_removed"))
        self.check()
        removed = self.copies().filtered("is_removed")
        self.assertEqual(set(removed.mapped("remote_id")), set(ids[:2]))
        self.assertEqual(sorted(removed.mapped("state")), ["kept", "skipped"])
        self.assertEqual(len(self.letters()), 2)
        self.assertEqual(self.results()["INBOX"]["surplus"], 2)
        self.assertEqual(self.results()["INBOX"]["server"], 2)

    def test_what_was_thought_to_be_gone_is_taken_in(self):
        ids = self.deliver(3)
        self.scan()
        copies = self.copies().sorted("remote_id")
        copies[0].email_id.unlink()
        copies[0].write({"state": "gone", "is_removed": True})
        copies[2].is_removed = True
        self.check()
        self.assertEqual(self.results()["INBOX"]["missing"], 1)
        self.assertEqual(self.results()["INBOX"]["returned"], 1)
        self.assertFalse(self.copies().filtered("is_removed"))
        self.assertEqual(Counter(self.copies().mapped("state")), {"kept": 2, "skipped": 1})
        self.assertEqual(len(self.letters()), 2)
        self.assertEqual(len(ids), 3)

    def test_what_comes_and_goes_while_it_is_counted_is_no_difference(self):
        ids = self.deliver(6)
        self.scan()
        inventory = memory.MemoryProvider.inventory

        def busy(provider, folder, place=""):
            part = inventory(provider, folder, place)
            if folder == "INBOX":
                self.deliver(2, start=20)
                self.server.delete(ids[0])
                self.server.move(ids[1], "Sent")
            return part

        with patch.object(memory.MemoryProvider, "inventory", busy):
            self.check()
        self.assertEqual(self.mailbox.completeness, "complete", self.mailbox.completeness_text)
        self.assertFalse(self.copies("pending"))
        self.assertEqual({folder: r["server"] for folder, r in self.results().items()}, {"INBOX": 6, "Sent": 1})
        self.assertEqual(len(self.letters()), 4)

    def test_what_comes_while_differences_are_settled_is_none(self):
        ids = self.deliver(4)
        self.scan()
        self.forget(ids[0])
        listings = memory.MemoryProvider.listings

        def busy(provider, folder, remote_ids):
            self.server.delete(ids[0])
            self.deliver(1, start=30)
            return listings(provider, folder, remote_ids)

        with patch.object(memory.MemoryProvider, "listings", busy):
            self.check()
        self.assertEqual(self.results()["INBOX"]["missing"], 0)
        self.assertEqual(self.mailbox.completeness, "complete")

    def test_a_large_folder_is_compared_as_a_whole(self):
        """As with a million ids, of which there would be several comparisons."""
        ids = self.deliver(8)
        with patch.multiple(completeness, _MANY=1, _MOST=3, _AT_ONCE=2):
            self.assert_found_and_mended(ids)

    def test_a_folder_of_many_parts_is_counted_in_turns(self):
        ids = self.deliver(9)
        self.scan()
        self.forget(ids[4], ids[7])
        with patch.object(memory.session, "_PART", 2):
            self.check(seconds=-1)
            self.assertEqual(self.mailbox.completeness, "checking")
            self.assertLessEqual(self.mailbox.next_run, fields.Datetime.now(), "it goes on at once")
            turns = 1
            while self.mailbox.completeness == "checking":
                self.scan(seconds=-1)
                turns += 1
        self.assertGreaterEqual(turns, 5)
        self.assertEqual(self.results()["INBOX"]["missing"], 2)
        self.scan()
        self.assertEqual(len(self.copies()), 9)
        self.assertFalse(self.copies("pending"))
        self.assertGreater(self.mailbox.next_run, fields.Datetime.now())

    def test_it_is_done_once_a_week_and_soon_after_the_first_import(self):
        self.deliver(2)
        with patch.object(memory.MemoryProvider, "inventory", side_effect=AssertionError):
            self.scan()
            self.assertEqual(self.mailbox.completeness, "unknown")
            self.scan()
        hour = fields.Datetime.now() + timedelta(hours=1)
        self.assertLess(abs(self.mailbox.check_due - hour), timedelta(minutes=1))
        self.mailbox.check_due = fields.Datetime.now()
        self.scan()
        self.assertEqual(self.mailbox.completeness, "complete")
        self.assertGreater(self.mailbox.check_due, fields.Datetime.now() + timedelta(days=6))

    def test_a_server_that_lists_what_it_does_not_have_is_not_asked_every_hour(self):
        broken = self.deliver(2, sender=CUSTOMER)[0]
        self.server.break_message(broken, MessageGone())
        self.scan()
        delays = []
        for _check in range(3):
            self.check()
            self.assertEqual(self.results()["INBOX"]["missing"], 1)
            delays.append(self.mailbox.check_due - fields.Datetime.now() < timedelta(days=1))
        self.assertEqual(delays, [True, False, False])
        self.assertIn("1 of 2 messages had been missed", self.mailbox.completeness_text)

    def test_another_account_is_counted_from_the_beginning(self):
        self.deliver(2)
        self.check()
        self.check()
        self.assertEqual(self.mailbox.completeness, "complete")
        self.mailbox.write({"host": "other.test"})
        self.assertFalse(self.mailbox.folder_ids.filtered("check_result"))
        self.assertFalse(self.mailbox.check_due)

    def test_owner_and_admin_ask_for_it_and_nobody_else(self):
        self.scan()
        self.cr.commit()
        admin = new_test_user(self.env, login="scan.admin", groups="base.group_user,base.group_system")
        other = new_test_user(self.env, login="scan.other", groups="base.group_user")
        for user in (self.user, admin):
            self.mailbox.check_due = False
            self.mailbox.with_user(user).action_check_completeness()
            self.assertEqual(self.mailbox.with_user(user).completeness, "checking")
        with self.assertRaises(AccessError):
            self.mailbox.with_user(other).action_check_completeness()
        self.mailbox.scan_active = False
        with self.assertRaises(UserError):
            self.mailbox.with_user(self.user).action_check_completeness()
