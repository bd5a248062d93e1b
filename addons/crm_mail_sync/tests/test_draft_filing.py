# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter that was sent is filed at once, and only once, whichever of sending and scanning comes first."""

import re
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from ..mailsync import mime
from ..mailsync.providers.memory import MemoryActor
from .draft_case import DraftCase
from .scan_case import letter


def without_id(actor, message, thread_id=""):
    """A provider that does not tell under which id it keeps what it sends."""
    MemoryActor.__dict__["_sent_as_it_is"](actor, message, thread_id)
    return ""


def dated_anew(actor, message, thread_id=""):
    """A provider that dates what it sends by its own clock, as Exchange does."""
    message = re.sub(rb"Date: [^\r]+", b"Date: Mon, 02 Mar 2026 10:11:12 +0000", message)
    MemoryActor.__dict__["_sent_as_it_is"](actor, message, thread_id)
    return ""


@tagged("post_install", "-at_install")
class TestDraftFiling(DraftCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(MemoryActor, "_sent_as_it_is", MemoryActor.send, create=True))

    def assert_filed_once(self, *records):
        letter_ = self.letters()
        self.assertEqual(len(letter_), 1)
        self.assertEqual({link._target_record() for link in letter_.link_ids}, set(records))
        self.assertEqual(len(letter_.link_ids), len(records))
        copies = self.copies().filtered(lambda copy: copy.folder_id.role == "sent")
        self.assertEqual(copies.mapped("state"), ["kept"])
        self.assertEqual(copies.email_id, letter_)
        return letter_

    def test_it_is_filed_and_shown_at_once(self):
        draft = self.write()
        answer = self.send(draft)
        found = self.assert_filed_once(self.anna, self.acme)
        self.assertEqual((answer["email_id"], found.direction, found.owner_ids), (found.id, "sent", self.user))
        self.assertEqual(found.subject, "Offer")
        item = self.item_of(self.server.remote_ids("Sent")[0])
        self.assertTrue(item.is_here and item.is_seen)
        self.assertFalse(self.env["crm.mail.item"].search([("is_draft", "=", True), ("is_here", "=", True)]))

    def test_a_scan_that_meets_it_afterwards_makes_no_second_letter(self):
        for name, send in (("told", None), ("not_told", without_id), ("dated_anew", dated_anew)):
            with self.subTest(name):
                self._send_by(send)
                self.scan()
                self.scan()
                self.assert_filed_once(self.anna, self.acme)
                self._forget_all()

    def test_a_scan_that_meets_it_before_it_is_filed_makes_no_second_letter(self):
        for name, send in (("told", None), ("not_told", without_id), ("dated_anew", dated_anew)):
            with self.subTest(name):
                self._send_by(send, scan_first=True)
                self.scan()
                self.assert_filed_once(self.anna, self.acme)
                self._forget_all()

    def test_what_no_rule_keeps_is_filed_where_it_was_written_from(self):
        """Whether the provider tells its id or not, and whether the scan comes first or last."""
        for name, send, scan_first in (
            ("told", None, False),
            ("not_told", without_id, False),
            ("scanned", None, True),
            ("not_told_scanned", without_id, True),
        ):
            with self.subTest(name):
                self._send_by(
                    send,
                    scan_first,
                    to=[{"name": "", "address": "zed@nowhere.test"}],
                    model="crm.lead",
                    res_id=self.lead.id,
                )
                self.scan()
                found = self.assert_filed_once(self.lead)
                self.assertEqual(found.link_ids.reason, "manual")
                self.assertEqual(found.link_ids.maker_id, self.user)
                self._forget_all()

    def test_a_colleagues_copy_with_another_date_is_the_same_letter(self):
        for colleague_first in (False, True):
            with self.subTest(colleague_first=colleague_first):
                self._colleague_gets_it(colleague_first)
                self.assertEqual(len(self.letters()), 1)
                self.assertEqual(self.letters().owner_ids.mapped("login"), ["scan.other", "scan.owner"])
                self._forget_all()

    def _colleague_gets_it(self, comes_first):
        address = "other@scan-own.test"
        if address not in self.servers:
            user = new_test_user(self.env, login="scan.other", groups="base.group_user", email=address)
            self.other = self._mailbox(user, address)
            self.cr.commit()
        original = self.registry["crm.mail.draft"]._file_sent

        def deliver():
            (message,) = self.sent
            self.servers[address].deliver(message)
            self.scan(self.other)

        def deliver_and_file(record, unit):
            if comes_first:
                deliver()
            original(record, unit)

        to = [{"name": "", "address": "anna@acme-scan.test"}, {"name": "", "address": address}]
        with (
            patch.object(MemoryActor, "send", dated_anew),
            patch.object(MemoryActor, "keep_sent", lambda _actor, _message: ""),
            patch.object(self.registry["crm.mail.draft"], "_file_sent", deliver_and_file),
        ):
            self.send(self.write(to=to))
        if not comes_first:
            deliver()
        self.scan()

    def test_what_is_nobodys_stays_in_the_mailbox_alone(self):
        self.send(self.write(to=[{"name": "", "address": "zed@nowhere.test"}]))
        self.scan()
        self.assertFalse(self.letters())
        copies = self.copies().filtered(lambda copy: copy.folder_id.role == "sent")
        self.assertEqual(copies.mapped("reason"), ["nobody_known"])

    def test_an_answer_belongs_where_its_letter_belongs(self):
        item = self.receive(letter("Zed <zed@nowhere.test>", "owner@scan-own.test", message_id="<zed@nowhere.test>"))
        copy = item.copy_id.with_user(self.user)
        copy._file({"crm.lead": self.lead.ids})
        self.cr.commit()
        self.scan()
        draft = self.record(self.call("begin", "reply", item_id=item.id)["id"])
        self.assertEqual(draft.targets, {"crm.lead": self.lead.ids})
        self.call("save", draft.id, {"body": "<p>Dear Zed</p>"})
        self.send(draft)
        answer = self.letters().filtered(lambda one: one.direction == "sent")
        self.assertEqual(answer.link_ids._target_record(), self.lead)
        head = self.sent_heads()[0]
        self.assertEqual((head.in_reply_to, head.references), (("zed@nowhere.test",), ("zed@nowhere.test",)))
        inbox = self.server.session().changes("INBOX", "").listings
        self.assertIn("\\Answered", inbox[0].flags)

    def test_an_answer_to_an_archived_letter_names_its_whole_conversation(self):
        item = self.receive(
            letter(
                "Anna <anna@acme-scan.test>",
                "owner@scan-own.test",
                message_id="<third@acme-scan.test>",
                References="<first@x.test> <second@x.test>",
            ),
            thread_id="conversation",
        )
        self.assertTrue(item.copy_id.email_id)
        draft = self.record(self.call("begin", "reply", item_id=item.id)["id"])
        self.send(draft)
        self.assertEqual(self.sent_heads()[0].references, ("first@x.test", "second@x.test", "third@acme-scan.test"))
        (remote_id,) = self.server.remote_ids("Sent")
        listing = next(iter(self.server.session().listings("Sent", [remote_id])))
        self.assertEqual(listing.thread_id, "conversation")

    def test_it_is_filed_silently(self):
        def count():
            return [
                self.env[model].search_count([])
                for model in ("mail.mail", "mail.notification", "mail.followers", "mail.activity")
            ]

        draft = self.write(model="crm.lead", res_id=self.lead.id)
        before = count()
        self.send(draft)
        self.assertEqual(count(), before)
        self.assert_filed_once(self.anna, self.acme, self.lead)

    def test_a_forged_copy_of_what_was_sent_is_a_letter_of_its_own(self):
        draft = self.write()
        self.send(draft)
        head = self.sent_heads()[0]
        forged = letter("anna@acme-scan.test", "owner@scan-own.test", message_id=f"<{head.message_id}>", body="Other")
        self.receive(forged)
        self.assertEqual(len(self.letters()), 2)

    def test_a_record_that_its_sender_may_not_see_any_more_gets_no_letter(self):
        lead = self.lead
        draft = self.write(model="crm.lead", res_id=lead.id)
        lead.user_id = new_test_user(self.env, login="scan.boss", groups="base.group_user")
        self.cr.commit()
        self.assertEqual(self.send(draft)["state"], "sent")
        self.assert_filed_once(self.anna, self.acme)

    def test_files_are_archived_with_it(self):
        draft = self.write()
        draft._attach([self._file()])
        self.cr.commit()
        self.send(draft)
        found = self.letters().content_ids.file_ids
        self.assertEqual([(file.name, file.raw) for file in found], [("plan.txt", b"plan")])
        self.assertFalse(self.env["ir.attachment"].search([("res_model", "=", "crm.mail.draft")]))
        self.assertEqual([f.name for f in mime.read_letter(self.sent[0]).files], ["plan.txt"])

    @staticmethod
    def _file():
        from ..mailsync.letter import File

        return File("plan.txt", "text/plain", b"plan")

    def _send_by(self, send, scan_first=False, **values):
        draft = self.write(**values)
        original = self.registry["crm.mail.draft"]._file_sent

        def scan_and_file(record, unit):
            if scan_first:
                self.scan()
            original(record, unit)

        with (
            patch.object(MemoryActor, "send", send or MemoryActor.send),
            patch.object(MemoryActor, "keep_sent", lambda _actor, _message: ""),
            patch.object(self.registry["crm.mail.draft"], "_file_sent", scan_and_file),
        ):
            self.assertEqual(self.send(draft)["state"], "sent")

    def _forget_all(self):
        self.letters().unlink()
        for remote_id in self.server.remote_ids("Sent"):
            self.server.delete(remote_id)
        self.env["crm.mail.draft"].search([]).unlink()
        self.copies().unlink()
        self.cr.commit()
