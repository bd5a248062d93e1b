# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Disks without room and lines without end: the mailbox waits or the message is set aside, with the reason."""

from email import message_from_bytes, policy
from pathlib import Path
from unittest.mock import patch

from psycopg2.errors import DiskFull

from odoo.tests import tagged

from ..mailsync.errors import TooSlow
from ..mailsync.providers.memory import MemoryProvider
from ..scan.writer import Writer
from .scan_case import ScanCase, letter

CUSTOMER = ("info@acme-scan.test", "owner@scan-own.test")


@tagged("post_install", "-at_install")
class TestLimits(ScanCase):
    def test_a_full_disk_makes_the_mailbox_wait_and_blames_no_message(self):
        def full(_attachments, content, _checksum):
            with Path("/dev/full").open("wb") as disk:
                disk.write(content)

        for number in range(4):
            message = message_from_bytes(
                letter(*CUSTOMER, subject=f"No {number}", number=number), policy=policy.default
            )
            message.add_attachment(b"x" * number, maintype="application", subtype="octet-stream", filename="a.bin")
            self.server.deliver(message.as_bytes())
        faults = (
            patch.object(self.registry["ir.attachment"], "_file_write", full),
            patch.object(Writer, "write", side_effect=DiskFull()),
        )
        for fault in faults:
            with fault:
                for _scan in range(4):
                    self.scan()
            self.assertEqual((self.mailbox.state, self.mailbox.error_code), ("waiting", "storage_full"))
            self.assertIn("full", self.mailbox.status_text)
            self.assertFalse(any(self.copies("pending").mapped("attempts")))
            self.assertFalse(self.copies("failed"))
        self.scan()
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(self.mailbox.state, "up_to_date")

    def test_a_message_too_large_for_its_line_is_set_aside_and_says_so(self):
        for number in range(3):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        huge = self.server.deliver(letter(*CUSTOMER, subject="Huge", number=1))
        fetch = MemoryProvider.fetch

        def slow(provider, folder, remote_ids):
            for fetched in fetch(provider, folder, remote_ids):
                if fetched.remote_id == huge:
                    error = TooSlow()
                    error.remote_id = huge
                    raise error
                yield fetched

        with patch.object(MemoryProvider, "fetch", slow):
            for _scan in range(2):
                self.scan()
                self.assertEqual((self.mailbox.state, self.mailbox.error_code), ("importing", False))
            for _scan in range(2):
                self.scan()
        self.assertEqual(self.copies("failed").reason, "too_slow")
        self.assertEqual(len(self.letters()), 3)
        self.assertEqual(self.mailbox.state, "partly_failed")

    def test_a_line_on_which_nothing_comes_through_makes_the_mailbox_wait(self):
        self.server.fail_next(TooSlow())
        self.scan()
        self.assertEqual((self.mailbox.state, self.mailbox.error_code), ("waiting", "too_slow"))
