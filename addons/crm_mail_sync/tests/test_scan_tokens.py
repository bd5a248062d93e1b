# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tokens that are renewed while messages are being fetched, with the real commits of a scan."""

import os
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged

from sandbox import microsoft

from ..mailsync.oauth import Tokens
from ..mailsync.providers.memory import MemoryMailbox
from ..scan.session import Session
from .oauth_case import NetworkGuard
from .scan_case import ScanCase, letter

OWNER = "owner@scan-own.test"
SCOPES = ["openid", "offline_access", "Mail.Read", "User.Read"]
SETTINGS = ("client_id", "client_secret", "tenant")


@tagged("post_install", "-at_install")
class TestScanTokens(NetworkGuard, ScanCase):
    """At Microsoft: an Outlook mailbox fetches apart from its listing, in a thread of its own."""

    def setUp(self):
        stack = ExitStack()
        self.addCleanup(stack.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="microsoft"))
        self.microsoft = stack.enter_context(microsoft.running(Path(folder)))
        self.microsoft.strict_rotation = True
        self.account = self.microsoft.add_account(OWNER)
        at = self.microsoft.endpoints
        places = {f"CRM_MAIL_SYNC_MICROSOFT_{name.upper()}": at[name] for name in ("login", "graph")}
        stack.enter_context(patch.dict(os.environ, {**places, "SSL_CERT_FILE": str(self.microsoft.ca_file)}))
        super().setUp()
        self.enterContext(
            patch.object(
                self.registry["crm.mail.mailbox"],
                "_connector__",
                lambda mailbox, keep: mailbox._connector_outlook__(keep),
            )
        )
        self._link()
        self.writers = []
        keep = Session._keep_tokens

        def noted(session, tokens):
            self.writers.append(threading.current_thread())
            keep(session, tokens)

        self.enterContext(patch.object(Session, "_keep_tokens", noted))

    def _new_server(self, address):
        # Only for the fields of a new mailbox: it is linked right afterwards.
        return MemoryMailbox("Sent")

    def _link(self):
        apps = self.env["crm.mail.app"]
        for name in SETTINGS:
            apps._store(f"microsoft_{name}", getattr(self.microsoft, name))
        self.mailbox.provider = "outlook"
        answer = self.microsoft.grant(OWNER, SCOPES)
        scopes = frozenset({"Mail.Read", "User.Read"})
        self.mailbox._store_tokens__(
            Tokens(answer["access_token"], time.time() + answer["expires_in"], answer["refresh_token"], scopes)
        )
        self.mailbox.account_subject = f"{self.account.oid}.{self.account.tenant}"
        with self.mailbox._connect__() as provider:
            self.mailbox.folder_ids.unlink()
            self.mailbox._store_folders(provider.folders())
        self.mailbox._set_connected()
        self.cr.commit()

    def _wipe(self):
        super()._wipe()
        for name in SETTINGS:
            self.env["crm.mail.app"]._store(f"microsoft_{name}", False)
        self.cr.commit()

    def in_database(self):
        """The tokens as any other worker finds them."""
        with self.registry.cursor() as cursor:
            return self.mailbox.with_env(self.env(cr=cursor))._tokens__()

    def deliver(self, count):
        for number in range(count):
            content = letter("anna@acme-scan.test", OWNER, subject=f"No {number}", number=number)
            self.account.deliver(content, "inbox", received=1_790_000_000.0 + number)

    def test_renewed_in_the_middle_of_a_fetch(self):
        """The main thread stores the batch before and has the mailbox's row in hand meanwhile."""
        self.deliver(300)
        before = self.in_database()
        self.microsoft.faults.add("batch", status=401, reason="InvalidAuthenticationToken", after=3)
        self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date", self.mailbox.error_message)
        self.assertEqual(len(self.letters()), 300)
        self.assertEqual(self.microsoft.requests.count("token"), 1)
        self.assertEqual(len(self.writers), 1)
        self.assertIsNot(self.writers[0], threading.current_thread(), "it was not the fetch that had to renew them")
        after = self.in_database()
        self.assertNotEqual(after.access_token, before.access_token)
        self.assertNotEqual(after.refresh_token, before.refresh_token)
        self.deliver_one_more()

    def deliver_one_more(self):
        """What is stored is what Microsoft takes: the token before is dead."""
        self.microsoft.requests.clear()
        self.account.deliver(letter("anna@acme-scan.test", OWNER, subject="Later", number=999), "inbox")
        self.scan()
        self.assertIn("Later", self.letters().mapped("subject"))
        self.assertEqual(self.microsoft.requests.count("token"), 0)

    def test_renewed_while_another_transaction_holds_the_mailbox(self):
        """The fetch waits for it, and goes on when it ends; neither waits for the other for ever."""
        self.deliver(5)
        self.microsoft.faults.add("batch", status=401, reason="InvalidAuthenticationToken")
        waits = self._end_when_waited_for()
        self.scan()
        self.assertTrue(waits.is_set(), "nobody waited for the row")
        self.assertEqual(self.mailbox.state, "up_to_date", self.mailbox.error_message)
        self.assertEqual(len(self.letters()), 5)

    def _end_when_waited_for(self):
        """Somebody has the row in hand from the moment of the renewal until another connection waits for it."""
        waits = threading.Event()
        store = Session._store_tokens

        def held(session, env, tokens):
            holder = self.registry.cursor()
            holder.execute("SELECT FROM crm_mail_mailbox WHERE id = %s FOR NO KEY UPDATE", [self.mailbox.id])
            ending = threading.Thread(target=self._end, args=(holder, env.cr._cnx.get_backend_pid(), waits))
            ending.start()
            try:
                store(session, env, tokens)
            finally:
                ending.join()

        self.enterContext(patch.object(Session, "_store_tokens", held))
        return waits

    def _end(self, holder, waiter, waits):
        end = time.monotonic() + 20
        with holder, self.registry.cursor() as watcher:
            while time.monotonic() < end and not waits.is_set():
                watcher.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [waiter])
                if watcher.fetchone()[0]:
                    waits.set()
            holder.rollback()

    def test_renewed_after_the_lease_was_lost(self):
        """Another worker has the mailbox by then: what he keeps is not overwritten."""
        self.deliver(5)
        before = self.in_database()
        store = Session._store_tokens

        def lost(session, env, tokens):
            with self.registry.cursor() as other:
                other.execute("UPDATE crm_mail_mailbox SET lease_owner = 'other' WHERE id = %s", [self.mailbox.id])
            store(session, env, tokens)

        self.microsoft.faults.add("batch", status=401, reason="InvalidAuthenticationToken")
        with patch.object(Session, "_store_tokens", lost):
            self.scan()
        self.assertEqual(self.in_database(), before)
        self.assertFalse(self.letters())
