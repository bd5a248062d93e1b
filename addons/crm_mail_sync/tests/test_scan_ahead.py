# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The next page is listed before the letters run out: nothing is lost by it, and nobody waits in vain."""

from unittest.mock import patch

from odoo.tests import tagged

from ..mailsync.errors import ConnectionLost, FolderGone, MessageUnreadable
from ..mailsync.providers.memory import MemoryProvider
from ..mailsync.reader_process import ReaderProcess
from ..scan import archiver, fetching, lister, pages, session
from ..scan.session import Session
from .scan_case import ScanCase, letter

CUSTOMER = ("info@acme-scan.test", "owner@scan-own.test")
COUNT = 20


class Ahead:
    """What is true whether the second page is asked for before the first letters or while they are on their way."""

    # What a page may take to be asked for before the first letters (seconds).
    soon = None

    def setUp(self):
        super().setUp()
        self.mailbox.folder_ids.filtered(lambda f: f.remote_id != "INBOX").selected = False
        self.cr.commit()
        for number in range(COUNT):
            self.server.deliver(letter(*CUSTOMER, subject=f"No {number}", number=number))
        # It would find again what was lost.
        for due in ("_is_check_due", "_is_being_checked"):
            self.patch(self.registry["crm.mail.mailbox"], due, lambda _mailbox: False)
        self.patch(lister, "PAGE", 8)
        self.patch(lister, "_LAST_PAGE", 4)
        self.patch(archiver, "BATCH_COUNT", 2)
        self.patch(pages, "_SOON", self.soon)
        self.patch(session, "_FIRST_LOOK", 60)
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
        self.assertEqual(sorted(self.letters().mapped("subject")), sorted(f"No {number}" for number in range(COUNT)))
        self.assertEqual(set(self.copies().mapped("state")), {"kept"})

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
        self.assertEqual(len(self.letters()), COUNT - 1)
        self.assertFalse(self.copies("pending"))

    def test_a_session_that_broke_is_asked_nothing_more(self):
        self.fail_second(ConnectionLost(), "fetch")
        self.scan()
        self.assertEqual(self.calls[-1], "fetch")
        self.assertEqual(self.calls.count("fetch"), 2)
        self.assertEqual(self.mailbox.state, "waiting")
        # The one that may have broken it, and nothing that was never tried.
        self.assertEqual(sum(self.copies("pending").mapped("attempts")), 1)
        self.scan()
        self.assert_complete()

    def test_nothing_else_is_on_its_way_with_a_message_that_failed_before(self):
        """If it takes its worker with it, no other message counts a try."""
        suspect = self.server.remote_ids()[-1]
        self.server.break_message(suspect, MessageUnreadable())
        tried = []

        def count(original):
            def fetch(provider, folder, remote_ids):
                if suspect in remote_ids:
                    with self.registry.cursor() as cr:
                        cr.execute("SELECT count(*) FROM crm_mail_copy WHERE state = 'pending' AND attempts > 0")
                        tried.extend(cr.fetchone())
                return original(provider, folder, remote_ids)

            return fetch

        self.patch(MemoryProvider, "fetch", count(MemoryProvider.fetch))
        self.scan()
        self.assertEqual(tried[1:], [1, 1])

    def test_slices_that_end_while_a_page_is_on_its_way(self):
        self.note_calls()
        self.patch(Session, "_is_over", lambda _session, _deadline: self.calls.count("changes") > 1)
        for _slice in range(3):
            self.calls.clear()
            self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date")
        self.assert_complete()
        self.assertEqual(set(self.copies().mapped("attempts")), {1})


@tagged("post_install", "-at_install")
class TestListingAhead(Ahead, ScanCase):
    soon = -1

    def test_the_next_page_comes_before_the_letters_run_out(self):
        self.note_calls()
        self.scan()
        self.assert_complete()
        self.assertEqual(self.calls[:5], ["changes", "fetch", "fetch", "changes", "fetch"])

    def test_the_last_page_is_asked_for_when_nothing_is_on_its_way(self):
        """It tells what is there: it must not be older than what the owner does meanwhile."""
        self.note_calls()
        self.scan()
        last = len(self.calls) - 1 - self.calls[::-1].index("changes")
        self.assertEqual(self.calls[last - 1 :], ["fetch", "changes", "fetch", "fetch"])

    def test_an_error_of_the_next_page_ends_the_session(self):
        self.fail_second(ConnectionLost(), "changes")
        self.scan()
        self.assertEqual(self.calls, ["changes", "fetch", "fetch", "changes"])
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(self.mailbox.error_code, "connection_lost")
        self.assertFalse(any(self.copies("pending").mapped("attempts")))
        self.scan()
        self.assert_complete()


@tagged("post_install", "-at_install")
class TestListingFirst(Ahead, ScanCase):
    soon = 60

    def test_the_next_page_comes_before_the_first_letters(self):
        self.note_calls()
        self.scan()
        self.assert_complete()
        self.assertEqual(self.calls[:3], ["changes", "changes", "fetch"])

    def test_an_error_of_the_next_page_ends_the_session(self):
        self.fail_second(ConnectionLost(), "changes")
        self.scan()
        self.assertEqual(self.calls, ["changes", "changes"])
        self.assertEqual(len(self.copies("pending")), 8)
        self.assertEqual(self.mailbox.error_code, "connection_lost")
        self.assertFalse(any(self.copies("pending").mapped("attempts")))
        before = len(self.calls)
        self.scan()
        self.assert_complete()
        self.assertEqual(self.calls[before], "fetch")

    def test_when_the_time_is_over_nothing_is_asked_but_the_letters(self):
        self.patch(Session, "_is_over", lambda _session, _deadline: self.calls.count("changes") > 0)
        self.note_calls()
        self.scan()
        self.assertEqual(self.calls, ["changes", "fetch", "fetch"])

    def test_every_directory_is_looked_into_before_the_first_letters(self):
        first = self.first_looks()
        self.assertEqual(set(first), set(self.mailbox.folder_ids.mapped("remote_id")))
        self.assertEqual(set(first.values()), {0})

    def test_what_a_provider_may_tell_with_whole_messages_is_not_looked_into_first(self):
        self.patch(MemoryProvider, "asks_known", True)
        first = self.first_looks()
        self.assertEqual(first["INBOX"], 0)
        self.assertTrue(all(fetched for folder, fetched in first.items() if folder != "INBOX"))

    def test_what_is_picked_later_keeps_no_letter_waiting(self):
        """What is asked for first may fail again and again."""
        self.scan()
        self.server.deliver(letter(*CUSTOMER, subject="New", number=COUNT))
        self.assertGreater(self.first_looks()["Sent"], 0)

    def first_looks(self):
        """Scan all directories; how many batches had been fetched before each was first looked into."""
        self.mailbox.folder_ids.selected = True
        self.cr.commit()
        self.server.deliver(letter(*CUSTOMER, subject="Sent", number=COUNT + 1), "Sent")
        fetched = {}

        def note(provider, folder, *args, original=MemoryProvider.changes):
            fetched.setdefault(folder, self.calls.count("fetch"))
            return original(provider, folder, *args)

        self.patch(MemoryProvider, "changes", note)
        self.note_calls()
        self.scan()
        self.assertIn("Sent", self.letters().mapped("subject"))
        self.assertFalse(self.copies("pending"))
        return fetched

    def test_the_process_that_reads_comes_up_before_its_first_message(self):
        self.patch(fetching, "MANY", 5)

        def start(process, original=ReaderProcess._start):
            self.calls.append("start")
            return original(process)

        self.patch(ReaderProcess, "_start", start)
        self.note_calls()
        self.scan()
        self.assert_complete()
        self.assertEqual(self.calls[:4], ["changes", "start", "changes", "fetch"])
