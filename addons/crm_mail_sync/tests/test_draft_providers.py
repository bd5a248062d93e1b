# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writing, sending and filing at real servers: Dovecot with a server for sending, and the stand-ins of Google and
Microsoft."""

import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged

from sandbox import google, microsoft
from sandbox.services import dovecot, smtp
from sandbox.services.certificates import Authority
from sandbox.services.maildir import Mail

from ..email_app.dispatch import LEASE
from ..mailsync import mime
from ..mailsync import smtp as smtp_sending
from ..mailsync.endpoints import GoogleEndpoints, MicrosoftEndpoints
from ..mailsync.errors import ConnectionLost
from ..mailsync.oauth import Tokens
from ..mailsync.providers import gmail, graph, imap
from ..mailsync.smtp import SmtpSettings
from .draft_case import DraftCase
from .scan_case import letter

OWNER, CUSTOMER = "owner@scan-own.test", "anna@acme-scan.test"


class Writing:
    """What holds for each kind of mailbox."""

    # The crm.mail.mailbox's provider, and the class of the sessions that act.
    provider = None
    actor_class = None

    def setUp(self):
        super().setUp()
        self.provided_by(self.provider)

    def listed(self, role):
        folder = self.mailbox.folder_ids.filtered(lambda f: f.role == role)
        with self.server.session() as provider:
            return list(provider.changes(folder.remote_id, "").listings)

    def content(self, role, listing):
        folder = self.mailbox.folder_ids.filtered(lambda f: f.role == role)
        with self.server.session() as provider:
            return next(iter(provider.fetch(folder.remote_id, [listing.remote_id]))).content

    def answer(self):
        """The draft of an answer to a customer's letter, which is archived."""
        question = letter(
            f"Anna <{CUSTOMER}>", OWNER, subject="Hall", message_id="<q@acme.test>", References="<root@acme.test>"
        )
        self.server.deliver(question)
        self.scan()
        item = self.env["crm.mail.item"].search([("subject", "=", "Hall")])
        return self.record(self.call("begin", "reply", item_id=item.id)["id"])

    def test_an_answer_is_kept_sent_and_filed_once(self):
        draft = self.answer()
        for words in ("Dear Anna", "Dear Anna, gladly — Ąžuolas"):
            self.call("save", draft.id, {"body": f"<p>{words}</p>"})
            [kept] = self.listed("drafts")
            self.assertIn(words, mime.read_letter(self.content("drafts", kept)).text)
            self.assertIn("\\Draft", kept.flags)
        item = self.env["crm.mail.item"].search([("is_draft", "=", True), ("is_here", "=", True)])
        self.assertEqual(self.call("begin", "draft", item_id=item.id)["id"], draft.id)
        self.assertEqual(self.send(draft)["state"], "sent")
        self.assertEqual(self.listed("drafts"), [])
        [sent] = self.listed("sent")
        self.assertEqual(sent.head.in_reply_to, ("q@acme.test",))
        self.assertEqual(sent.head.references, ("root@acme.test", "q@acme.test"))
        [got] = self.server.received()
        self.assertIn("gladly — Ąžuolas", mime.read_letter(got).text)
        filed = self.letters().filtered(lambda one: one.direction == "sent")
        for _time in range(2):
            self.assertEqual(len(self.letters()), 2)
            self.assertEqual({link._target_record() for link in filed.link_ids}, {self.anna, self.acme})
            self.scan()
        copies = self.copies().filtered(lambda copy: copy.folder_id.role == "sent")
        self.assertEqual((copies.mapped("state"), copies.email_id), (["kept"], filed))
        self.assertEqual(self.env["crm.mail.item"].search_count([("is_here", "=", True), ("is_draft", "=", True)]), 0)

    def test_a_connection_that_broke_after_the_provider_took_it(self):
        draft = self.answer()
        send = self.actor_class.send

        def send_and_break(actor, message, thread_id=""):
            send(actor, message, thread_id)
            # As a server of mail that keeps what it sends.
            actor.keep_sent(message)
            raise ConnectionLost()

        with patch.object(self.actor_class, "send", send_and_break):
            self.assertEqual(self.send(draft)["state"], "sending")
        self.assertEqual(self.go_on(draft, LEASE)["state"], "sent")
        self.assertEqual(len(self.server.received()), 1)
        self.scan()
        self.assertEqual(len(self.letters()), 2)

    def test_what_was_taken_is_not_sent_again_whatever_the_answer_said(self):
        for spoil in self.server.spoilt_answers():
            with self.subTest(spoil):
                draft, before = self.write(), len(self.server.received())
                self.server.spoil(spoil)
                self.assertEqual(self.send(draft)["state"], "sending")
                self.assertEqual(len(self.server.received()), before + 1)
                self.after_doubt(draft)
                self.assertEqual(len(self.server.received()), before + 1)

    def test_what_the_server_itself_refuses_has_not_left_for_sure(self):
        draft = self.write()
        self.server.spoil(self.server.refusal, "answer")
        answer = self.send(draft)
        self.assertEqual(answer["state"], "writing")
        self.assertNotIn("not known", answer["error"])
        self.assertFalse(self.server.received())

    def after_doubt(self, draft):
        self.assertEqual(self.go_on(draft, LEASE)["state"], "sent")


class GmailServer:
    """The owner's account at the stand-in, and the customer's."""

    def __init__(self, cloud, address):
        self.cloud, self.address = cloud, address
        self.account = cloud.add_account(address)
        self.customer = cloud.add_account(CUSTOMER)
        for account in (self.account, self.customer):
            for message_id in account.ids():
                account.delete(message_id)

    def _settings(self):
        names = ("auth_uri", "token_uri", "revoke_uri", "api_root")
        endpoints = GoogleEndpoints(
            **{name: self.cloud.endpoints[name] for name in names}, ca_file=str(self.cloud.ca_file)
        )
        return gmail.GmailSettings(self.address, self, None, lambda tokens: None, endpoints, "", 20.0)

    def renewed(self, _tokens):
        answer = self.cloud.grant(self.address, ["https://www.googleapis.com/auth/gmail.modify"])
        return Tokens(answer["access_token"], time.time() + answer["expires_in"], answer["refresh_token"])

    def session(self):
        return gmail.connect(self._settings(), self.cloud.clock.now)

    def actor(self):
        return gmail.connect_to_act(self._settings(), self.cloud.clock.now)

    def deliver(self, content):
        self.account.deliver(content, ("INBOX",), received=1_790_000_000)

    def received(self):
        return [self.customer.raw(message_id) for message_id in self.customer.ids("INBOX")]

    def spoilt_answers(self):
        return [(504, "<p>Gateway Timeout</p>"), (500, "{}"), (200, "<p>Welcome</p>"), (200, "{}")]

    refusal = (400, {"error": {"code": 400, "message": "Invalid To", "errors": [{"reason": "invalidArgument"}]}})

    def spoil(self, answer, kind="done"):
        self.cloud.faults.add("messages.send", status=answer[0], body=answer[1], kind=kind)


@tagged("post_install", "-at_install")
class TestDraftGmail(Writing, DraftCase):
    provider = "gmail"
    actor_class = gmail.GmailActor

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.cloud = cls.enterClassContext(google.running(Path(folder)))
        cls.cloud.limits.off()

    def _new_server(self, address):
        return GmailServer(self.cloud, address)


class GraphServer:
    """The owner's account at the stand-in, and the customer's."""

    def __init__(self, cloud, address):
        self.cloud, self.address = cloud, address
        self.account = cloud.add_account(address)
        self.customer = cloud.add_account(CUSTOMER)

    def _settings(self):
        place = self.cloud.endpoints
        return graph.GraphSettings(
            address=self.address,
            source=self,
            keep_tokens=lambda tokens: None,
            endpoints=MicrosoftEndpoints(place["login"], place["graph"], str(self.cloud.ca_file)),
        )

    def renewed(self, _tokens):
        got = self.cloud.grant(self.address, ["Mail.ReadWrite", "Mail.Send"])
        return Tokens(got["access_token"], self.cloud.clock.now() + got["expires_in"])

    def session(self):
        return graph.connect(self._settings())

    def actor(self):
        return graph.connect_to_act(self._settings())

    def deliver(self, content):
        self.account.deliver(content, "inbox", received=1_770_000_000.0)

    def received(self):
        return [self.customer.raw(message_id) for message_id in self.customer.ids("inbox")]

    def spoilt_answers(self):
        return [(504, "<p>Gateway Timeout</p>"), (500, "{}"), (202, "<p>Welcome</p>")]

    refusal = (400, {"error": {"code": "ErrorSomethingNew", "message": "No."}})

    def spoil(self, answer, kind="done"):
        self.cloud.faults.add("sendMail", status=answer[0], body=answer[1], kind=kind)


@tagged("post_install", "-at_install")
class TestDraftGraph(Writing, DraftCase):
    provider = "outlook"
    actor_class = graph.GraphActor

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.cloud = self.enterContext(microsoft.running(Path(folder) / "cloud"))
        super().setUp()

    def _new_server(self, address):
        return GraphServer(self.cloud, address)


class ImapServer:
    """The owner's account at Dovecot, and a server that takes his mail."""

    def __init__(self, running, posting):
        self._running, self._posting = running, posting
        place = f"localhost:{posting.smtps_port}"
        through = SmtpSettings(
            "localhost",
            posting.smtps_port,
            "ssl",
            *next(iter(posting.users.items())),
            timeout=20,
            allowed=(place,),
            extra_ca=str(posting.ca_file),
        )
        self._settings = imap.ImapSettings(
            host="localhost",
            port=running.imaps_port,
            security="ssl",
            username=OWNER,
            password="secret",
            timeout=20,
            allowed=(f"localhost:{running.imaps_port}",),
            extra_ca=str(running.ca_file),
            smtp=through,
        )

    def session(self):
        return imap.connect(self._settings)

    def actor(self):
        return imap.connect_to_act(self._settings)

    def deliver(self, content):
        self._running.append(OWNER, "INBOX", [Mail(content)])

    def received(self):
        return [posted.content for posted in self._posting.posted]

    def spoilt_answers(self):
        return ["welcome", "199 welcome"]

    refusal = "554 no"

    def spoil(self, answer, kind="done"):
        self._posting.replies["." if kind == "done" else "DATA"] = answer


@tagged("post_install", "-at_install")
class TestDraftImap(Writing, DraftCase):
    provider = "imap"
    actor_class = imap.ImapActor

    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="drafts")))
        # The server drops its rights and has to find its way into the folder.
        folder.chmod(0o755)
        self.running = self.enterContext(dovecot.running(folder / "dovecot", {OWNER: "secret"}))
        self.posting = self.enterContext(smtp.running({OWNER: "secret"}, Authority(folder / "smtp")))
        super().setUp()

    def _new_server(self, _address):
        return ImapServer(self.running, self.posting)

    def test_a_session_that_ended_while_it_was_sent_costs_neither_the_copy_nor_the_order(self):
        draft = self.answer()
        self.call("save", draft.id, {"body": "<p>Dear Anna</p>"})
        [_kept] = self.listed("drafts")
        send, ended = smtp_sending.send, []

        def send_slowly(*args):
            send(*args)
            ended.append(self.running.doveadm("kick", OWNER))

        with patch.object(smtp_sending, "send", send_slowly):
            self.assertEqual(self.send(draft)["state"], "sent")
        self.assertTrue(ended)
        self.assertEqual((len(self.listed("sent")), self.listed("drafts")), (1, []))

    def after_doubt(self, draft):
        """No server keeps what it sends, so that there is nothing to be found: its owner decides."""
        self.assertIn("not known whether it arrived", self.go_on(draft, LEASE)["error"])
        self.posting.replies.clear()
