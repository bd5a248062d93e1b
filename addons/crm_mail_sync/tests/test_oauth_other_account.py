# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Somebody signs in with another account than the mailbox's: he is asked, and nothing is scanned before he answers."""

import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged

from .google_case import GmailLinkingCase


@tagged("post_install", "-at_install")
class TestOtherAccount(GmailLinkingCase, HttpCase):
    def test_an_alias_is_the_account_too(self):
        mailbox = self.linked(self.new_gmail(address=f"alias.{self.anna.email}"), self.anna.email)
        self.assertEqual(mailbox.account_address, self.anna.email)

    def test_a_user_name_stands_for_no_address_at_google(self):
        """Or a mailbox would bear one address and hold the letters of another."""
        mailbox = self.new_gmail(address="team@tulips.example", username=self.anna.email)
        self.connect(mailbox, self.anna.email)
        mailbox = self.stored(mailbox)
        self.assertEqual(mailbox.other_account, self.anna.email)
        self.assertFalse(mailbox.tokens_encrypted)

    def test_a_user_name_of_imap_is_forgotten(self):
        mailbox = self.new_gmail(provider="imap", username="anna", address=f"alias.{self.anna.email}")
        with Form(mailbox) as form:
            form.provider = "outlook"
            self.assertFalse(form.username)
        mailbox.username = "other@tulips.example"
        mailbox.provider = "gmail"
        self.assertFalse(mailbox.username)
        self.linked(mailbox, self.anna.email)

    def test_at_microsoft_only_an_address_is_another_account(self):
        mailbox = self.new_gmail(provider="outlook", username="anna", address="team@tulips.example")
        self.assertEqual(mailbox._account_meant(), "team@tulips.example")
        mailbox.username = "Boris@tulips.example"
        self.assertEqual(mailbox._account_meant(), "boris@tulips.example")

    def test_another_account(self):
        self.connect(self.mailbox, "stranger@gmail.com")
        mailbox = self.stored(self.mailbox)
        self.assertEqual(mailbox.other_account, "stranger@gmail.com")
        self.assertIn("choose below", mailbox.with_user(self.anna).status_text)
        self.assertFalse(mailbox.tokens_encrypted)
        self.assertFalse(mailbox.is_tested)
        self.assertFalse(mailbox.folder_ids)
        self.assertEqual(
            {r.route for r in self.google.requests if r.user == "stranger@gmail.com"} & {"labels.list"}, set()
        )
        with self.assertRaises(UserError):
            mailbox.with_user(self.anna).action_submit()

    def test_the_mailbox_becomes_the_other_account_s(self):
        self.connect(self.mailbox, "stranger@gmail.com")
        self.stored(self.mailbox).with_user(self.anna).action_take_account()
        mailbox = self.stored(self.mailbox)
        self.assertEqual(mailbox.address, "stranger@gmail.com")
        self.assertTrue(mailbox.is_tested, mailbox.test_message)
        self.assertFalse(mailbox.other_account)
        self.committed()
        self.assertFalse(self.revocations())

    def test_the_same_wrong_account_twice(self):
        """Google withdraws all that an account granted: with the first grant the second would be gone."""
        self.connect(self.mailbox, "stranger@gmail.com")
        mailbox = self.stored(self.mailbox)
        # What the second sign-in has withdrawn; the tests' requests forget what was to follow their commit.
        with patch.object(type(mailbox), "_withdraw_at_later__", autospec=True) as withdraw:
            self.connect(self.mailbox, "stranger@gmail.com")
        for call in withdraw.call_args_list:
            mailbox._withdraw_at_later__(*call.args[1:])
        self.assertTrue(withdraw.call_args_list)
        self.committed()
        self.assertFalse(self.revocations())
        self.stored(self.mailbox).with_user(self.anna).action_take_account()
        self.assertTrue(self.stored(self.mailbox).is_tested)

    def test_only_who_signed_in_says_what_becomes_of_another_account(self):
        """Or an admin could turn a mistake of Anna's into a mailbox of hers that she did not want."""
        self.connect(self.mailbox, "stranger@gmail.com")
        mailbox = self.stored(self.mailbox)
        self.assertTrue(mailbox.with_user(self.anna).other_is_mine)
        self.assertFalse(mailbox.with_user(self.admin).other_is_mine)
        for answer in ("action_take_account", "action_forget_account"):
            with self.assertRaises(UserError):
                getattr(mailbox.with_user(self.admin), answer)()
        self.assertEqual(self.stored(self.mailbox).address, self.anna.email)

    def test_the_other_account_is_forgotten(self):
        """The mailbox goes on as it was, and the other account's grant is withdrawn."""
        self.linked()
        self.connect(self.mailbox, "stranger@gmail.com")
        mailbox = self.stored(self.mailbox).with_user(self.anna)
        mailbox.action_forget_account()
        self.assertFalse(mailbox.other_account)
        self.assertFalse(mailbox.other_is_mine)
        self.assertEqual(mailbox.account_address, self.anna.email)
        self.assertTrue(mailbox.is_granted)
        self.committed()
        self.assertEqual(len(self.revocations()), 1)

    def test_another_account_and_another_key(self):
        """What was kept with the old key cannot be read: the user is told to sign in."""
        self.connect(self.mailbox, "stranger@gmail.com")
        mailbox = self.stored(self.mailbox).with_user(self.anna)
        with (
            patch.dict(os.environ, {"CRM_MAIL_SYNC_KEY": Fernet.generate_key().decode()}),
            self.assertRaisesRegex(UserError, "sign in first"),
        ):
            mailbox.action_take_account()
        self.assertEqual(self.stored(self.mailbox).address, self.anna.email)

    def test_a_try_that_fails_takes_the_question_of_the_last_one_away(self):
        self.connect(self.mailbox, "stranger@gmail.com")
        self.connect(self.mailbox, deny="1")
        mailbox = self.stored(self.mailbox)
        self.assertTrue(mailbox.link_message)
        self.assertFalse(mailbox.other_account)

    def test_the_right_account_after_the_wrong_one(self):
        self.connect(self.mailbox, "stranger@gmail.com")
        self.assertEqual(self.linked().account_address, self.anna.email)
        with self.assertRaises(UserError):
            self.stored(self.mailbox).with_user(self.anna).action_take_account()
