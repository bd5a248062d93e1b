# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter that is missed is asked for at Gmail and Outlook."""

import tempfile
from pathlib import Path

from odoo.tests.common import tagged

from sandbox import google, microsoft

from .gmail_case import Account
from .scan_case import letter
from .test_scan_graph import GraphServer
from .trace_case import OWNER, STRANGER, TraceCase


@tagged("post_install", "-at_install")
class TestWhereIsMyLetterGmail(TraceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.google = cls.enterClassContext(google.running(Path(folder)))

    def test_a_message_in_spam_is_found_and_filed(self):
        self.google.limits.off()
        gmail = self.servers[OWNER] = Account(self.google, OWNER)
        with gmail.session() as provider:
            self.mailbox.folder_ids.unlink()
            self.env["crm.mail.folder"]._store_listing(self.mailbox, provider.folders())
        self.cr.commit()
        gmail.account.deliver(letter(STRANGER, OWNER, subject="Offer"), ["SPAM"], received=1_790_000_000)
        self.scan()
        [hit] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]
        self.assertEqual(
            (hit["folder"], hit["note"]), ("Spam", "It lies in spam or trash, of which nothing is archived.")
        )
        begun = self.trace.file_found(self.mailbox.id, hit["folder_id"], hit["remote_id"])
        self.cr.commit()
        self.scan()
        self.assertEqual(self.trace.filing(begun["copy_id"])["tone"], "success")


@tagged("post_install", "-at_install")
class TestWhereIsMyLetterGraph(TraceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.cloud = cls.enterClassContext(microsoft.running(Path(folder)))

    def _new_server(self, address):
        return GraphServer(self.cloud, address)

    def test_a_message_in_a_directory_that_nobody_scans_is_found_and_filed(self):
        other = self.mailbox.folder_ids.filtered(lambda f: f.role == "archive")
        other.selected = False
        self.cr.commit()
        self.server.account.deliver(letter(STRANGER, OWNER, subject="Offer"), other.remote_id, received=1_770_000_000.0)
        self.scan()
        [hit] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]
        self.assertEqual((hit["folder_id"], hit["note"]), (other.id, "Not listed: this directory is not scanned."))
        begun = self.trace.file_found(self.mailbox.id, hit["folder_id"], hit["remote_id"])
        self.cr.commit()
        self.scan()
        self.assertEqual(self.trace.filing(begun["copy_id"])["tone"], "success")
