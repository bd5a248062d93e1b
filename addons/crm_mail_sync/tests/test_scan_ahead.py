# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The next page is listed while letters are on their way: nothing is lost by it, and nobody waits in vain."""

from unittest.mock import patch

from odoo.tests import tagged

from ..mailsync.errors import ConnectionLost, FolderGone
from ..mailsync.providers.memory import MemoryProvider
from ..scan import archiver, lister
from .scan_case import ScanCase, letter

CUSTOMER = ("info@acme-scan.test", "owner@scan-own.test")


@tagged("post_install", "-at_install")
class TestListingAhead(ScanCase):
    def setUp(self):
        super().setUp()
        self.mailbox.folder_ids.filtered(lambda f: f.remote_id != "INBOX").selected = False
        self.cr.commit()
        for number in range(12):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        # It would find again what was lost.
        for due in ("_is_check_due", "_is_being_checked"):
            self.patch(self.registry["crm.mail.mailbox"], due, lambda _mailbox: False)
        self.patch(lister, "PAGE", 8)
        self.patch(archiver, "BATCH_COUNT", 2)
        self.calls = []

    def note_calls(self, before=lambda _name, _nth: None):
        """Note which of the provider's methods are called; ``before`` is called first, with how often they were."""

        def noted(name):
            original = getattr(MemoryProvider, name)

            def call(*args, **kwargs):
                before(name, self.calls.count(name))
                self.calls.append(name)
                return original(*args, **kwargs)

            return patch.object(MemoryProvider, name, call)

        for name in ("changes", "fetch"):
            self.enterContext(noted(name))

    def fail_second(self, error, failing):
        def fail(name, nth):
            if (name, nth) == (failing, 1):
                self.server.fail_next(error, name)

        self.note_calls(fail)

    def assert_complete(self):
        self.assertEqual(sorted(self.letters().mapped("subject")), sorted(f"No {number}" for number in range(12)))
        self.assertEqual(set(self.copies().mapped("state")), {"kept"})

    def test_the_next_page_comes_before_the_letters_run_out(self):
        self.note_calls()
        self.scan()
        self.assert_complete()
        self.assertEqual(self.calls[:5], ["changes", "fetch", "fetch", "changes", "fetch"])

    def test_what_can_be_archived_does_not_wait_for_an_error(self):
        self.fail_second(ConnectionLost(), "changes")
        self.scan()
        self.assertEqual(len(self.letters()), 8)
        self.assertEqual(self.mailbox.state, "waiting")
        self.scan()
        self.assert_complete()

    def test_a_folder_that_goes_meanwhile(self):
        self.fail_second(FolderGone(), "changes")
        self.scan()
        self.assertEqual(len(self.letters()), 8)
        self.scan()
        self.assert_complete()

    def test_a_folder_that_is_numbered_anew_meanwhile(self):
        def renumber(name, nth):
            if (name, nth) == ("changes", 1):
                self.server.reset("INBOX")

        self.note_calls(renumber)
        self.scan()
        self.scan()
        self.assert_complete()

    def test_a_message_that_goes_meanwhile(self):
        going = self.server.remote_ids()[0]

        def delete(name, nth):
            if (name, nth) == ("changes", 1):
                self.server.delete(going)

        self.note_calls(delete)
        self.scan()
        self.scan()
        self.assertEqual(len(self.letters()), 11)
        self.assertFalse(self.copies("pending"))

    def test_a_session_that_broke_is_asked_nothing_more(self):
        self.fail_second(ConnectionLost(), "fetch")
        self.scan()
        self.assertEqual(self.calls, ["changes", "fetch", "fetch"])
        self.assertEqual(self.mailbox.state, "waiting")
        # The one that may have broken it, and nothing that was never tried.
        self.assertEqual(sum(self.copies("pending").mapped("attempts")), 1)
        self.scan()
        self.assert_complete()

    def test_slices_that_end_while_a_page_is_on_its_way(self):
        for _slice in range(40):
            self.scan(seconds=0)
            if self.mailbox.state == "up_to_date":
                break
        self.assert_complete()
        self.assertFalse(any(self.copies().mapped("is_stale")))
