# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the server holds is held against what is known of it: a scan's mistakes are found and mended."""

import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user, tagged

from sandbox import google, microsoft

from ..mailsync.errors import ConnectionLost, Paced, ProtocolError
from ..mailsync.providers import memory
from ..scan import completeness
from ..scan.runner import Runner
from ..scan.unit import Unit
from .scan_case import ScanCase, letter
from .test_scan_gmail import Account
from .test_scan_graph import GraphServer

OWNER = "owner@scan-own.test"
CUSTOMER, STRANGER = "anna@acme-scan.test", "nobody@else-scan.test"


class Killed(BaseException):
    """Ends a worker as SIGKILL does."""


class CompletenessCase(ScanCase):
    """A mailbox that was imported, and the check of it."""

    def check(self, seconds=60):
        """A scan with a check, as the button asks for it, until both are done."""
        self.mailbox.check_due = fields.Datetime.now()
        self.scan(seconds=seconds)

    def results(self):
        return {folder.name: folder.check_result for folder in self.mailbox.folder_ids if folder.check_result}

    def forget(self, *remote_ids):
        """As if a scan had passed these messages over."""
        copies = self.copies().filtered(lambda copy: copy.remote_id in remote_ids)
        self.assertEqual(len(copies), len(remote_ids))
        copies.email_id.unlink()
        copies.unlink()
        self.cr.commit()

    def assert_found_and_mended(self, ids):
        """Every second message is a customer's; of these and of others some were passed over."""
        self.scan()
        self.forget(*ids[:4])
        self.scan()
        self.assertEqual(len(self.copies()), len(ids) - 4, "the bookmark is behind them")
        self.check()
        self.assertEqual(self.mailbox.completeness, "differs")
        self.assertIn("4 of 8", self.mailbox.completeness_text)
        self.assertEqual(Counter(self.copies().mapped("state")), {"kept": 4, "skipped": 4})
        self.assertEqual(len(self.links_of(self.anna)), 4)
        self.check()
        self.assertEqual(self.mailbox.completeness, "complete")
        self.assertIn("every one of 8", self.mailbox.completeness_text)


@tagged("post_install", "-at_install")
class TestCompleteness(CompletenessCase):
    def deliver(self, count=1, folder="INBOX", sender=None, start=0):
        return [
            self.server.deliver(
                letter(sender or (CUSTOMER, STRANGER)[n % 2], OWNER, number=n, subject=f"No {n}"),
                folder,
            )
            for n in range(start, start + count)
        ]

    def lose(self, remote_id):
        """The message leaves the server, and no listing tells."""
        contents, uid = self.server._find(remote_id)
        del contents.messages[uid]

    def test_each_message_is_counted_with_what_became_of_it(self):
        self.deliver(4)
        self.deliver(1, "Sent", sender=CUSTOMER)
        broken = self.deliver(1, sender=CUSTOMER)[0]
        self.server.break_message(broken, memory.MessageGone())
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
        with patch.object(memory, "_PART", 2):
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

    def test_a_worker_killed_at_any_commit_of_a_check_loses_nothing(self):
        ids = self.deliver(5)
        self.scan()
        step = 0
        with patch.object(memory, "_PART", 2):
            while self._dies_at(step, ids):
                self.cr.execute("UPDATE crm_mail_mailbox SET lease_until = NULL")
                self.cr.commit()
                self.env.invalidate_all()
                self.scan()
                self.assertEqual(self.mailbox.completeness, "differs", step)
                self.assertEqual(len(self.copies()), 5)
                self.assertFalse(self.copies("pending"))
                self.assertEqual(Counter(self.letters().mapped("subject")), {f"No {n}": 1 for n in (0, 2, 4)})
                step += 1
        self.assertGreater(step, 20)

    def _dies_at(self, step, ids):
        """Check with a worker that is killed at its commit number ``step``; False if it lived to the end."""
        known = self.copies().filtered(lambda copy: copy.remote_id in ids[:2])
        self.forget(*known.mapped("remote_id"))
        self.mailbox.write(
            {"check_due": fields.Datetime.now(), "next_run": "2026-03-02 09:00:00", "lease_until": False}
        )
        self.cr.commit()
        moments = iter(range(10_000))
        commit = Unit.commit

        def fatal(unit):
            if next(moments) == step:
                raise Killed()
            commit(unit)
            if next(moments) == step:
                raise Killed()

        with self.registry.cursor() as cr:
            runner = Runner(api.Environment(cr, SUPERUSER_ID, {}))
            try:
                with patch.object(Unit, "commit", fatal):
                    runner.work()
            except Killed:
                cr.rollback()
                return True
            finally:
                self.cr.rollback()
                self.env.invalidate_all()
        return False

    def test_a_folder_that_is_numbered_anew_meanwhile_is_counted_anew(self):
        ids = self.deliver(6)
        self.scan()
        inventory = memory.MemoryProvider.inventory

        def renumbering(provider, folder, place=""):
            if place and self.server.remote_ids()[0] == ids[0]:
                self.server.reset("INBOX")
            return inventory(provider, folder, place)

        with patch.object(memory, "_PART", 4), patch.object(memory.MemoryProvider, "inventory", renumbering):
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
                raise memory.FolderUnreadable()
            return inventory(provider, folder, place)

        with patch.object(memory.MemoryProvider, "inventory", refusing):
            self.check()
        self.assertEqual(list(self.results()), ["Sent"])
        self.assertIn("INBOX", self.mailbox.completeness_text)
        self.assertIn("Could not be checked", self.mailbox.folder_ids.filtered("check_error").check_text)

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
        self.server.break_message(broken, memory.MessageGone())
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


@tagged("post_install", "-at_install")
class TestCompletenessGmail(CompletenessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.google = cls.enterClassContext(google.running(Path(folder)))

    def setUp(self):
        super().setUp()
        self.google.limits.off()
        self.gmail = self.servers[OWNER] = Account(self.google, OWNER)
        self.label = self.gmail.account.add_label("Customers")
        with self.gmail.session() as provider:
            self.mailbox.folder_ids.unlink()
            self.env["crm.mail.folder"]._store_listing(self.mailbox, provider.folders())
        for folder in self.mailbox.folder_ids:
            folder.selected = folder.remote_id in ("INBOX", self.label)
        self.cr.commit()

    def deliver(self, number, *labels):
        content = letter((CUSTOMER, STRANGER)[number % 2], OWNER, number=number)
        return self.gmail.account.deliver(content, labels or ("INBOX",), received=1_790_000_000 + 60 * number)

    def test_messages_that_a_scan_passed_over_are_found_and_archived(self):
        self.assert_found_and_mended([self.deliver(n) for n in range(8)])

    def test_a_message_under_two_labels_is_in_both_and_no_difference(self):
        both = self.deliver(0, "INBOX", self.label)
        self.deliver(1)
        self.scan()
        self.check()
        self.assertEqual(self.mailbox.completeness, "complete")
        self.assertEqual({name: r["server"] for name, r in self.results().items()}, {"Inbox": 2, "Customers": 1})
        self.forget(both)
        self.check()
        self.assertEqual(len(self.copies()), 2)
        self.assertEqual(sum(result["missing"] for result in self.results().values()), 1)


@tagged("post_install", "-at_install")
class TestCompletenessGraph(CompletenessCase):
    def setUp(self):
        stack = ExitStack()
        self.addCleanup(stack.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        self.cloud = stack.enter_context(microsoft.running(Path(folder)))
        super().setUp()

    def _new_server(self, address):
        return GraphServer(self.cloud, address)

    def deliver(self, number):
        content = letter((CUSTOMER, STRANGER)[number % 2], OWNER, number=number)
        return self.server.account.deliver(content, "inbox", received=1_770_000_000.0 + number)

    def test_messages_that_a_scan_passed_over_are_found_and_archived(self):
        self.assert_found_and_mended([self.deliver(n) for n in range(8)])

    def test_a_message_in_a_directory_that_nobody_scans_is_none_of_this_one(self):
        ids = [self.deliver(n) for n in range(4)]
        self.scan()
        self.forget(ids[0])
        self.server.account.move(ids[0], "deleteditems")
        self.check()
        self.assertEqual(sum(result["missing"] for result in self.results().values()), 0)
        self.assertEqual(self.mailbox.completeness, "complete")
