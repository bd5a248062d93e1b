# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Scans of a Gmail mailbox: labels instead of folders, ids that stay, and a history that may be forgotten."""

from unittest.mock import patch

from odoo.tests.common import tagged

from ..mailsync.errors import ConnectionLost
from ..mailsync.providers.gmail import GmailProvider
from .gmail_case import OWNER, AtGmail
from .scan_case import ScanCase, letter


@tagged("post_install", "-at_install")
class TestScanGmail(AtGmail, ScanCase):
    def setUp(self):
        super().setUp()
        self.label = self.account.add_label("Customers")
        self.pick("INBOX", self.label)
        self.google.requests.clear()
        self.addCleanup(self.google.faults.clear)

    def pick(self, *labels):
        with self.gmail.session() as provider:
            self.mailbox.folder_ids.unlink()
            self.env["crm.mail.folder"]._store_listing(self.mailbox, provider.folders())
        for folder in self.mailbox.folder_ids:
            folder.selected = folder.remote_id in labels
        self.cr.commit()

    def deliver(self, number, *labels):
        content = letter("anna@acme-scan.test", OWNER, number=number, subject=f"Offer {number}")
        return self.account.deliver(content, labels or ("INBOX",), received=1_790_000_000 + 60 * number)

    def copy_of(self, message):
        [copy] = self.copies().filtered(lambda copy: copy.remote_id == message)
        return copy

    def gets(self):
        return self.google.requests.count("messages.get")

    def test_a_message_under_two_labels_is_one_copy_until_it_has_none(self):
        message = self.deliver(1, "INBOX", self.label)
        self.scan()
        self.assertEqual(len(self.letters()), 1)
        self.assertEqual(self.copy_of(message).state, "kept")
        self.assertEqual(self.gets(), 1)
        self.account.set_labels(message, remove=["INBOX"])
        self.scan()
        self.assertFalse(self.copy_of(message).is_removed)
        self.account.set_labels(message, add=["INBOX"], remove=[self.label])
        self.scan()
        self.assertFalse(self.copy_of(message).is_removed)
        self.account.set_labels(message, remove=["INBOX"])
        self.scan()
        self.assertTrue(self.copy_of(message).is_removed)
        self.assertEqual(len(self.letters()), 1)
        self.assertEqual(self.gets(), 1)

    def test_a_message_that_is_archived_at_gmail_while_it_waits_is_archived_here_too(self):
        self.pick("INBOX")
        self.scan()
        message = self.deliver(1)
        with patch.object(GmailProvider, "fetch", side_effect=ConnectionLost()):
            self.scan()
        self.assertEqual(self.copy_of(message).state, "pending")
        self.account.set_labels(message, remove=["INBOX"])
        self.scan()
        copy = self.copy_of(message)
        self.assertEqual((copy.state, copy.is_removed), ("kept", True))
        self.assertEqual(len(self.letters()), 1)

    def test_a_message_that_moves_from_label_to_label_while_it_waits_is_not_lost(self):
        message = self.deliver(1)
        with patch.object(GmailProvider, "fetch", side_effect=ConnectionLost()):
            self.scan()
        self.account.set_labels(message, add=[self.label], remove=["INBOX"])
        with patch.object(GmailProvider, "fetch", side_effect=ConnectionLost()):
            self.scan()
        self.scan()
        copy = self.copy_of(message)
        self.assertEqual((copy.state, copy.is_removed, copy.folder_id.remote_id), ("kept", False, self.label))

    def test_a_forgotten_history_doubles_nothing_and_brings_no_body_again(self):
        messages = [self.deliver(number, *(["INBOX", self.label] if number % 2 else ["INBOX"])) for number in range(8)]
        self.scan()
        self.assertEqual(self.gets(), 8)
        self.account.expire_history()
        self.account.delete(messages[2])
        self.account.set_labels(messages[3], remove=["INBOX"])
        new = self.deliver(9)
        self.scan()
        self.assertEqual(self.gets(), 9)
        self.assertEqual(len(self.copies()), 9)
        self.assertEqual(len(self.letters()), 9)
        self.assertEqual(self.copies().filtered("is_removed").remote_id, messages[2])
        self.assertEqual(self.copy_of(new).state, "kept")
        self.scan()
        self.assertEqual(self.gets(), 9)

    def test_an_import_in_many_turns_asks_for_each_message_once_and_is_refused_nothing(self):
        self.google.limits.on()
        count = 90
        for number in range(count):
            self.deliver(number, "INBOX" if number % 3 else self.label)
        # The quota of a mailbox that may use a sixth of what is usual.
        self.addCleanup(setattr, self.google.limits, "per_user", self.google.limits.per_user)
        self.google.limits.per_user = 1_000
        # The minute of the tests before is over.
        self.google.clock.advance(61)
        turns = 0
        with patch("odoo.addons.crm_mail_sync.mailsync.providers.gmail.api._UNITS", 1_000):
            while not turns or self.mailbox.is_paced:
                self.scan()
                self.google.clock.advance(61)
                turns += 1
        self.assertGreater(turns, 1)
        self.assertEqual(len(self.letters()), count)
        self.assertEqual(self.gets(), count)
        self.assertFalse([record for record in self.google.requests if record.status in (403, 429)])
        self.assertLessEqual(self.google.requests.units() / count, 22)
