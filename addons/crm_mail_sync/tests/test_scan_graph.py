# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The scan of a mailbox at Graph: ids that stay, moves told twice, listings begun anew."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged

from sandbox import microsoft

from ..mailsync.endpoints import MicrosoftEndpoints
from ..mailsync.errors import Paced
from ..mailsync.oauth import Tokens
from ..mailsync.providers.graph import GraphProvider, GraphSettings, connect
from ..scan import lister
from .scan_case import ScanCase, letter

ADDRESS = "owner@scan-own.test"
CUSTOMER = "anna@acme-scan.test"


class GraphServer:
    """The owner's account at the stand-in, and sessions with it."""

    def __init__(self, cloud, address):
        self._cloud = cloud
        self._address = address
        self.account = cloud.add_account(address)

    def session(self):
        place = self._cloud.endpoints
        return connect(
            GraphSettings(
                address=self._address,
                source=self,
                keep_tokens=lambda tokens: None,
                endpoints=MicrosoftEndpoints(place["login"], place["graph"], str(self._cloud.ca_file)),
            )
        )

    def renewed(self, tokens):
        got = self._cloud.grant(self._address, ["Mail.Read"])
        return Tokens(got["access_token"], self._cloud.clock.now() + got["expires_in"])


@tagged("post_install", "-at_install")
class TestScanGraph(ScanCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.numbers = iter(range(1000))
        cls.root = Path(folder.name)

    def setUp(self):
        stack = ExitStack()
        self.addCleanup(stack.close)
        self.cloud = stack.enter_context(microsoft.running(self.root / str(next(self.numbers))))
        super().setUp()
        self.account = self.server.account
        self.customers = self.mailbox.folder_ids.filtered(lambda f: f.name == "Customers")
        self.inbox = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        self.fetched = []
        fetch = GraphProvider.fetch

        def noted(provider, folder, remote_ids):
            self.fetched += remote_ids
            return fetch(provider, folder, remote_ids)

        noting = patch.object(GraphProvider, "fetch", noted)
        noting.start()
        self.addCleanup(noting.stop)

    def _new_server(self, address):
        server = GraphServer(self.cloud, address)
        server.account.add_folder("Customers")
        return server

    def deliver(self, folder="inbox", number=0, **fields):
        flags = {name: fields.pop(name) for name in ("is_draft", "is_read") if name in fields}
        sender = fields.pop("sender", CUSTOMER)
        moment = 1_770_000_000.0 + fields.pop("received", number)
        content = letter(sender, ADDRESS, subject=f"No {number}", number=number, **fields)
        return self.account.deliver(content, folder, received=moment, **flags)

    def test_moves_between_picked_folders_keep_one_copy(self):
        """Told gone by the one folder and there by the other, whichever is asked first."""
        there = self.customers.remote_id
        ids = [self.deliver(number=1), self.deliver(there, number=2)]
        self.scan()
        letters = self.letters()
        self.assertEqual(len(letters), 2)
        self.account.move(ids[0], there)
        self.account.move(ids[1], "inbox")
        self.scan()
        self.assertEqual(self.letters(), letters)
        places = {copy.remote_id: copy.folder_id for copy in self.copies("kept")}
        self.assertEqual(places, {ids[0]: self.customers, ids[1]: self.inbox})
        self.assertFalse(any(self.copies().mapped("is_removed")))
        self.assertEqual(sorted(self.fetched), sorted(ids))

    def test_a_message_on_its_way_before_it_was_fetched_is_archived_all_the_same(self):
        message = self.deliver(number=1)
        with patch.object(GraphProvider, "fetch", side_effect=Paced(retry_after=1)):
            self.scan()
        self.assertEqual(self.copies().state, "pending")
        self.account.move(message, self.customers.remote_id)
        self.scan()
        self.assertEqual(self.copies().folder_id, self.customers)
        self.assertEqual(self.copies().state, "kept")
        self.assertEqual(len(self.letters()), 1)

    def test_a_line_that_is_down_is_not_taken_for_a_message_that_breaks_it(self):
        self.deliver(number=1)
        with patch.object(GraphProvider, "fetch", side_effect=Paced(retry_after=1)):
            self.scan()
        for cursors in (self.mailbox.folder_ids.mapped("cursor"), [False] * len(self.mailbox.folder_ids)):
            for folder, cursor in zip(self.mailbox.folder_ids, cursors, strict=True):
                folder.cursor = cursor
            self.cloud.faults.add(None, None, kind="reset")
            for _scan in range(4):
                self.scan()
                self.assertEqual((self.mailbox.state, self.mailbox.error_code), ("waiting", "connection_lost"))
            self.assertEqual((self.copies().state, self.copies().attempts), ("pending", 0))
            self.cloud.faults.clear()
        self.scan()
        self.assertEqual(self.copies().state, "kept")

    def test_a_folder_listed_anew_doubles_nothing_and_fetches_nothing(self):
        ids = {self.deliver(number=number) for number in range(7)}
        self.deliver(self.customers.remote_id, number=10)
        self.scan()
        self.assertEqual(len(self.fetched), 8)
        gone = sorted(ids)[0]
        self.account.delete(gone)
        for code, with_location in (("SyncStateNotFound", False), ("resyncRequired", True)):
            self.account.expire_delta("inbox", code=code, with_location=with_location)
            with patch.object(lister, "PAGE", 3):
                self.scan()
            self.assertEqual(len(self.letters()), 8)
            self.assertEqual(len(self.copies()), 8)
            self.assertEqual(self.copies().filtered("is_removed").remote_id, gone)
            self.assertEqual(len(self.fetched), 8)

    def test_two_messages_with_one_header_keep_their_ids_when_listed_anew(self):
        same = {"number": 1, "message_id": "<same@acme-scan.test>"}
        # Copies are made newest first, so their order is not that of the ids.
        ids = {self.deliver(**same, received=second) for second in range(6)}
        self.scan()
        before = {copy.id: copy.remote_id for copy in self.copies()}
        self.assertEqual(set(before.values()), ids)
        cursor = self.inbox.cursor
        self.account.expire_delta("inbox")
        self.scan()
        self.assertNotEqual(self.inbox.cursor, cursor)
        self.assertEqual({copy.id: copy.remote_id for copy in self.copies()}, before)

    def test_a_draft_that_is_sent_becomes_a_letter(self):
        """Exchange keeps its id; it is judged by what it says when it is sent."""
        sent = self.mailbox.folder_ids.filtered(lambda f: f.role == "sent")
        draft = self.deliver("drafts", number=1, is_draft=True)
        self.scan()
        self.assertEqual((self.copies().state, self.copies().reason), ("skipped", "draft"))
        self.account.mailbox.messages[draft].is_draft = False
        self.account.move(draft, "sentitems")
        self.scan()
        self.assertEqual(self.copies().folder_id, sent)
        self.assertEqual(self.letters().subject, "No 1")
        self.assertEqual(self.links_of(self.acme), {self.letters(): "customer_contact"})

    def test_a_message_that_was_read_is_not_fetched_again(self):
        message = self.deliver(number=1)
        self.scan()
        self.account.update(message, is_read=True)
        self.scan()
        self.assertEqual(self.copies().flags, "\\Seen")
        self.assertEqual(self.fetched, [message])

    def test_a_folder_that_vanished_does_not_stop_the_others(self):
        self.deliver(self.customers.remote_id, number=1)
        self.scan()
        self.account.remove_folder(self.customers.remote_id)
        self.deliver(number=2)
        self.scan()
        self.assertEqual(set(self.letters().mapped("subject")), {"No 1", "No 2"})

    def test_an_outage_sets_no_message_aside(self):
        """A gateway answers in Graph's stead, as often as a message is tried."""
        self.deliver(number=1)
        with patch.object(GraphProvider, "fetch", side_effect=Paced(retry_after=1)):
            self.scan()
        self.assertEqual(self.copies().state, "pending")
        self.cloud.faults.add(None, None, status=502, body="<html>Bad gateway</html>")
        for _ in range(3):
            self.scan()
        self.cloud.faults.clear()
        self.scan()
        self.assertEqual(self.copies().state, "kept")
