# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Owners who let their mailboxes at Google and Microsoft be changed, and what only an administrator can allow."""

from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..mailsync.acting import SEEN
from ..mailsync.errors import NotPermitted
from ..models import error_texts
from ..models.acting import acting_session
from .google_case import READ, SEND, GmailLinkingCase
from .mailbox_case import committing_others
from .microsoft_case import TEAM
from .test_oauth_outlook import LETTER, OutlookCase

MODIFY = "https://www.googleapis.com/auth/gmail.modify"


class AllowingCase:
    """Mixin beside a LinkingCase: the owner presses Allow changes."""

    def allow_changes(self, account=None, **choice):
        """The whole way; the scopes that were asked for."""
        url = self.mailbox.with_user(self.session.uid).action_allow_acting()["url"]
        response = self.url_open(url, allow_redirects=False)
        self.assertEqual(response.status_code, 303, response.text)
        page = response.headers["Location"]
        self.come_back(self.answer(page, account or self.mailbox.address, **choice))
        return set(parse_qs(urlsplit(page).query)["scope"][0].split())

    def assert_read_only(self, mailbox):
        self.assertFalse(mailbox.can_act)
        self.assertIn("Allow changes", mailbox._why_not_act())
        self.assertTrue(mailbox.with_user(self.anna).can_ask_to_act)
        self.assertFalse(mailbox.with_user(self.boris).sudo().can_ask_to_act)

    @contextmanager
    def acting(self, mailbox):
        """A session ends the transaction, which here is the test's."""
        with (
            self.enter_registry_test_mode(),
            committing_others(self.env.cr),
            acting_session(mailbox.with_user(mailbox.user_id)) as actor,
        ):
            yield actor

    def refusal(self, mailbox, act):
        """The sentence that tells why; Odoo's assertRaises would roll back what was noted of it."""
        try:
            with self.acting(mailbox) as actor:
                act(actor)
        except NotPermitted as error:
            return error_texts.explain(self.env, error, mailbox)
        raise AssertionError("it was permitted")


@tagged("post_install", "-at_install")
class TestGmailActing(AllowingCase, GmailLinkingCase, HttpCase):
    def test_reading_asks_for_no_more_than_before(self):
        page = self.to_provider(self.mailbox)
        scopes = set(parse_qs(urlsplit(page).query)["scope"][0].split())
        self.assertEqual(scopes, {"openid", "email", READ, SEND})

    def test_the_owner_allows_changes(self):
        message = self.google.account(self.anna.email).deliver(LETTER % 1)
        mailbox = self.submitted()
        self.assert_read_only(mailbox)
        self.assertTrue(mailbox.can_send)
        self.assertEqual(self.allow_changes(scopes=[MODIFY]), {"openid", "email", MODIFY})
        mailbox = self.stored(mailbox)
        self.assertTrue(mailbox.can_act and mailbox.can_send)
        self.assertFalse(mailbox.missing_scopes or mailbox.with_user(self.anna).can_ask_to_act)
        self.assertEqual(mailbox.state, "importing", "it goes on as before")
        with self.acting(mailbox) as actor:
            actor.set_flags("INBOX", [message], add=[SEEN])
        self.assertNotIn("UNREAD", self.google.account(self.anna.email).labels(message))
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
        # Who signs in again does not lose what he has allowed.
        scopes = parse_qs(urlsplit(self.to_provider(mailbox)).query)["scope"][0]
        self.assertIn(MODIFY, scopes)

    def test_who_refuses_reads_on(self):
        mailbox = self.submitted()
        self.allow_changes(deny=True)
        mailbox = self.stored(mailbox)
        self.assert_read_only(mailbox)
        self.assertTrue(mailbox.link_message)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)

    def test_nobody_allows_it_for_somebody_else(self):
        mailbox = self.linked()
        with self.assertRaises(AccessError):
            mailbox.with_user(self.admin).action_allow_acting()
        mailbox.sudo().write({"provider": "imap"})
        with self.assertRaises(UserError):
            mailbox.with_user(self.anna).action_allow_acting()

    def test_a_permission_that_is_missing_after_all_is_told(self):
        mailbox = self.submitted()
        text = self.refusal(mailbox, lambda actor: actor.archive("INBOX", ["0123456789abcdef"]))
        self.assertIn("Allow changes", text)


@tagged("post_install", "-at_install")
class TestOutlookActing(AllowingCase, OutlookCase, HttpCase):
    def test_the_owner_allows_changes(self):
        account = self.microsoft.account(self.anna.email)
        message = account.deliver(LETTER % 1)
        mailbox = self.submitted()
        self.assert_read_only(mailbox)
        asked = {scope.rpartition("/")[2] for scope in self.allow_changes()}
        self.assertLessEqual({"Mail.ReadWrite", "Mail.Send", "offline_access"}, asked)
        self.assertNotIn("Mail.Read", asked)
        mailbox = self.stored(mailbox)
        self.assertTrue(mailbox.can_act and mailbox.can_send)
        self.assertFalse(mailbox.missing_scopes)
        self.expire(mailbox)
        with self.acting(mailbox) as actor:
            actor.archive(account.folder("inbox"), [message])
        self.assertEqual(account.ids("archive"), [message])
        mailbox = self.scanned(self.stored(mailbox))
        self.assertTrue(mailbox.can_act, "what is renewed permits as much")

    def test_a_shared_mailbox_that_may_only_be_read_says_who_can_help(self):
        team = self.microsoft.add_account(TEAM, shared=True)
        self.microsoft.share(TEAM, self.anna.email)
        self.mailbox = mailbox = self.submitted(
            self.new_outlook(address=TEAM, username=self.anna.email), self.anna.email
        )
        self.assertTrue(mailbox.is_shared)
        asked = {scope.rpartition("/")[2] for scope in self.allow_changes(self.anna.email)}
        self.assertIn("Mail.ReadWrite.Shared", asked)
        mailbox = self.stored(mailbox)
        self.assertTrue(mailbox.can_act)
        team.readers.clear()
        text = self.refusal(mailbox, lambda actor: actor.save_draft(LETTER % 1))
        self.assertIn("Ask the administrator", text)
        self.assertFalse(self.stored(mailbox).can_act)
        self.microsoft.share(TEAM, self.anna.email)
        self.assertTrue(mailbox.with_user(self.anna).action_test_connection())
        self.assertTrue(self.stored(mailbox).can_act)

    def test_a_refusal_to_send_says_nothing_of_what_else_may_be_done(self):
        team = self.microsoft.add_account(TEAM, shared=True)
        self.microsoft.share(TEAM, self.anna.email)
        self.mailbox = mailbox = self.submitted(
            self.new_outlook(address=TEAM, username=self.anna.email), self.anna.email
        )
        self.allow_changes(self.anna.email)
        mailbox = self.stored(mailbox)
        self.microsoft.faults.add(
            "sendMail", status=403, body={"error": {"code": "ErrorAccessDenied", "message": "No"}}
        )
        text = self.refusal(mailbox, lambda actor: actor.send(LETTER % 1))
        self.assertIn("right to send as this mailbox", text)
        mailbox = self.stored(mailbox)
        self.assertTrue(mailbox.can_act)
        self.assertFalse(mailbox.can_send)
        self.assertEqual(mailbox._why_not_send(), text)
        message = team.deliver(LETTER % 2)
        with self.acting(mailbox) as actor:
            actor.archive(team.folder("inbox"), [message])
        self.assertTrue(mailbox.with_user(self.anna).action_test_connection())
        self.assertTrue(self.stored(mailbox).can_send)


@tagged("post_install", "-at_install")
class TestActingForAll(AllowingCase, GmailLinkingCase, HttpCase):
    def delegated(self, *scopes):
        self.delegate(scopes=scopes)
        mailbox = self.new_gmail(self.boris, maker=self.admin, grant_by="admin")
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        mailbox.action_submit()
        return self.stored(mailbox)

    def test_a_service_account_that_may_act_does(self):
        message = self.google.account(self.boris.email).deliver(LETTER % 1)
        mailbox = self.delegated(READ, SEND, MODIFY)
        self.assertTrue(mailbox.can_act and mailbox.can_send)
        with self.acting(mailbox) as actor:
            actor.archive("INBOX", [message])
        self.assertNotIn("INBOX", self.google.account(self.boris.email).labels(message))
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)

    def test_one_that_may_only_read_and_send_says_what_the_administrator_has_to_allow(self):
        mailbox = self.delegated(READ, SEND)
        self.assertTrue(mailbox.can_act, "nobody has tried yet")
        text = self.refusal(mailbox, lambda actor: actor.archive("INBOX", []))
        self.assertIn("gmail.modify", text)
        mailbox = self.stored(mailbox)
        self.assertFalse(mailbox.can_act)
        self.assertTrue(mailbox.can_send)
        letter = (LETTER % 2).replace(b"customer@roses.example", self.boris.email.encode())
        with self.acting(mailbox) as actor:
            self.assertTrue(actor.send(letter))
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
