# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Spam and trash where a message keeps its id wherever it is put."""

import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged

from sandbox import microsoft

from ..scan.session import Session
from .email_app_case import OWN, EmailAppCase
from .email_app_gmail_case import EmailAppGmailCase
from .scan_case import letter
from .test_email_app_put_away import STRANGER
from .test_scan_graph import GraphServer


@tagged("post_install", "-at_install")
class TestEmailAppPutAwayLabels(EmailAppGmailCase):
    """At Gmail a message keeps its id wherever it is put."""

    def setUp(self):
        super().setUp()
        self.trash, self.spam = self.folder("TRASH"), self.folder("SPAM")

    def places(self):
        return {f.role: self.subjects(f) for f in (self.inbox, self.trash, self.spam)}

    def archived(self):
        return sorted(self.letters().mapped("subject"))

    def test_what_is_taken_out_again_is_decided_as_if_it_was_never_seen(self):
        offer = self.deliver("Offer", "SPAM", number=1)
        prize = self.deliver("Prize", "SPAM", sender=STRANGER, number=2)
        self.scan()
        self.assertEqual((self.archived(), self.places()["junk"]), ([], ["Prize", "Offer"]))
        for message in (offer, prize):
            self.account.set_labels(message, add=["INBOX"], remove=["SPAM"])
        for _time in range(2):
            self.scan()
            self.assertEqual(self.places(), {"inbox": ["Prize", "Offer"], "trash": [], "junk": []})
            self.assertEqual(self.archived(), ["Offer"])
            self.assertEqual(self.copies("skipped").mapped("reason"), ["nobody_known"])
            self.check_counts()

    def test_there_and_back_again_is_the_same_letter(self):
        offer = self.deliver("Offer", "INBOX", number=1)
        self.scan()
        before = self.letters()
        for there in ("TRASH", "SPAM"):
            self.account.set_labels(offer, add=[there], remove=["INBOX"])
            self.scan()
            self.assertEqual(self.subjects(), [])
            self.assertEqual(self.subjects(self.folder(there)), ["Offer"])
            self.assertTrue(self.copies().is_removed)
            self.check_counts()
            self.account.set_labels(offer, add=["INBOX"], remove=[there])
            self.scan()
            self.assertEqual(self.places(), {"inbox": ["Offer"], "trash": [], "junk": []})
            self.assertEqual(self.letters(), before)
            self.assertFalse(self.copies().is_removed)
            self.check_counts()

    def test_a_forgotten_history_archives_nothing_of_them(self):
        self.deliver("Offer", "SPAM", number=1)
        gone = self.deliver("Prize", "SPAM", sender=STRANGER, number=2)
        self.scan()
        self.account.expire_history()
        self.account.delete(gone)
        self.scan()
        self.assertEqual(self.places(), {"inbox": [], "trash": [], "junk": ["Offer"]})
        self.assertEqual(self.archived(), [])
        self.assertEqual(self.copies().mapped("subject"), ["Offer"])
        self.check_counts()

    def test_what_was_asked_for_is_archived_wherever_it_is_put(self):
        for there in ("its history is forgotten", "TRASH"):
            with self.subTest(there):
                message = self.deliver(f"Prize {there}", "SPAM", sender=STRANGER, number=1)
                self.scan()
                copy = self.copies("skipped")
                copy.with_user(self.user)._file({})
                self.cr.commit()
                if there == "TRASH":
                    self.account.set_labels(message, add=["TRASH"], remove=["SPAM"])
                else:
                    self.account.expire_history()
                with patch.object(Session, "_archive_all", lambda *_args: True):
                    self.scan()
                self.scan()
                letter_found = self.letters().filtered(lambda e, there=there: there in e.subject)
                self.assertEqual(copy.email_id, letter_found)
                self.assertTrue(letter_found.with_user(self.user)._original__())

    def test_a_draft_that_is_taken_out_of_the_trash_is_one_again(self):
        draft = self.deliver("Draft", "DRAFT", "TRASH", sender=OWN, number=1)
        self.scan()
        self.account.set_labels(draft, remove=["TRASH"])
        self.scan()
        self.assertEqual(self.copies().reason, "draft")
        self.assertEqual(self.subjects(self.folder("DRAFT")), ["Draft"])


@tagged("post_install", "-at_install")
class TestEmailAppPutAwayGraph(EmailAppCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.cloud = cls.enterClassContext(microsoft.running(Path(folder)))

    def setUp(self):
        super().setUp()
        self.account = self.server.account
        by_role = {folder.role: folder for folder in self.mailbox.folder_ids}
        self.inbox, self.trash, self.spam = by_role["inbox"], by_role["trash"], by_role["junk"]
        self.mailbox.provider = "outlook"
        self.cr.commit()

    def _new_server(self, address):
        return GraphServer(self.cloud, address)

    def put(self, subject, folder, number, sender="Anna <anna@acme-scan.test>"):
        content = letter(sender, OWN, number=number, subject=subject)
        return self.account.deliver(content, folder.remote_id, received=1_770_000_000.0 + number)

    def places(self):
        return {folder.role: self.subjects(folder) for folder in (self.inbox, self.trash, self.spam)}

    def test_from_everywhere_to_everywhere(self):
        offer = self.put("Offer", self.spam, 1)
        prize = self.put("Prize", self.spam, 2, STRANGER)
        self.scan()
        self.assertEqual((self.letters().ids, self.places()["junk"]), ([], ["Prize", "Offer"]))
        self.account.move(offer, self.inbox.remote_id)
        self.account.move(prize, self.trash.remote_id)
        self.scan()
        before = self.letters()
        self.assertEqual(before.mapped("subject"), ["Offer"])
        self.assertEqual(self.places(), {"inbox": ["Offer"], "trash": ["Prize"], "junk": []})
        self.account.move(offer, self.trash.remote_id)
        self.account.delete(prize)
        self.scan()
        self.assertEqual(self.places(), {"inbox": [], "trash": ["Offer"], "junk": []})
        self.account.move(offer, self.inbox.remote_id)
        self.scan()
        self.assertEqual(self.places(), {"inbox": ["Offer"], "trash": [], "junk": []})
        self.assertEqual((self.letters(), len(self.copies())), (before, 1))
        self.check_counts()

    def test_what_waits_is_none_that_waits_in_the_trash(self):
        offer = self.put("Offer", self.inbox, 1)
        with patch.object(Session, "_archive_all", lambda *_args: True):
            self.scan()
        self.account.move(offer, self.trash.remote_id)
        with patch.object(Session, "_archive_all", lambda *_args: True):
            self.scan()
        self.assertEqual(self.places(), {"inbox": [], "trash": ["Offer"], "junk": []})
        self.assertFalse(self.copies("pending"))
        self.account.move(offer, self.inbox.remote_id)
        self.scan()
        self.assertEqual(self.letters().mapped("subject"), ["Offer"])
