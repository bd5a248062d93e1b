# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Filing on request: whatever keeps a message out gives way, and no request is lost or waits for ever."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..mailsync.errors import ConnectionLost, FolderUnreadable, MessageGone
from .deciding_case import DecidingCase
from .scan_case import START, letter
from .trace_case import CUSTOMER, OWNER, STRANGER, TraceCase

LATER = (START + timedelta(days=3)).date()


@tagged("post_install", "-at_install")
class TestAsked(DecidingCase, TraceCase):
    def deliver(self, sender=STRANGER, folder="INBOX", flags=(), **fields):
        content = letter(sender, OWNER, subject="Offer", **fields)
        return self.server.deliver(content, folder, received=START.timestamp(), flags=flags)

    def ask(self):
        self.trace.file_now(self.find_one("offer")["copy_ids"])
        self.cr.commit()

    def unpicked(self):
        """A message in a directory that is not scanned, with its owner's request."""
        folder = self.mailbox.folder_ids.filtered(lambda f: f.name == "Sent")
        folder.selected = False
        self.cr.commit()
        self.deliver(folder="Sent")
        [hit] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]
        self.trace.file_found(self.mailbox.id, hit["folder_id"], hit["remote_id"])
        self.cr.commit()
        return folder

    def test_older_than_the_start(self):
        self.mailbox.scan_since = LATER
        self.cr.commit()
        for sender in (STRANGER, CUSTOMER):
            message = self.deliver(sender)
            self.scan()
            hit = self.find_one("offer")
            self.assertIn("You can file it all the same", self.told(hit))
            self.assertEqual(self.file(hit)["tone"], "success", sender)
            self.server.delete(message)
            self.letters()[0]._erase()
            self.cr.commit()

    def test_a_start_that_is_set_while_it_waits(self):
        self.deliver()
        self.scan()
        self.ask()
        self.mailbox.scan_since = LATER
        self.cr.commit()
        self.scan()
        self.assertEqual(len(self.letters()), 1)

    def test_what_a_rule_keeps_out_is_its_customers_all_the_same(self):
        self.rule("address", CUSTOMER)
        self.deliver(CUSTOMER)
        self.scan()
        self.assertEqual(self.copies().reason, "excluded")
        self.assertIn("Anna", self.file(self.find_one("offer"))["text"])
        self.assertEqual(set(self.letters().link_ids.mapped("reason")), {"customer_contact"})

    def test_a_draft_is_no_letter_yet(self):
        self.deliver(CUSTOMER, flags=["\\Draft"])
        self.scan()
        hit = self.find_one("offer")
        self.assertFalse(self.trail(hit)["can_file"])
        with self.assertRaises(UserError):
            self.trace.file_now(hit["copy_ids"])
        [found] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]
        self.assertFalse(found["can_file"])
        # Asking the server ends the transaction, and with it any savepoint around.
        with self.assertRaisesRegex(UserError, "This is a draft"):
            self.trace.file_found(self.mailbox.id, found["folder_id"], found["remote_id"])
        self.cr.rollback()

    def _ask_in_vain(self):
        message = self.deliver()
        self.scan()
        self.server.break_message(message, MessageGone())
        self.ask()
        self.scan()
        self.assertEqual(self.copies().state, "gone")
        self.server.break_message(message, None)

    def test_one_that_had_gone_and_is_met_again(self):
        self._ask_in_vain()
        self.server.reset("INBOX")
        self.scan()
        self.assertEqual((len(self.letters()), len(self.copies())), (1, 1))

    def test_one_that_had_gone_and_is_found_by_a_check(self):
        self._ask_in_vain()
        self.mailbox.check_due = START.replace(tzinfo=None)
        self.scan()
        self.assertEqual((len(self.letters()), len(self.copies())), (1, 1))

    def test_in_a_directory_that_goes(self):
        folder = self.unpicked()
        self.server.remove_folder("Sent")
        folder.is_gone = True
        self.cr.commit()
        self.scan()
        self.assertEqual((self.copies().state, self.copies().reason), ("gone", "folder_gone"))

    def test_in_an_unpicked_directory_whose_ids_have_died(self):
        self.unpicked()
        self.copies().is_stale = True
        self.cr.commit()
        self.scan()
        self.assertEqual((self.copies().state, self.copies().reason), ("skipped", "folder_unpicked"))

    def test_in_an_unpicked_directory_that_cannot_be_opened(self):
        self.unpicked()
        for _try in range(3):
            self.server.fail_next(FolderUnreadable(), "fetch")
            self.scan()
        self.assertEqual((self.copies().state, self.copies().reason), ("failed", "folder_unreadable"))

    def test_a_connection_that_breaks_costs_no_request(self):
        self.unpicked()
        self.server.fail_next(ConnectionLost(), "fetch")
        self.scan()
        self.assertEqual(self.copies().state, "pending")
        self.scan()
        self.assertEqual(len(self.letters()), 1)
