# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What mail and servers do to a scan that was not foreseen: nothing is lost, and nothing stops a mailbox for good."""

import random
import string
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from unittest.mock import patch

from psycopg2.errors import LockNotAvailable

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..mailsync import reader_process
from ..mailsync.errors import ConnectionLost, MessageUnreadable
from ..mailsync.providers.memory import MemoryProvider
from ..mailsync.reader_process import ReaderProcess
from ..scan import archiver, lister
from ..scan.files import FileKeeper
from ..scan.runner import Runner
from ..scan.writer import follows
from .scan_case import ScanCase, letter

CUSTOMER = ("info@acme-scan.test", "owner@scan-own.test")


def noise(length, alphabet=string.ascii_letters + string.digits):
    """Text that no index can pack."""
    chance = random.Random(4)
    return "".join(chance.choice(alphabet) for _ in range(length))


@tagged("post_install", "-at_install")
class TestHostileMail(ScanCase):
    """One message may be set aside; the others of its mailbox are archived."""

    def assert_archived_beside(self, hostile):
        self.server.deliver(hostile)
        self.server.deliver(letter(*CUSTOMER, subject="Healthy", number=1))
        self.scan()
        self.assertIn(self.mailbox.state, ("up_to_date", "partly_failed"))
        self.assertIn("Healthy", self.letters().mapped("subject"))
        return self.letters().filtered(lambda letter: letter.subject != "Healthy")

    def test_message_ids_longer_than_an_index_takes(self):
        long = f"<{noise(6000)}@else-scan.test>".encode()
        for sender in (b"nobody@else-scan.test", b"info@acme-scan.test"):
            with self.subTest(sender=sender):
                self.assert_archived_beside(
                    b"From: " + sender + b"\r\nMessage-ID: " + long + b"\r\nIn-Reply-To: " + long + b"\r\n"
                    b"References: " + long + b"\r\n\r\nText\r\n"
                )
        self.assertFalse(self.copies("failed"))

    def test_replies_find_an_ancestor_with_a_long_message_id(self):
        long = f"{noise(6000)}@acme-scan.test".encode()
        self.server.deliver(b"From: info@acme-scan.test\r\nMessage-ID: <" + long + b">\r\n\r\nText\r\n")
        self.server.deliver(b"From: anna@home-scan.test\r\nIn-Reply-To: <" + long + b">\r\n\r\nReply\r\n")
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_main", "thread"])

    def test_addresses_longer_than_an_index_takes(self):
        long = f"{noise(4000)}@{noise(4000).lower()}.test".encode()
        found = self.assert_archived_beside(
            b"From: info@acme-scan.test\r\nTo: " + long + b"\r\nSubject: Long\r\n\r\nText\r\n"
        )
        self.assertEqual(found.mapped("subject"), ["Long"])

    def test_a_lead_of_an_address_longer_than_an_index_takes(self):
        """As Odoo's own gateway makes one of a stranger's mail."""
        lead = self.env["crm.lead"].create({"name": "Long", "email_from": f"{noise(4000).lower()}@lead-scan.test"})
        self.env.flush_all()
        self.assertTrue(lead.exists())
        lead.unlink()

    def test_a_reply_in_another_mailbox_of_the_same_user(self):
        """Its mailbox was scanned before the letter that it answers was known."""
        self.server.deliver(
            letter("friend@home-scan.test", "owner@scan-own.test", number=2, In_Reply_To="<offer@scan-own.test>")
        )
        self.scan()
        other = self._mailbox(self.user, "second@scan-own.test")
        self.servers[other.address].deliver(
            letter("second@scan-own.test", "anna@acme-scan.test", message_id="<offer@scan-own.test>")
        )
        self.scan(other)
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])

    def test_a_reply_whose_only_archived_ancestor_stands_in_the_middle(self):
        """Newest first: the reply is skipped before the letter that it follows is known."""
        chain = [f"<{name}@home-scan.test>" for name in "abcde"]
        chain[2] = "<offer@acme-scan.test>"
        self.server.deliver(letter(CUSTOMER[0], CUSTOMER[1], message_id=chain[2]))
        self.server.deliver(
            letter(
                "friend@home-scan.test", "owner@scan-own.test", number=9,
                In_Reply_To=chain[-1], References=" ".join(chain),
            )
        )  # fmt: skip
        with patch.object(lister, "PAGE", 1):
            self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_main", "thread"])

    def test_followers_are_found_by_an_index(self):
        self.cr.execute(
            """
            INSERT INTO crm_mail_copy (mailbox_id, folder_id, remote_id, state, reason, thread_keys)
            SELECT %s, %s, 'many.' || n, 'skipped', 'nobody_known', ARRAY[n, n / 7, n / 50]::bigint[]
              FROM generate_series(1, 20000) n
            """,
            [self.mailbox.id, self.mailbox.folder_ids[0].id],
        )
        self.cr.execute("ANALYZE crm_mail_copy")
        self.cr.execute(SQL("EXPLAIN SELECT id FROM crm_mail_copy WHERE %s", follows([5, 123456], self.user.id)))
        plan = "\n".join(line for (line,) in self.cr.fetchall())
        self.assertIn("crm_mail_copy_thread_keys_idx", plan)
        self.cr.rollback()

    def test_more_words_than_a_search_index_takes(self):
        chance = random.Random(5)
        words = " ".join(
            "-".join("".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(6)) for _ in range(4))
            for _ in range(12_000)
        )
        found = self.assert_archived_beside(letter(*CUSTOMER, subject="Wordy", body=words))
        self.assertEqual(found.mapped("subject"), ["Wordy"])

    def test_what_the_database_refuses_is_set_aside(self):
        read = reader_process.read

        def too_much(content, *args):
            reading = read(content, *args)
            return replace(reading, message_id=noise(9000)) if b"Hostile" in content else reading

        with (
            patch.object(reader_process, "read", too_much),
            patch.object(ReaderProcess, "_start", side_effect=OSError),
        ):
            self.assert_archived_beside(letter(*CUSTOMER, subject="Hostile"))
        self.assertEqual(self.copies("failed").reason, "cannot_store")

    def test_a_file_that_a_killed_process_left_half_written(self):
        content = noise(5000).encode()
        message = message_from_bytes(letter(*CUSTOMER, subject="File"), policy=policy.default)
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
        attachments = self.env["ir.attachment"]
        _name, path = attachments._get_path(content, attachments._compute_checksum(content))
        Path(path).write_bytes(content[:100])
        self.addCleanup(Path(path).unlink, missing_ok=True)
        found = self.assert_archived_beside(message.as_bytes())
        self.assertEqual(found.content_ids.file_ids.raw, content)

    def test_a_file_that_odoo_collects_before_its_letter_is_stored(self):
        """The daily collection takes away what no attachment names yet; the message is fetched again."""
        message = message_from_bytes(letter(*CUSTOMER, subject="File"), policy=policy.default)
        content = noise(4000).encode()
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
        keep = FileKeeper.keep
        collected = []

        def lost_once(keeper, file):
            kept = keep(keeper, file)
            if not collected:
                collected.append(Path(self.env["ir.attachment"]._full_path(kept.store_fname)))
                collected[0].unlink()
            return kept

        with patch.object(FileKeeper, "keep", lost_once):
            found = self.assert_archived_beside(message.as_bytes())
        self.assertTrue(collected)
        self.assertEqual(found.content_ids.file_ids.raw, content)


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

    def test_a_mailbox_deleted_while_its_server_fails_stops_no_other(self):
        other = self.mailbox

        def vanish(*_args):
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
