# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sending: once, and once only, whatever happens on the way."""

from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..email_app.dispatch import LEASE, TRIES, Dispatch
from ..mailsync.errors import (
    ConnectionLost,
    ConnectionRefused,
    MessageTooLarge,
    NotPermitted,
    RecipientsRefused,
    WrongCredentials,
)
from ..mailsync.providers.memory import MemoryActor
from ..scan.unit import Unit
from .draft_case import DraftCase

LATER = LEASE + timedelta(seconds=20)


class WorkerKilled(BaseException):
    """The process ends here."""


@tagged("post_install", "-at_install")
class TestDraftSending(DraftCase):
    def test_nothing_leaves_before_it_cannot_be_undone_any_more(self):
        draft = self.write()
        answer = self.call("send_later", draft.id, {"subject": "Offer 2"})
        self.assertEqual(answer["undo_until"], fields.Datetime.to_string(draft.send_at))
        self.assertEqual(self.call("send_now", draft.id)["state"], "queued")
        self.assertFalse(self.sent)
        back = self.call("undo_send", draft.id)
        self.assertEqual((back["state"], back["subject"]), ("writing", "Offer 2"))
        self.go_on(draft)
        self.assertFalse(self.sent)

    def test_it_leaves_with_all_that_was_written_and_the_draft_is_gone(self):
        draft = self.write(
            cc=[{"name": "Cleo", "address": "cleo@acme-scan.test"}], bcc=[{"name": "", "address": "boss@else.test"}]
        )
        self.assertEqual(self.send(draft)["state"], "sent")
        letter = self.sent_letter()
        self.assertEqual(
            {(person.role, person.normalized) for person in letter.head.addresses},
            {
                ("from", "owner@scan-own.test"),
                ("to", "anna@acme-scan.test"),
                ("cc", "cleo@acme-scan.test"),
                ("bcc", "boss@else.test"),
            },
        )
        self.assertIn("Dear Anna", letter.html)
        self.assertTrue(letter.head.message_id.endswith("@scan-own.test"))
        self.assertEqual(self.server.remote_ids("Drafts"), [])
        self.assertFalse(draft.body or draft.subject or draft.to_people)
        self.assertIn("cannot be changed any more", self.refusal("undo_send", draft.id))
        self.assertIn("cannot be changed any more", self.refusal("save", draft.id, {"subject": "too late"}))

    def test_a_job_sends_what_nobody_waits_for(self):
        draft = self.write()
        self.call("send_later", draft.id, {})
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("crm_mail_sync.sending_worker").id), ("call_at", "=", draft.send_at)]
        )
        self.assertTrue(triggers)
        now = fields.Datetime.now() + timedelta(seconds=11)
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: now)):
            self.env["crm.mail.draft"]._cron_send()
        self.assertEqual(len(self.sent), 1)

    def test_two_workers_send_it_once(self):
        draft = self.write()
        self.call("send_later", draft.id, {})
        now = fields.Datetime.now() + timedelta(seconds=11)
        send = MemoryActor.send

        def send_while_another_tries(actor, message, thread_id=""):
            with self.registry.cursor() as cursor:
                Dispatch(self.env(cr=cursor)).work()
            return send(actor, message, thread_id)

        with (
            patch.object(fields.Datetime, "now", staticmethod(lambda *_args: now)),
            patch.object(MemoryActor, "send", send_while_another_tries),
        ):
            self.call("send_now", draft.id)
        self.assertEqual(len(self.sent), 1)

    def test_a_worker_that_dies_after_the_provider_took_it_does_not_make_it_leave_twice(self):
        draft = self.write()
        send = MemoryActor.send

        def send_and_die(actor, message, thread_id=""):
            send(actor, message, thread_id)
            raise WorkerKilled()

        with patch.object(MemoryActor, "send", send_and_die), suppress(WorkerKilled):
            self.send(draft)
        self.assertEqual(draft.state, "sending")
        self.assertEqual(self.go_on(draft)["state"], "sending")
        self.assertEqual(self.go_on(draft, LATER)["state"], "sent")
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(len(self.letters()), 1)

    def test_a_worker_that_dies_before_filing_leaves_that_to_the_next(self):
        draft = self.write()
        with (
            patch.object(self.registry["crm.mail.draft"], "_file_sent", side_effect=WorkerKilled),
            suppress(WorkerKilled),
        ):
            self.send(draft)
        self.assertEqual((draft.state, len(self.sent)), ("filing", 1))
        self.assertEqual(self.go_on(draft, LATER)["state"], "sent")
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(self.links_of(self.anna), {self.letters(): "customer_contact"})

    def test_a_connection_that_broke_after_the_provider_took_it(self):
        draft = self.write()
        self._break_after_sending(draft)
        self.assertEqual(draft.state, "sending")
        self.assertEqual(self.go_on(draft, LATER)["state"], "sent")
        self.assertEqual(len(self.sent), 1)

    def test_a_connection_that_broke_and_nothing_among_what_was_sent(self):
        """A server that keeps no copy of what it sends tells nothing: who wrote it decides."""
        draft = self.write()
        self.server.fail_next(ConnectionLost(), "send")
        self.assertEqual(self.send(draft)["state"], "sending")
        answer = self.go_on(draft, LATER)
        self.assertEqual(answer["state"], "writing")
        self.assertIn("It is not known whether it arrived", answer["error"])
        self.assertFalse(self.sent)
        self.assertEqual(draft.subject, "Offer")

    def test_where_the_provider_keeps_what_it_sends_it_is_sent_again(self):
        draft = self.write()
        self.provided_by("gmail")
        self.server.fail_next(ConnectionLost(), "send")
        self.assertEqual(self.send(draft)["state"], "sending")
        self.assertEqual(self.go_on(draft, LATER)["state"], "sent")
        self.assertEqual(len(self.sent), 1)

    def test_the_draft_in_the_mailbox_is_not_taken_for_what_was_sent(self):
        draft = self.write()
        self.provided_by("gmail")
        self.call("send_later", draft.id, {})
        self.server.deliver(draft._as_message(draft.message_id), "Drafts", flags=["\\Draft"])
        self.server.fail_next(ConnectionLost(), "send")
        self.go_on(draft)
        self.go_on(draft, LATER)
        self.assertEqual(len(self.sent), 1)

    def test_a_server_out_of_reach_is_tried_again_and_then_told(self):
        draft = self.write()
        for _time in range(2):
            self.server.fail_next(ConnectionRefused(), "sign_in")
        self.assertEqual(self.send(draft)["state"], "queued")
        self.assertEqual(self.go_on(draft, LATER)["state"], "queued")
        self.server.fail_next(ConnectionRefused(), "sign_in")
        answer = self.go_on(draft, LATER * 2)
        self.assertEqual(answer["state"], "writing")
        self.assertIn("refuses connections", answer["error"])

    def test_what_the_provider_refuses_is_told_and_the_draft_stays(self):
        for error in (
            RecipientsRefused(["anna@acme-scan.test"]),
            MessageTooLarge(),
            NotPermitted(),
            WrongCredentials(),
        ):
            with self.subTest(error.code):
                draft = self.write()
                self.server.fail_next(error, "sign_in" if isinstance(error, WrongCredentials) else "send")
                answer = self.send(draft)
                self.assertEqual(answer["state"], "writing")
                self.assertTrue(answer["error"])
                self.assertNotIn("unexpected", answer["error"])
                self.assertEqual((draft.subject, draft.message_id), ("Offer", False))
                self.assertIn(draft.remote_id, self.server.remote_ids("Drafts"))
                self.assertEqual(self.send(draft)["state"], "sent")

    def test_what_is_missing_or_wrong_is_told_before(self):
        draft = self.write(to=[])
        self.assertIn("at least one recipient", self.refusal("send_later", draft.id, {}))
        misspelt = {"to": [{"name": "", "address": "anna"}]}
        self.assertIn("not an email address: anna", self.refusal("send_later", draft.id, misspelt))
        self.assertEqual(draft.state, "writing")

    def test_a_mailbox_that_is_somebody_elses_now_sends_nothing(self):
        draft = self.write()
        self.call("send_later", draft.id, {})
        other = new_test_user(self.env, login="scan.other", groups="base.group_user")
        self.cr.execute("UPDATE crm_mail_mailbox SET user_id = %s WHERE id = %s", (other.id, self.mailbox.id))
        self.cr.commit()
        self.env.invalidate_all()
        self.assertIn("somebody else", self.go_on(draft)["error"])
        self.assertFalse(self.sent)

    def test_no_transaction_is_open_while_the_provider_is_waited_for(self):
        draft = self.write()
        states = []
        for name in ("send", "save_draft", "discard_draft", "set_flags"):
            original = getattr(MemoryActor, name)

            def watched(actor, *args, _original=original, **kwargs):
                states.append(self.cr._cnx.get_transaction_status())
                return _original(actor, *args, **kwargs)

            self.enterContext(patch.object(MemoryActor, name, watched))
        self.call("save", draft.id, {"subject": "once more"})
        self.send(draft)
        self.assertEqual(len(states), 3)
        self.assertEqual(set(states), {0})

    def test_a_letter_that_cannot_be_filed_stops_neither_the_others_nor_itself(self):
        drafts = self.write() | self.write(subject="Another")
        for draft in drafts:
            self.call("send_later", draft.id, {})
        file_sent = self.registry["crm.mail.draft"]._file_sent

        def file_others(record, unit):
            if record == drafts[0]:
                raise ValueError("who@secret.test")
            file_sent(record, unit)

        with patch.object(self.registry["crm.mail.draft"], "_file_sent", file_others):
            for time in range(TRIES + 1):
                with self.assertLogs("odoo.addons.crm_mail_sync.email_app.dispatch", "ERROR") as logs:
                    self.work(LATER * (time + 1))
                self.assertNotIn("who@secret.test", str(logs.output))
                self.assertEqual(drafts[0].state, "filing" if time < TRIES else "sent")
                self.assertEqual(drafts[1].state, "sent")
        self.assertIn("could not archive it", drafts[0].error)
        self.assertFalse(drafts[0].body)
        self.assertEqual(len(self.sent), 2)
        notices = self.env["mail.message"].search([("partner_ids", "=", self.user.partner_id.id)])
        self.assertIn("could not archive it", str(notices.mapped("body")))
        self.work(LATER * 9)
        self.assertEqual(len(self.sent), 2)

    def test_what_nobody_has_foreseen_while_it_is_sent_is_doubt(self):
        draft = self.write()
        with (
            patch.object(MemoryActor, "send", side_effect=ValueError),
            self.assertLogs("odoo.addons.crm_mail_sync.email_app.dispatch", "ERROR"),
        ):
            self.assertEqual(self.send(draft)["state"], "sending")
        self.assertIn("not known whether it arrived", self.go_on(draft, LATER)["error"])

    def test_a_worker_claims_one_letter_however_the_database_goes_about_it(self):
        drafts = self.write()
        # Of a table that it takes for smaller than it is, the database may look at each row first.
        self.cr.execute("ANALYZE crm_mail_draft")
        drafts |= self.write(subject="Another") | self.write(subject="A third")
        for draft in drafts:
            self.call("send_later", draft.id, {})
        for way in ("hashjoin", "mergejoin", "indexscan", "bitmapscan", "material"):
            self.cr.execute(SQL("SET LOCAL %s = off", SQL.identifier(f"enable_{way}")))
        now = fields.Datetime.now() + LATER
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: now)):
            claimed = Dispatch(self.env)._claim(None)
        self.assertEqual(drafts.filtered(lambda draft: draft.state == "sending").ids, [claimed])

    def work(self, later):
        """The job, some time later."""
        now = fields.Datetime.now() + later
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: now)):
            Unit(self.env).run(self.env["crm.mail.draft"]._cron_send)
        self.env.invalidate_all()

    def _break_after_sending(self, draft):
        send = MemoryActor.send

        def send_and_break(actor, message, thread_id=""):
            send(actor, message, thread_id)
            raise ConnectionLost()

        with patch.object(MemoryActor, "send", send_and_break):
            self.send(draft)
