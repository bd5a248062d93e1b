# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The copy of what was sent: where the server keeps none it is put there, and until then the text is not lost."""

from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ..email_app.dispatch import TRIES, Dispatch
from ..mailsync import mime
from ..mailsync.errors import ConnectionLost, MailboxFull
from ..mailsync.letter import File
from .common import LetterFactory
from .draft_case import DraftCase
from .test_draft_sending import LATER, WorkerKilled

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestDraftCopies(DraftCase):
    def setUp(self):
        super().setUp()
        self.server.keeps_sent = False

    def refuse_copies(self, times=1, error=MailboxFull):
        for _time in range(times):
            self.server.fail_next(error(), "keep_sent")

    def send_in_vain(self, draft):
        """Send it, and try until no copy is tried any more."""
        self.refuse_copies(TRIES + 1)
        self.assertEqual(self.send(draft)["state"], "filing")
        for number in range(1, TRIES):
            self.assertEqual(self.go_on(draft, HOUR * number)["state"], "filing")
        return self.go_on(draft, HOUR * TRIES)

    def test_a_copy_is_put_among_what_was_sent(self):
        draft = self.write()
        self.assertEqual(self.send(draft)["state"], "sent")
        self.assertEqual((len(self.server.delivered), len(self.sent)), (1, 1))
        self.assertEqual(self.copies().filtered(lambda c: c.folder_id.role == "sent").email_id, self.letters())

    def test_a_copy_that_cannot_be_put_there_is_put_there_later(self):
        for error in (MailboxFull, ConnectionLost):
            with self.subTest(error.code):
                draft = self.write(subject=error.code)
                draft._attach([File("plan.txt", "text/plain", b"plan")])
                self.cr.commit()
                before = len(self.sent)
                self.refuse_copies(error=error)
                self.assertEqual(self.send(draft)["state"], "filing")
                letters = self.letters()
                self.assertIn(error.code, letters.mapped("subject"), "it is archived at once")
                self.assertTrue(draft.body and draft.file_ids)
                self.assertTrue(self.server.remote_ids("Drafts"))
                self.assertEqual(self.go_on(draft, HOUR)["state"], "sent")
                self.assertEqual(len(self.sent), before + 1)
                self.assertFalse(draft.body or draft.file_ids or self.server.remote_ids("Drafts"))
                self.scan()
                self.assertEqual(self.letters(), letters, "it is one letter")
        self.assertEqual(len(self.server.delivered), 2)

    def test_a_copy_that_was_put_there_without_our_knowing_is_not_doubled(self):
        draft = self.write()
        keep, failed = type(self.server.actor()).keep_sent, []

        def keep_and_break(actor, message):
            keep(actor, message)
            failed.append(True)
            raise ConnectionLost()

        with patch.object(type(self.server.actor()), "keep_sent", keep_and_break):
            self.assertEqual(self.send(draft)["state"], "filing")
        self.assertTrue(failed)
        self.assertEqual(self.go_on(draft, HOUR)["state"], "sent")
        self.assertEqual((len(self.server.delivered), len(self.sent)), (1, 1))

    def test_a_worker_that_dies_before_the_copy_leaves_it_to_the_next(self):
        draft = self.write()
        with patch.object(Dispatch, "_tidy", side_effect=WorkerKilled), suppress(WorkerKilled):
            self.send(draft)
        self.assertEqual(draft.state, "filing")
        self.assertEqual(self.go_on(draft, LATER)["state"], "sent")
        self.assertEqual((len(self.server.delivered), len(self.sent)), (1, 1))

    def test_its_owner_is_told_in_the_end_and_the_text_stays(self):
        draft = self.write(to=[{"name": "", "address": "zed@nowhere.test"}])
        answer = self.send_in_vain(draft)
        self.assertEqual(answer["state"], "sent")
        self.assertIn("no copy of it could be put into your sent mail. The mailbox is full", answer["error"])
        self.assertIn("Dear Anna", draft.body)
        self.assertTrue(self.server.remote_ids("Drafts"))
        notice = self.env["mail.message"].search([("partner_ids", "=", self.user.partner_id.id)], limit=1)
        self.assertIn(f"/crm_mail_sync/draft/{draft.id}.eml", notice.body)
        self.assertNotIn("Offer", f"{notice.subject} {notice.body}")
        self.go_on(draft, HOUR * 9)
        self.assertEqual(len(self.server.delivered), 1)
        # What is among the drafts is one like any other.
        draft_id = self.env["crm.mail.item"].search([("is_draft", "=", True), ("is_here", "=", True)]).id
        self.assertEqual(self.call("begin", "draft", item_id=draft_id)["subject"], "Offer")


@tagged("post_install", "-at_install")
class TestDraftWithoutCopy(LetterFactory, HttpCase):
    def test_its_owner_opens_it_and_nobody_else(self):
        values = {
            "user_id": self.owner.id,
            "mailbox_id": self.mailbox.id,
            "kind": "new",
            "subject": "Offer",
            "body": "<p>Dear Anna</p>",
            "message_id": "1@ours.example",
            "state": "sent",
        }
        draft, forgotten = self.env["crm.mail.draft"].create(
            [{**values, "is_copy_owed": True}, {**values, "message_id": "2@ours.example"}]
        )
        self.env.flush_all()
        address = f"/crm_mail_sync/draft/{draft.id}.eml"
        self.authenticate(self.admin.login, self.admin.login)
        self.assertEqual(self.url_open(address).status_code, 404)
        self.authenticate(self.owner.login, self.owner.login)
        answer = self.url_open(address)
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "message/rfc822"))
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertIn("Dear Anna", mime.read_letter(answer.content).text)
        self.assertEqual(self.url_open(f"/crm_mail_sync/draft/{forgotten.id}.eml").status_code, 404)
