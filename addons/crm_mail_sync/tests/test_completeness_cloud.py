# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Completeness where an id is good for a message wherever it lies: at Gmail and Microsoft Graph."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from odoo.tests import tagged

from sandbox import google, microsoft

from .completeness_case import CUSTOMER, OWNER, STRANGER, CompletenessCase
from .gmail_case import Account
from .scan_case import letter
from .test_scan_graph import GraphServer


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
