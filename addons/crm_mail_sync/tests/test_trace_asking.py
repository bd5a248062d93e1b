# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""While a server is asked for a letter nothing else waits; and only what can be done is offered."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests.common import tagged

from ..models import asking
from ..scan.lease import Lease
from .scan_case import START, letter
from .trace_case import OWNER, STRANGER, TraceCase


@tagged("post_install", "-at_install")
class TestAsking(TraceCase):
    def setUp(self):
        super().setUp()
        self.mailbox.folder_ids.filtered(lambda f: f.name == "Sent").selected = False
        self.server.deliver(letter(STRANGER, OWNER, subject="Offer"), "Sent", received=START.timestamp())
        self.scan()
        self.mailbox.next_run = START.replace(tzinfo=None)
        self.cr.commit()
        self.contexts, self.leases = [], []
        connector = patch.object(
            self.registry["crm.mail.mailbox"], "_connector__", lambda mailbox, _keep: self._connector(mailbox)
        )
        connector.start()
        self.addCleanup(connector.stop)

    def _connector(self, mailbox):
        self.contexts.append(mailbox.env.context)
        return self._session

    def _session(self):
        """Somebody else begins a scan just now."""
        with self.registry.cursor() as cr:
            lease = Lease(self.env(cr=cr))
            self.leases.append(lease.take())
            lease.release(self.mailbox.id)
        provider = self.server.session()
        provider.traffic.pace = "[[1, 2]]"
        return provider

    def test_a_scan_begins_meanwhile_and_what_was_spent_is_kept(self):
        [hit] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]
        self.assertEqual(self.leases, [self.mailbox.id])
        self.cr.rollback()
        self.assertEqual(self.mailbox.pace, "[[1, 2]]")
        begun = self.trace.file_found(self.mailbox.id, hit["folder_id"], hit["remote_id"])
        self.assertEqual(self.leases, [self.mailbox.id] * 2)
        self.assertFalse(begun["is_done"])

    def test_the_server_is_waited_for_no_longer_than_people_wait(self):
        self.trace.ask_server(self.mailbox.id, "offer")
        self.assertEqual(self.contexts[0]["mail_sync_patience"], asking.PATIENCE)
        with patch.object(asking, "MOST_SECONDS", -1):
            answer = self.trace.ask_server(self.mailbox.id, "<nothing@else-scan.test>")
        self.assertEqual(answer["hits"], [])
        self.assertIn("took too long", answer["error"])

    def test_a_mailbox_that_was_switched_off_meanwhile_is_not_filed_from(self):
        [hit] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]

        def session():
            with self.registry.cursor() as cr:
                self.mailbox.with_env(self.env(cr=cr)).scan_active = False
            return self.server.session()

        refused = ""
        with patch.object(self, "_session", session):
            try:
                self.trace.file_found(self.mailbox.id, hit["folder_id"], hit["remote_id"])
            except UserError as error:
                refused = str(error)
        self.assertIn("Switch “Email scan active” on", refused)


@tagged("post_install", "-at_install")
class TestOffered(TraceCase):
    def offered(self):
        [mailbox] = self.trace.find("")["mailboxes"]
        return {folder["name"]: folder["can_pick"] for folder in mailbox["folders"]}

    def sent(self):
        return self.mailbox.folder_ids.filtered(lambda f: f.name == "Sent")

    def test_directories_that_the_company_picks_are_not_offered(self):
        self.assertTrue(self.offered()["Sent"])
        self.mailbox.company_id.mail_sync_lock_folders = True
        self.env.invalidate_all()
        self.assertFalse(self.offered()["Sent"])

    def test_a_directory_is_picked_and_scanned_as_soon_as_that_is_possible(self):
        self.sent().selected = False
        self.mailbox.scan_active = False
        told = self.trace.pick(self.sent().id)
        self.assertEqual((self.sent().selected, told["tone"]), (True, "warning"))
        self.assertIn("Switch “Email scan active” on", told["text"])
        self.assertFalse(self.mailbox.next_run)
        self.sent().selected = False
        self.mailbox.scan_active = True
        told = self.trace.pick(self.sent().id)
        self.assertEqual((self.sent().selected, told["tone"]), (True, "success"))
        self.assertTrue(self.mailbox.next_run)

    def test_directories_of_somebody_else_are_not_picked(self):
        self.sent().selected = False
        for user in (self.env.ref("base.user_admin"), self.env.ref("base.user_demo", False) or self.env.user):
            with self.assertRaises(UserError):
                self.trace.with_user(user).pick(self.sent().id)

    def test_what_cannot_be_filed_is_not_offered_to_be(self):
        self.server.deliver(letter(STRANGER, OWNER, subject="Offer"), received=START.timestamp())
        self.scan()
        hit = self.find_one("offer")
        self.assertTrue(self.trail(hit)["can_file"])
        for reason, is_active, words in (
            ("draft", True, "when it has been sent"),
            ("erased", True, "stays so"),
            ("nobody_known", False, "Switch “Email scan active” on"),
        ):
            self.mailbox.scan_active = is_active
            self.copies().write({"reason": reason, "flags": "\\Draft" if reason == "draft" else False})
            trail = self.trail(hit)
            self.assertFalse(trail["can_file"], reason)
            self.assertIn(words, trail["text"])
        self.mailbox._set_disconnected()
        self.assertFalse(self.trail(hit)["can_file"])

    def test_what_the_server_found_is_not_offered_for_a_mailbox_that_cannot_be_scanned(self):
        self.server.deliver(letter(STRANGER, OWNER, subject="Offer"), "Sent", received=START.timestamp())
        [hit] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]
        self.assertTrue(hit["can_file"])
        self.sent().role = "drafts"
        self.cr.commit()
        self.assertFalse(self.trace.ask_server(self.mailbox.id, "offer")["hits"][0]["can_file"])
        self.sent().role = False
        self.mailbox.scan_active = False
        self.cr.commit()
        self.assertFalse(self.trace.ask_server(self.mailbox.id, "offer")["hits"][0]["can_file"])
