# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail mailboxes linked, linked again, taken over by another account, disconnected."""

import logging
from dataclasses import replace
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..mailsync.errors import (
    FolderUnsteady,
    ServerUnavailable,
    StorageFull,
    StorageUnavailable,
    TokenRevoked,
    TooSlow,
)
from ..mailsync.providers.gmail.signin import GoogleSignIn
from ..models import crm_mail_mailbox_tokens, error_texts
from .google_case import GmailLinkingCase

LETTER = b"""From: Customer <customer@roses.example>\r
To: anna@tulips.example\r
Subject: Order\r
Date: Mon, 02 Mar 2026 09:00:00 +0000\r
Message-ID: <%d@roses.example>\r
\r
Ten roses, please.\r
"""


@tagged("post_install", "-at_install")
class TestLinking(GmailLinkingCase, HttpCase):
    def test_from_the_button_to_the_first_scan(self):
        account = self.google.account(self.anna.email)
        account.add_label("Kunden/Лилии")
        for number in range(3):
            account.deliver(LETTER % number)
        mailbox = self.linked()
        self.assertEqual(mailbox.account_address, self.anna.email)
        self.assertEqual(mailbox.state, "draft")
        self.assertEqual(set(mailbox.folder_ids.filtered("selected").mapped("role")), {"inbox", "sent"})
        self.assertIn("Kunden / Лилии", mailbox.folder_ids.mapped("complete_name"))
        self.assertEqual([record.route for record in self.google.requests if record.route.startswith("messages")], [])
        mailbox.with_user(self.anna).action_submit()
        self.assertEqual(mailbox.state, "importing")
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
        self.assertEqual(mailbox.run_ids[:1].seen, 3)

    def test_directories_that_cannot_be_listed_now(self):
        """Signing in worked: only the test has to be tried again."""
        self.google.faults.add("labels.list", status=503, times=None)
        self.connect(self.mailbox)
        mailbox = self.stored(self.mailbox).with_user(self.anna)
        self.assertFalse(mailbox.is_tested)
        self.assertEqual(mailbox.status_text, "Not connected. Press Test connection.")
        self.google.faults.clear()
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)

    def test_an_admin_begins_and_the_user_s_own_account_ends(self):
        mailbox = self.new_gmail(self.boris)
        self.authenticate(self.admin.login, self.admin.login)
        path = self.connect(mailbox, "stranger@gmail.com")
        self.assertEqual(path, f"/odoo/all-mailboxes/{mailbox.id}")
        self.assertFalse(self.stored(mailbox).tokens_encrypted)
        self.linked(mailbox, self.boris.email)
        self.assertEqual(self.stored(mailbox).user_id, self.boris)

    def test_a_colleague_begins_nothing(self):
        with self.assertRaises(AccessError):
            self.new_gmail(self.boris).with_user(self.anna).action_connect()

    def test_linked_again(self):
        """Bookmarks, list and picks stay: the next scan finds nothing new."""
        account = self.google.account(self.anna.email)
        account.deliver(LETTER % 1)
        mailbox = self.scan(self.submitted())
        copies = self.env["crm.mail.copy"].search([("mailbox_id", "=", mailbox.id)])
        cursors = {folder: folder.cursor for folder in mailbox.folder_ids}
        self.assertEqual(len(copies), 1)
        mailbox.with_user(self.anna).action_disconnect()
        self.assertEqual(mailbox.state, "draft")
        mailbox = self.submitted()
        self.assertEqual({folder: folder.cursor for folder in mailbox.folder_ids}, cursors)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
        self.assertEqual(self.env["crm.mail.copy"].search([("mailbox_id", "=", mailbox.id)]), copies)
        self.assertFalse(copies.is_stale)

    def test_an_account_with_the_same_address_and_another_subject(self):
        """The address was given to somebody else: ids and bookmarks of the one say nothing of the other."""
        self.google.account(self.anna.email).deliver(LETTER % 1)
        mailbox = self.scan(self.submitted())
        mailbox.account_subject = "1"
        self.linked()
        mailbox = self.stored(mailbox)
        self.assertFalse(mailbox.folder_ids.filtered("cursor"))
        self.assertTrue(self.env["crm.mail.copy"].search([("mailbox_id", "=", mailbox.id)]).is_stale)

    def test_disconnected(self):
        mailbox = self.submitted()
        mailbox.with_user(self.anna).action_disconnect()
        mailbox = self.stored(mailbox)
        self.assertFalse(mailbox.tokens_encrypted)
        self.assertFalse(mailbox.is_tested)
        self.assertFalse(mailbox.next_run)
        self.assertTrue(mailbox.folder_ids)
        self.assertFalse(self.revocations())
        self.committed()
        self.assertEqual(len(self.revocations()), 1)

    def test_deleted(self):
        mailbox = self.linked()
        mailbox.with_user(self.anna).unlink()
        self.committed()
        self.assertEqual(len(self.revocations()), 1)

    def test_its_user_is_archived(self):
        mailbox = self.submitted()
        self.anna.with_user(self.admin).active = False
        self.assertFalse(self.stored(mailbox).tokens_encrypted)
        self.assertFalse(self.stored(mailbox).next_run)
        self.committed()
        self.assertEqual(len(self.revocations()), 1)

    def test_a_grant_that_another_mailbox_lives_by_stays(self):
        first = self.linked()
        self.linked(self.new_gmail(address=f"alias.{self.anna.email}"), self.anna.email)
        first.with_user(self.anna).unlink()
        self.committed()
        self.assertFalse(self.revocations())

    def test_google_that_cannot_be_told(self):
        """It is forgotten here in any case, and the log has a code and no more."""
        mailbox = self.linked()
        self.google.faults.add("revoke", status=503, times=None)
        mailbox.with_user(self.anna).action_disconnect()
        self.log_all()
        with self.assertLogs(crm_mail_mailbox_tokens.__name__, logging.INFO) as logged:
            self.committed()
        self.assertIn(ServerUnavailable.code, logged.output[0])
        self.assertNotIn(self.anna.email, logged.output[0])
        self.assertFalse(self.stored(mailbox).tokens_encrypted)

    def test_pointed_elsewhere(self):
        """Tokens are bound to their account like passwords."""
        for values in (
            {"address": "else@tulips.example"},
            {"username": "else@tulips.example"},
            {"provider": "outlook"},
            {"provider": "imap"},
        ):
            mailbox = self.linked(self.new_gmail(address=f"alias.{self.anna.email}"), self.anna.email)
            mailbox.with_user(self.admin).write(values)
            mailbox = self.stored(mailbox)
            for name in ("tokens_encrypted", "account_subject", "account_address", "is_tested"):
                self.assertFalse(mailbox[name], (values, name))
            mailbox.unlink()

    def test_what_does_not_move_it(self):
        mailbox = self.linked()
        mailbox.with_user(self.admin).write({"host": "imap.else.example", "port": 143, "sync_leads": False})
        self.assertTrue(self.stored(mailbox).tokens_encrypted)
        self.assertTrue(self.stored(mailbox).is_tested)

    def test_revoked(self):
        """The owner is told, once, and Google is not asked again."""
        mailbox = self.scan(self.submitted())
        self.google.revoke(self.anna.email)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "sign_in")
        self.assertIn("Connect Gmail", mailbox.with_user(self.anna).status_text)
        self.assertEqual(len(self.notices(self.anna)), 1)
        self.google.requests.clear()
        self.assertFalse(mailbox.next_run)
        mailbox.with_user(self.anna).action_scan_now()
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "sign_in")
        self.assertEqual(len(self.notices(self.anna)), 1)
        self.assertFalse(self.notices(self.admin))
        self.linked()
        mailbox = self.scan(self.stored(mailbox))
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
        self.google.revoke(self.anna.email)
        self.scan(mailbox)
        self.assertEqual(len(self.notices(self.anna)), 2)

    def test_told_again_after_a_scan_that_worked(self):
        """Access came back without anybody signing in, and was withdrawn once more."""
        mailbox = self.submitted()
        mailbox._set_failed(TokenRevoked())
        mailbox._set_failed(TokenRevoked())
        self.assertEqual(len(self.notices(self.anna)), 1)
        self.assertEqual(self.scan(mailbox).state, "up_to_date")
        mailbox._set_failed(TokenRevoked())
        self.assertEqual(len(self.notices(self.anna)), 2)

    def test_each_failure_of_a_scan_has_its_sentence(self):
        for kind in (StorageFull, StorageUnavailable, TooSlow, FolderUnsteady):
            for provider in ("gmail", "outlook"):
                self.mailbox.provider = provider
                text = error_texts.explain(self.env, kind(), self.mailbox)
                self.assertNotIn(kind.code, text)

    def notices(self, user):
        notices = self.env["mail.message"].search(
            [("message_type", "=", "user_notification"), ("partner_ids", "in", user.partner_id.ids)]
        )
        return notices.filtered(lambda message: "mailbox" in message.body)

    def test_renewed_tokens_are_kept_before_they_are_used(self):
        mailbox = self.submitted()
        before = mailbox._tokens__()
        self.expire(mailbox)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
        after = mailbox._tokens__()
        self.assertNotEqual(before.access_token, after.access_token)
        self.assertEqual(before.refresh_token, after.refresh_token)

    def test_renewed_tokens_are_kept_when_all_else_is_rolled_back(self):
        """A refresh token may be good for one renewal: the old one would be refused the next time."""
        mailbox = self.linked()
        self.expire(mailbox)
        self.google.faults.add("labels.list", status=503, times=None)
        renewed = GoogleSignIn.renewed

        def rotated(source, tokens):
            return replace(renewed(source, tokens), refresh_token="rotated")

        with patch.object(GoogleSignIn, "renewed", rotated), mute_logger("odoo.http"):
            answer = self.url_open(
                "/web/dataset/call_kw/crm.mail.mailbox/action_refresh_folders",
                json={
                    "params": {
                        "model": "crm.mail.mailbox",
                        "method": "action_refresh_folders",
                        "args": [mailbox.ids],
                        "kwargs": {},
                    }
                },
            ).json()
        self.assertIn("cannot serve", answer["error"]["data"]["message"])
        self.assertEqual(self.stored(mailbox)._tokens__().refresh_token, "rotated")

    def test_an_app_that_google_refuses(self):
        """All mailboxes wait, the administrators are told once, and nobody is asked to sign in."""
        mine = self.submitted()
        self.authenticate(self.boris.login, self.boris.login)
        other = self.linked(self.new_gmail(self.boris))
        other.with_user(self.boris).action_submit()
        redirect_uri = self.env["crm.mail.app"]._redirect_uri("gmail")
        self.google.register_client(self.google.client_id, "another secret", [redirect_uri])
        self.expire(mine | other)
        self.scan(mine | other)
        for mailbox in self.stored(mine | other):
            self.assertEqual(mailbox.state, "waiting")
            self.assertFalse(mailbox.next_run)
            self.assertIn("administrator", mailbox.status_text)
        self.assertFalse(self.notices(self.anna) | self.notices(self.boris))
        self.assertEqual(len(self.notices(self.admin)), 1)
        self.assertEqual(len([record for record in self.google.requests if record.status == 401]), 1)
        self.google.register_client(self.google.client_id, self.google.client_secret, [redirect_uri])
        self.env["res.config.settings"].with_user(self.admin).create({}).action_check_google()
        self.scan(self.stored(mine | other))
        self.assertEqual(set(self.stored(mine | other).mapped("state")), {"up_to_date"})

    def expire(self, mailboxes):
        for mailbox in mailboxes:
            tokens = mailbox._tokens__()
            mailbox._store_tokens__(type(tokens)(tokens.access_token, 0.0, tokens.refresh_token, tokens.scopes))
