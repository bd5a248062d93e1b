# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The server that an IMAP mailbox sends through: looked for, entered, tested, and told no password of others."""

from contextlib import ExitStack
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, tagged

from sandbox.services import smtp
from sandbox.services.certificates import Authority

from .. import secret_box
from ..mailsync import known_smtp
from ..mailsync import smtp as sending
from ..mailsync.errors import RecipientsRefused, SendingNotSetUp
from ..mailsync.known_smtp import Place
from ..models import error_texts
from ..models.acting import acting_session
from .mailbox_case import PASSWORD, MailboxFactory, committing_others

MESSAGE = (
    b"From: anna@tulips.example\r\nTo: customer@roses.example\r\nSubject: Offer\r\n"
    b"Message-ID: <1@tulips.example>\r\n\r\nTen roses.\r\n"
)


class SendingFactory(MailboxFactory):
    """Mixin: a server that takes the mail of ``anna`` and ``boris``, with the same authority as Dovecot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        users = {user.email: PASSWORD for user in (cls.anna, cls.boris)}
        cls.smtp = stack.enter_context(smtp.running(users, Authority(cls.dovecot.root / "smtp")))
        trusted = cls.dovecot.root / "trusted.pem"
        trusted.write_text(cls.dovecot.ca_file.read_text() + cls.smtp.ca_file.read_text())
        cls.trust(stack, trusted)
        ports = (cls.dovecot.imaps_port, cls.smtp.smtps_port, cls.smtp.smtp_port)
        cls.allow(*(f"localhost:{port}" for port in ports))

    def setUp(self):
        super().setUp()
        self.smtp.posted.clear()
        self.smtp.replies.clear()
        self.smtp.users.update({user.email: PASSWORD for user in (self.anna, self.boris)})
        # Of this machine no port is a usual one.
        self.places = [Place("localhost", 1), Place("localhost", self.smtp.smtps_port)]
        self.enterContext(patch.object(known_smtp, "places", lambda _host: self.places))

    def sending(self, **values):
        return {"smtp_host": "localhost", "smtp_port": self.smtp.smtps_port, **values}


@tagged("post_install", "-at_install")
class TestMailboxSending(SendingFactory, TransactionCase):
    def test_the_server_is_found_and_tested_with_the_mailbox(self):
        mailbox = self.new_mailbox()
        self.assertFalse(mailbox.can_send)
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        self.assertFalse(mailbox.smtp_message)
        self.assertEqual((mailbox.smtp_host, mailbox.smtp_port), ("localhost", self.smtp.smtps_port))
        mailbox.action_submit()
        self.assertTrue(mailbox.can_send)
        self.assertTrue(mailbox.can_act)
        self.assertEqual(mailbox._why_not_send(), "")

    def test_nobody_waits_for_the_mailbox_while_servers_are_tried(self):
        mailbox = self.new_mailbox()
        check, stored = sending.check, []

        def check_and_look(settings):
            mailbox.flush_recordset()
            self.env.cr.execute("SELECT smtp_host FROM crm_mail_mailbox WHERE id = %s", (mailbox.id,))
            stored.extend(self.env.cr.fetchone())
            check(settings)

        with patch.object(sending, "check", check_and_look):
            self.assertTrue(mailbox.action_test_connection())
        self.assertEqual(stored, [None, None])
        self.assertEqual((mailbox.smtp_host, mailbox.smtp_port), ("localhost", self.smtp.smtps_port))

    def test_a_mailbox_that_only_receives_is_connected_and_says_so(self):
        self.places = []
        mailbox = self.connected_mailbox()
        self.assertEqual(mailbox.state, "importing")
        self.assertIn("under Sending", mailbox.smtp_message)
        self.assertFalse(mailbox.smtp_host)
        self.assertFalse(mailbox.can_send)
        self.assertTrue(mailbox.can_act)
        self.assertEqual(mailbox._why_not_send(), mailbox.smtp_message)

    def test_what_was_entered_is_tested_and_not_replaced(self):
        self.places = [Place("localhost", 1)]
        mailbox = self.new_mailbox(**self.sending(smtp_security="starttls", smtp_port=self.smtp.smtp_port))
        self.assertTrue(mailbox.action_test_connection())
        self.assertFalse(mailbox.smtp_message)
        mailbox.smtp_port = 2
        self.assertTrue(mailbox.action_test_connection(), "reading works")
        self.assertEqual(mailbox.smtp_port, 2)
        self.assertIn("on port 2", mailbox.smtp_message)
        self.assertTrue(mailbox.is_tested)

    def test_a_refused_password_is_told_without_it(self):
        self.smtp.users[self.anna.email] = "another"
        mailbox = self.new_mailbox()
        self.assertTrue(mailbox.action_test_connection())
        self.assertIn("does not accept", mailbox.smtp_message)
        self.assertNotIn(PASSWORD, mailbox.smtp_message)
        self.assertEqual(mailbox.smtp_host, "localhost", "the server is there")
        mailbox.smtp_password = "another"
        self.assertTrue(mailbox.action_test_connection())
        self.assertFalse(mailbox.smtp_message)

    def test_a_changed_setting_has_to_be_tested_again(self):
        mailbox = self.connected_mailbox()
        self.assertTrue(mailbox.can_send)
        for values in ({"smtp_port": 1}, {"smtp_username": "boss"}, {"smtp_password": "x"}, {"smtp_host": "127.0.0.1"}):
            with self.subTest(values=values), self.env.cr.savepoint() as savepoint:
                mailbox.write(values)
                self.env.invalidate_all()
                self.assertFalse(mailbox.can_send)
                self.assertEqual(mailbox.state, "importing", "it is read as before")
                savepoint.rollback()

    def test_a_password_goes_nowhere_else_than_it_was_given_for(self):
        mailbox = self.connected_mailbox(**self.sending(smtp_password=PASSWORD))
        for values in (
            {"smtp_host": "evil.example"},
            {"smtp_port": 587},
            {"smtp_username": "boss"},
            {"host": "evil.example"},
        ):
            with self.subTest(values=values), self.env.cr.savepoint() as savepoint:
                mailbox.with_user(self.admin).write(values)
                self.assertFalse(mailbox.sudo().smtp_password_encrypted)
                savepoint.rollback()

    def test_the_mailbox_s_password_is_told_to_its_own_server_only(self):
        mailbox = self.connected_mailbox()
        self.places = []
        mailbox.with_user(self.admin).write({"smtp_host": "evil.example", "smtp_port": 465})
        self.assertIsNone(mailbox.sudo()._smtp_settings__())
        self.assertTrue(mailbox.action_test_connection())
        self.assertIn("enter the password for", mailbox.smtp_message)

    def test_a_typed_password_is_not_answered(self):
        mailbox = self.new_mailbox()
        answer = mailbox.web_save({"smtp_password": "rose-13"}, {"smtp_password": {}, "smtp_password_hint": {}})
        self.assertFalse(answer[0]["smtp_password"])
        self.assertIn("Stored", answer[0]["smtp_password_hint"])
        self.assertEqual(secret_box.decrypt(mailbox.sudo().smtp_password_encrypted), "rose-13")

    def test_the_port_follows_the_encryption(self):
        with Form(self.env["crm.mail.mailbox"].with_user(self.anna)) as form:
            form.address = "anna@tulips.example"
            self.assertEqual(form.smtp_port, 465)
            form.smtp_security = "starttls"
            self.assertEqual(form.smtp_port, 587)
            form.smtp_port = 2525
            form.smtp_security = "ssl"
            self.assertEqual(form.smtp_port, 2525)

    def test_every_error_of_acting_has_a_sentence(self):
        mailbox = self.new_mailbox()
        error = RecipientsRefused(["who@nowhere.example"], server_text="550 no such user")
        text = error_texts.explain(self.env, error, mailbox.sudo())
        self.assertIn("who@nowhere.example", text)
        self.assertIn("no such user", text)
        self.assertIn("Test connection", error_texts.explain(self.env, SendingNotSetUp(), mailbox.sudo()))


@tagged("post_install", "-at_install")
class TestSendingFromMailbox(SendingFactory, TransactionCase):
    def setUp(self):
        super().setUp()
        self.mailbox = self.connected_mailbox()
        # A session ends the transaction, which here is the test's.
        self.enterContext(committing_others(self.env.cr))

    def test_the_owner_s_letter_goes_out_and_lies_among_the_sent(self):
        with acting_session(self.mailbox) as actor:
            self.assertFalse(actor.send(MESSAGE))
            sent = actor.keep_sent(MESSAGE)
        self.assertEqual([posted.recipients for posted in self.smtp.posted], [("customer@roses.example",)])
        self.assertTrue(sent.endswith("@Sent"), sent)

    def test_nobody_else_acts(self):
        for user in (self.boris, self.admin):
            with self.assertRaises(AccessError), acting_session(self.mailbox.with_user(user).sudo()):
                self.fail("opened")

    def test_a_server_that_was_not_tested_is_not_used(self):
        self.mailbox.sudo().tested_smtp = False
        with self.assertRaises(SendingNotSetUp), acting_session(self.mailbox) as actor:
            actor.send(MESSAGE)
        self.assertFalse(self.smtp.posted)
