# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Outlook mailboxes linked by the consent page: a user's own, shared ones, and those an administrator opens."""

from dataclasses import replace

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .microsoft_case import STRANGER, TEAM, Browser, MicrosoftFactory
from .oauth_case import LinkingCase

LETTER = b"""From: Customer <customer@roses.example>\r
To: anna@tulips.example\r
Subject: Order\r
Date: Mon, 02 Mar 2026 09:00:00 +0000\r
Message-ID: <%d@roses.example>\r
\r
Ten roses, please.\r
"""


class OutlookCase(LinkingCase, Browser, MicrosoftFactory):
    """Mixin: a mailbox at Outlook that is to be linked."""

    def new_mailbox(self):
        return self.new_outlook()

    def scanned(self, mailbox):
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
        return mailbox

    def asked_of_graph(self):
        return [record.path for record in self.microsoft.requests if record.path.startswith("/v1.0/")]

    def notices(self, user):
        notices = self.env["mail.message"].search(
            [("message_type", "=", "user_notification"), ("partner_ids", "in", user.partner_id.ids)]
        )
        return notices.filtered(lambda message: "mailbox" in message.body)

    def expire(self, mailboxes):
        """Their access tokens are over; what renews them is good still."""
        for mailbox in mailboxes:
            mailbox._store_tokens__(replace(mailbox._tokens__(), expires_at=0.0))


@tagged("post_install", "-at_install")
class TestOutlookLinking(OutlookCase, HttpCase):
    def assert_not_linked(self, mailbox=None):
        mailbox = self.stored(mailbox or self.mailbox)
        for name in ("tokens_encrypted", "account_subject", "account_address", "is_tested", "folder_ids"):
            self.assertFalse(mailbox[name], name)
        self.assertEqual(mailbox.state, "draft")
        with self.assertRaises(UserError):
            mailbox.with_user(self.anna).action_submit()

    def test_from_the_button_to_the_first_scan(self):
        account = self.microsoft.account(self.anna.email)
        account.add_folder("Kunden", "Лилии")
        for number in range(3):
            account.deliver(LETTER % number)
        mailbox = self.linked()
        self.assertEqual(mailbox.account_address, self.anna.email)
        self.assertFalse(mailbox.is_shared or mailbox.missing_scopes)
        self.assertEqual(mailbox.state, "draft")
        self.assertEqual(set(mailbox.folder_ids.filtered("selected").mapped("role")), {"inbox", "sent"})
        self.assertIn("Kunden / Лилии", mailbox.folder_ids.mapped("complete_name"))
        self.assertFalse([path for path in self.asked_of_graph() if "/messages" in path])
        mailbox.with_user(self.anna).action_submit()
        self.assertEqual(mailbox.state, "importing")
        mailbox = self.scanned(mailbox)
        self.assertEqual(mailbox.run_ids[:1].seen, 3)
        self.assertFalse([path for path in self.asked_of_graph() if path.startswith("/v1.0/users/")])

    def test_tested_again(self):
        mailbox = self.linked()
        self.microsoft.account(self.anna.email).add_folder("New")
        self.assertTrue(mailbox.with_user(self.anna).action_test_connection(), mailbox.test_message)
        self.assertIn("New", self.stored(mailbox).folder_ids.mapped("complete_name"))

    def test_an_alias_is_the_account_too(self):
        mailbox = self.linked(self.new_outlook(address=f"alias.{self.anna.email}"), self.anna.email)
        self.assertEqual(mailbox.account_address, self.anna.email)
        self.assertFalse(mailbox.is_shared)
        self.scanned(self.submitted(mailbox, self.anna.email))

    def test_refused(self):
        self.assertEqual(self.connect(self.mailbox, deny=True), f"/odoo/my-mailboxes/{self.mailbox.id}")
        self.assertIn("refused", self.stored(self.mailbox).link_message)
        self.assert_not_linked()
        self.linked()
        self.assertFalse(self.stored(self.mailbox).link_message)

    def test_another_account(self):
        self.connect(self.mailbox, STRANGER)
        self.assertEqual(self.stored(self.mailbox).other_account, STRANGER)
        self.assertFalse([path for path in self.asked_of_graph() if "mailFolders" in path])
        self.assert_not_linked()

    def test_the_mailbox_becomes_the_other_account_s(self):
        self.connect(self.mailbox, STRANGER)
        self.stored(self.mailbox).with_user(self.anna).action_take_account()
        mailbox = self.stored(self.mailbox)
        self.assertEqual((mailbox.address, mailbox.account_address), (STRANGER, STRANGER))
        self.assertTrue(mailbox.is_tested, mailbox.test_message)
        self.assertFalse(mailbox.other_account or mailbox.is_shared)

    def test_only_the_organisation_s_administrator_may_allow_it(self):
        app = self.register_app()
        app.admin_only = True
        self.connect(self.mailbox)
        self.assertIn("administrator", self.stored(self.mailbox).link_message)
        self.assert_not_linked()
        self.assertFalse(self.notices(self.admin))
        app.admin_only = False
        self.linked()

    def test_linked_again(self):
        """Bookmarks, list and picks stay: the next scan finds nothing new."""
        self.microsoft.account(self.anna.email).deliver(LETTER % 1)
        mailbox = self.scanned(self.submitted())
        copies = self.env["crm.mail.copy"].search([("mailbox_id", "=", mailbox.id)])
        cursors = {folder: folder.cursor for folder in mailbox.folder_ids}
        self.assertEqual(len(copies), 1)
        self.assertTrue(any(cursors.values()))
        mailbox.with_user(self.anna).action_disconnect()
        self.assertEqual(mailbox.state, "draft")
        self.assertFalse(self.stored(mailbox).tokens_encrypted)
        mailbox = self.submitted()
        self.assertEqual({folder: folder.cursor for folder in mailbox.folder_ids}, cursors)
        self.scanned(mailbox)
        self.assertEqual(self.env["crm.mail.copy"].search([("mailbox_id", "=", mailbox.id)]), copies)
        self.assertFalse(copies.is_stale)

    def test_an_app_that_microsoft_does_not_know(self):
        """Microsoft's page says so itself; the mailbox stays as it was."""
        self.save_settings(mail_sync_microsoft_client_secret="another secret")
        self.connect(self.mailbox)
        self.assertIn("administrator", self.stored(self.mailbox).link_message)
        self.assert_not_linked()
        self.assertEqual(len(self.notices(self.admin)), 1)


@tagged("post_install", "-at_install")
class TestOutlookShared(OutlookCase, HttpCase):
    """The mailbox is the team's, and Anna opens it with her own account."""

    def setUp(self):
        super().setUp()
        self.team = self.microsoft.add_account(TEAM, "Team", shared=True)
        self.mailbox = self.new_outlook(address=TEAM, username=self.anna.email)

    def test_a_shared_mailbox(self):
        self.microsoft.share(TEAM, self.anna.email)
        self.team.deliver(LETTER % 1)
        self.microsoft.account(self.anna.email).deliver(LETTER % 2)
        mailbox = self.scanned(self.submitted(account=self.anna.email))
        self.assertTrue(mailbox.is_shared)
        self.assertEqual(mailbox.account_address, self.anna.email)
        self.assertLessEqual({"Mail.Read.Shared", "Mail.Send.Shared"}, mailbox._tokens__().scopes)
        self.assertFalse(mailbox.missing_scopes)
        self.assertEqual(mailbox.run_ids[:1].seen, 1)
        mail = [path for path in self.asked_of_graph() if "mailFolders" in path]
        self.assertTrue(mail)
        self.assertFalse([path for path in mail if not path.startswith(f"/v1.0/users/{TEAM}/")])
        self.expire(mailbox)
        self.scanned(mailbox)
        self.assertIn("Mail.Read.Shared", self.stored(mailbox)._tokens__().scopes)

    def test_one_that_is_not_shared_with_the_account(self):
        self.connect(self.mailbox, self.anna.email)
        mailbox = self.stored(self.mailbox)
        self.assertFalse(mailbox.is_tested)
        self.assertIn(TEAM, mailbox.test_message)
        self.assertTrue(mailbox.is_granted, "who is given the mailbox now need not sign in again")
        self.microsoft.share(TEAM, self.anna.email)
        self.assertTrue(mailbox.with_user(self.anna).action_test_connection(), mailbox.test_message)

    def test_no_longer_shared(self):
        self.microsoft.share(TEAM, self.anna.email)
        mailbox = self.scanned(self.submitted(account=self.anna.email))
        self.team.readers.clear()
        self.team.deliver(LETTER % 1)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "sign_in")
        self.assertIn(TEAM, mailbox.with_user(self.anna).status_text)
        self.assertEqual(len(self.notices(self.anna)), 1)


@tagged("post_install", "-at_install")
class TestOutlookForAll(OutlookCase, HttpCase):
    """The administrator has granted the app every mailbox of the organisation."""

    def setUp(self):
        super().setUp()
        self.mailbox.unlink()
        self.save_settings(mail_sync_microsoft_application=True)
        self.mailbox = self.new_outlook(maker=self.admin, grant_by="admin")

    def test_with_the_consent(self):
        self.microsoft.consent_application()
        self.microsoft.account(self.anna.email).deliver(LETTER % 1)
        mailbox = self.mailbox.with_user(self.anna)
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        mailbox.action_submit()
        mailbox = self.scanned(self.stored(mailbox))
        self.assertEqual(mailbox.run_ids[:1].seen, 1)
        self.assertFalse(self.microsoft.requests.count("authorize"))
        outside = [path for path in self.asked_of_graph() if not path.startswith(f"/v1.0/users/{self.anna.email}/")]
        self.assertFalse([path for path in outside if path != "/v1.0/$batch"])

    def test_without_the_consent(self):
        mailbox = self.mailbox.with_user(self.anna)
        self.assertFalse(mailbox.action_test_connection())
        self.assertIn("application permission Mail.Read", mailbox.test_message)
        with self.assertRaises(UserError):
            mailbox.action_submit()
        self.microsoft.consent_application()
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)

    def test_the_consent_is_withdrawn(self):
        self.microsoft.consent_application()
        mailbox = self.mailbox.with_user(self.anna)
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        mailbox.action_submit()
        mailbox = self.scanned(self.stored(mailbox))
        self.microsoft.consent_application(permissions=[])
        self.expire(mailbox)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "sign_in")
        self.assertIn("application permission Mail.Read", mailbox.with_user(self.anna).status_text)

    def test_nobody_has_to_sign_in(self):
        with self.assertRaises(UserError):
            self.mailbox.with_user(self.anna).action_connect()

    def test_a_user_does_not_open_a_mailbox_by_it(self):
        with self.assertRaises(AccessError):
            self.new_outlook(address=TEAM, grant_by="admin")
        with self.assertRaises(AccessError):
            self.new_outlook(address=TEAM).write({"grant_by": "admin"})


@tagged("post_install", "-at_install")
class TestOutlookTrouble(OutlookCase, HttpCase):
    def test_revoked(self):
        """The owner is told, once, and Microsoft is not asked again."""
        mailbox = self.scanned(self.submitted())
        self.microsoft.revoke(self.anna.email)
        self.expire(mailbox)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "sign_in")
        self.assertIn("Connect Outlook", mailbox.with_user(self.anna).status_text)
        self.assertEqual(len(self.notices(self.anna)), 1)
        self.assertFalse(mailbox.next_run)
        self.microsoft.requests.clear()
        mailbox = self.scan(mailbox)
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "sign_in")
        self.assertEqual(len(self.notices(self.anna)), 1)
        self.assertFalse(self.notices(self.admin))
        mailbox = self.scanned(self.linked())
        self.microsoft.revoke(self.anna.email)
        self.expire(mailbox)
        self.scan(mailbox)
        self.assertEqual(len(self.notices(self.anna)), 2)

    def test_revoked_while_the_access_token_is_good(self):
        """Graph refuses it, and what should renew it is refused as well."""
        mailbox = self.scanned(self.submitted())
        self.microsoft.revoke(self.anna.email)
        self.microsoft.requests.clear()
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "sign_in")
        self.assertEqual(self.microsoft.requests.count("token"), 1)
        self.assertEqual(len(self.notices(self.anna)), 1)

    def test_a_due_mailbox_that_has_to_sign_in_is_left_alone(self):
        mailbox = self.scanned(self.submitted())
        self.microsoft.revoke(self.anna.email)
        self.scan(mailbox)
        self.microsoft.requests.clear()
        with self.enter_registry_test_mode():
            self.env.ref("crm_mail_sync.scan_worker_1").method_direct_trigger()
        self.assertEqual(list(self.microsoft.requests), [])

    def test_a_secret_that_has_expired(self):
        """All mailboxes wait, the administrators are told once, and nobody is asked to sign in."""
        mine = self.submitted()
        self.authenticate(self.boris.login, self.boris.login)
        both = mine | self.submitted(self.new_outlook(self.boris))
        self.register_app(secret_seconds=-1)
        self.expire(both)
        self.microsoft.requests.clear()
        self.scan(both)
        for mailbox in self.stored(both):
            self.assertEqual(mailbox.state, "waiting")
            self.assertFalse(mailbox.next_run)
            self.assertIn("administrator", mailbox.status_text)
        self.assertFalse(self.notices(self.anna) | self.notices(self.boris))
        self.assertEqual(len(self.notices(self.admin)), 1)
        self.assertEqual(self.microsoft.requests.count("token"), 1)
        self.assertEqual(self.asked_of_graph(), [])
        self.register_app()
        settings = self.env["res.config.settings"].with_user(self.admin).create({})
        self.assertEqual(settings.action_check_microsoft()["params"]["type"], "success")
        self.scan(self.stored(both))
        self.assertEqual(set(self.stored(both).mapped("state")), {"up_to_date"})

    def test_a_renewed_refresh_token_replaces_the_one_before(self):
        """Where the old one dies when it has given a new one, what is not kept would be a grant that is lost."""
        self.microsoft.strict_rotation = True
        mailbox = self.submitted()
        for _time in range(3):
            before = mailbox._tokens__()
            self.expire(mailbox)
            mailbox = self.scanned(mailbox)
            after = mailbox._tokens__()
            self.assertNotEqual(before.access_token, after.access_token)
            self.assertNotEqual(before.refresh_token, after.refresh_token)
