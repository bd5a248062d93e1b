# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What servers, disks and owners do in the middle of a scan: nothing is lost, and every message is accounted for."""

from contextlib import suppress
from unittest.mock import patch

from psycopg2.errors import LockNotAvailable

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..mailsync.errors import ConnectionLost, MessageUnreadable, TooSlow
from ..mailsync.providers.memory import MemoryProvider
from ..scan import archiver, lister
from ..scan.runner import Runner
from .scan_case import START, ScanCase, letter

CUSTOMER = ("info@acme-scan.test", "owner@scan-own.test")


@tagged("post_install", "-at_install")
class TestUnsteadyServers(ScanCase):
    def interrupted_import(self, count=6, folder="INBOX"):
        """Everything is listed, little is archived."""
        for number in range(count):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number), folder)
        with patch.object(archiver, "BATCH_COUNT", 1):
            self.scan(seconds=0)
            self.scan(seconds=0)
        self.assertTrue(self.copies("pending"))

    def test_messages_that_wait_while_their_folder_is_numbered_anew(self):
        self.interrupted_import()
        self.server.reset("INBOX")
        self.scan()
        self.assertEqual(len(self.letters()), 6)

    def test_a_folder_that_goes_with_messages_that_wait(self):
        self.interrupted_import(folder="Sent")
        self.server.remove_folder("Sent")
        self.server.deliver(letter(*CUSTOMER, subject="Later"))
        self.scan()
        self.assertIn("Later", self.letters().mapped("subject"))
        self.assertEqual(self.mailbox.state, "up_to_date")
        self.assertFalse(self.copies("pending"))
        self.assertEqual(set(self.copies("gone").mapped("reason")), {"folder_gone"})

    def test_a_folder_that_comes_back_with_messages_that_waited(self):
        self.interrupted_import(folder="Sent")
        contents = self.server._contents.pop("Sent")
        self.scan()
        self.assertFalse(self.copies("pending"))
        self.server._contents["Sent"] = contents
        self.mailbox.folders_listed = False
        self.scan()
        self.scan()
        self.assertEqual(len(self.letters()), 6)
        self.assertFalse(self.copies("gone"))

    def test_a_server_set_back_to_a_backup_gives_an_id_to_another_message(self):
        self.server.deliver(letter(*CUSTOMER, subject="Old"))
        self.server.deliver(letter(*CUSTOMER, subject="Lost", number=1))
        self.scan()
        contents = self.server._contents["INBOX"]
        validity = contents.validity
        self.server.reset("INBOX")
        self.scan()
        contents = self.server._contents["INBOX"]
        contents.validity = validity
        del contents.messages[2]
        contents.next_uid = 2
        self.server.deliver(letter(*CUSTOMER, subject="New", number=2))
        self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date")
        self.assertEqual(set(self.letters().mapped("subject")), {"Old", "Lost", "New"})

    def test_numbers_that_come_back_for_other_messages(self):
        for number in range(3):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        self.scan()
        contents = self.server._contents["INBOX"]
        validity, messages = contents.validity, contents.messages
        self.server.reset("INBOX")
        self.server.delete(self.server.remote_ids()[0])
        self.scan()
        contents = self.server._contents["INBOX"]
        contents.validity = validity
        contents.messages = {1: messages[3], 2: messages[1], 3: messages[2]}
        contents.next_uid = 4
        contents.changed_at = self.server._tick()
        self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date")
        self.assertEqual(len(self.letters()), 3)
        self.assertFalse(any(self.copies().mapped("is_removed")))

    def test_a_folder_that_is_numbered_anew_at_every_scan_is_left_out_in_the_end(self):
        for number in range(3):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        self.scan()
        received = self.server.traffic.bytes_received
        inbox = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        for _scan in range(5):
            self.server.reset("INBOX")
            self.scan()
            self.assertFalse(inbox.error_message)
        for number in range(3):
            self.server.reset("INBOX")
            self.server.deliver(letter(*CUSTOMER, subject=f"Sent {number}", number=9 + number), "Sent")
            self.scan()
        self.assertIn("Scan now", inbox.error_message)
        self.assertEqual(self.mailbox.state, "up_to_date")
        self.assertEqual(len(self.letters()), 6)
        self.assertEqual(len(self.copies()), 6)
        self.assertFalse(any(self.copies().mapped("is_removed")))
        sent = sum(len(self.server.content(remote_id)) for remote_id in self.server.remote_ids("Sent"))
        self.assertEqual(self.server.traffic.bytes_received - received, sent)

        self.server.deliver(letter(*CUSTOMER, subject="New", number=20))
        self.mailbox.with_user(self.user).action_scan_now()
        self.scan()
        self.assertFalse(inbox.error_message)
        self.assertEqual(len(self.letters()), 7)
        self.scan()
        self.assertFalse(inbox.resets)

    def test_a_folder_numbered_anew_at_every_look_ends_no_scan(self):
        for number in range(3):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        changes = MemoryProvider.changes

        def restless(provider, folder, *args):
            page = changes(provider, folder, *args)
            self.server.reset("INBOX")
            return page

        with patch.object(MemoryProvider, "changes", restless), patch.object(lister, "PAGE", 1):
            self.scan()
        inbox = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        self.assertIn("Scan now", inbox.error_message)
        self.assertFalse(self.copies("pending"))
        inbox.selected = True
        self.scan()
        self.assertEqual(len(self.letters()), 3)

    def test_a_mailbox_deleted_while_its_server_fails_stops_no_other(self):
        other = self.mailbox

        def vanish(provider, folder, *args):
            with self.registry.cursor() as cr:
                cr.execute("DELETE FROM crm_mail_mailbox WHERE id = %s", [other.id])
            raise ConnectionLost()

        with patch.object(MemoryProvider, "changes", vanish):
            self.scan()
        self.assertFalse(other.exists())

    def test_what_was_unpicked_is_not_archived(self):
        self.interrupted_import(folder="Sent")
        before = len(self.letters())
        self.mailbox.folder_ids.filtered(lambda f: f.name == "Sent").selected = False
        self.scan()
        self.assertEqual(len(self.letters()), before)
        self.assertFalse(self.copies("pending"))
        self.assertEqual(set(self.copies("skipped").mapped("reason")), {"folder_unpicked"})
        self.mailbox.folder_ids.filtered(lambda f: f.name == "Sent").selected = True
        self.scan()
        self.assertEqual(len(self.letters()), 6)

    def test_another_account_at_the_same_address_is_listed_from_its_beginning(self):
        for number in range(3):
            self.server.deliver(letter(*CUSTOMER, subject=f"Old {number}", number=number))
        self.scan()
        new = type(self.server)("Sent")
        self.servers[self.mailbox.address] = new
        for number in range(4):
            new.deliver(letter(*CUSTOMER, subject=f"New {number}", number=10 + number))
        new._contents["INBOX"].validity = self.server._contents["INBOX"].validity
        self.mailbox.write({"host": "other.test", "password": "x"})
        self.mailbox._set_connected()
        self.scan()
        self.assertEqual(len(self.letters()), 7)

    def test_retry_does_not_start_what_is_not_connected(self):
        bad = self.server.deliver(letter(*CUSTOMER))
        self.server.break_message(bad, MessageUnreadable())
        self.scan()
        self.mailbox.write({"host": "other.test"})
        with self.assertRaises(UserError):
            self.mailbox.with_user(self.user).action_retry_failed()

    def test_a_batch_that_takes_too_long_is_cut_and_its_rest_was_not_tried(self):
        for number in range(6):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        with patch.object(archiver, "_GRACE", 0):
            self.scan(seconds=0)
            self.scan(seconds=0)
        self.assertEqual(len(self.letters()), 2)
        self.assertFalse(any(self.copies("pending").mapped("attempts")))
        self.scan()
        self.assertEqual(len(self.letters()), 6)

    def test_a_server_that_does_not_tell_a_page_in_time_is_asked_for_less(self):
        for number in range(6):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        changes = MemoryProvider.changes

        def slow(provider, folder, cursor, limit, known):
            if limit > 2:
                raise TooSlow()
            return changes(provider, folder, cursor, limit, known)

        with patch.object(MemoryProvider, "changes", slow), patch.object(lister, "_SLOW_PAGE", 2):
            self.scan()
            self.assertEqual((self.mailbox.state, self.mailbox.error_code), ("waiting", "too_slow"))
            # Its turn comes again by itself.
            self.mailbox.next_run = START.replace(tzinfo=None)
            self.cr.commit()
            Runner(self.env).work()
        self.env.invalidate_all()
        self.assertEqual(self.mailbox.state, "up_to_date")
        self.assertEqual(len(self.letters()), 6)

    def test_the_mailbox_of_somebody_who_left_is_not_read(self):
        self.server.deliver(letter(*CUSTOMER))
        self.user.active = False
        self.mailbox._set_due()
        self.cr.commit()
        runner = Runner(self.env)
        self.assertFalse(runner.unit.run(runner.lease.take))
        self.user.active = True
        self.scan()
        self.assertEqual(len(self.letters()), 1)

    def test_a_connection_is_tested_while_its_mailbox_is_scanned(self):
        """What the scan commits during the test does not void the test's result."""
        self.mailbox.password = "secret"
        self.cr.commit()
        folders = self.server.session().folders()
        commits = []

        def busy(mailbox):
            with self.registry.cursor() as cr, suppress(LockNotAvailable):
                cr.execute("SET LOCAL lock_timeout = 100")
                cr.execute(
                    "UPDATE crm_mail_mailbox SET progress_done = 7 WHERE id = %s", [mailbox.id], log_exceptions=False
                )
                commits.append(True)
            return self.server.session()

        with patch.object(self.registry["crm.mail.mailbox"], "_connect__", busy):
            self.assertTrue(self.mailbox.action_test_connection())
        self.cr.commit()
        self.assertFalse(commits)
        self.assertEqual(len(self.mailbox.folder_ids), len(folders))
        self.assertTrue(self.mailbox.is_tested)
