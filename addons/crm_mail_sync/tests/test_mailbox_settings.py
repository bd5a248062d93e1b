# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from ..mailsync.errors import ConnectionTimedOut, RateLimited, WrongCredentials
from .mailbox_case import PASSWORD, MailboxFactory


@tagged("post_install", "-at_install")
class TestConnect(MailboxFactory, TransactionCase):
    """From typing an address to the first scan."""

    def test_typing_an_address_finds_the_server(self):
        form = Form(self.env["crm.mail.mailbox"].with_user(self.anna))
        form.address = "anna@gmail.com"
        self.assertEqual((form.host, form.port, form.security), ("imap.gmail.com", 993, "ssl"))
        self.assertIn("app password", form.server_advice)
        form.address = "anna@tulips.example"
        self.assertFalse(form.host, "Another provider's server must not stay")
        self.assertEqual(form.host_hint, "imap.tulips.example")
        form.host = "mail.tulips.example"
        form.address = "anna@roses.example"
        self.assertEqual(form.host, "mail.tulips.example", "What somebody typed stays")

    def test_the_port_follows_the_encryption(self):
        form = Form(self.env["crm.mail.mailbox"].with_user(self.anna))
        form.address = "anna@tulips.example"
        form.security = "starttls"
        self.assertEqual(form.port, 143)
        form.security = "ssl"
        self.assertEqual(form.port, 993)
        form.port = 4993
        form.security = "starttls"
        self.assertEqual(form.port, 4993, "A port that somebody typed stays")

    def test_an_empty_server_means_the_usual_one(self):
        mailbox = self.new_mailbox(address="anna@no-such-place.example", host=False, port=993)
        self.assertFalse(mailbox.action_test_connection())
        self.assertIn("imap.no-such-place.example", mailbox.test_message)

    def test_what_is_missing_is_said(self):
        mailbox = self.new_mailbox(password=False)
        self.assertFalse(mailbox.action_test_connection())
        self.assertEqual(mailbox.test_message, "Enter the password of the mailbox.")

    def test_failure_then_success(self):
        mailbox = self.new_mailbox(password="wrong")
        self.assertFalse(mailbox.action_test_connection())
        self.assertIn("does not accept this user name and password", mailbox.test_message)
        self.assertFalse(mailbox.is_tested)
        with self.assertRaisesRegex(UserError, "Test connection"):
            mailbox.action_submit()
        mailbox.password = PASSWORD
        self.assertTrue(mailbox.action_test_connection())
        self.assertTrue(mailbox.is_tested)
        self.assertFalse(mailbox.test_message)
        mailbox.action_submit()
        self.assertEqual(mailbox.state, "importing")
        self.assertTrue(mailbox.next_run)

    def test_every_way_in(self):
        for security, port in (("ssl", self.dovecot.imaps_port), ("starttls", self.dovecot.imap_port)):
            with self.subTest(security):
                mailbox = self.new_mailbox(security=security, port=port)
                self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
                mailbox.unlink()

    def test_a_user_name_that_differs(self):
        mailbox = self.new_mailbox(address="sales@tulips.example", username=self.anna.email)
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)

    def test_a_changed_setting_hides_submit(self):
        changes = {
            "address": "boris@tulips.example",
            "username": "other",
            "host": "127.0.0.1",
            "port": 143,
            "security": "starttls",
            "password": "something else",
        }
        for name, value in changes.items():
            with self.subTest(name):
                mailbox = self.new_mailbox()
                mailbox.action_test_connection()
                form = Form(mailbox)
                self.assertTrue(form.is_tested)
                setattr(form, name, value)
                self.assertFalse(form.is_tested, "Unsaved already")
                form.save()
                self.assertFalse(mailbox.is_tested)
                mailbox.unlink()

    def test_other_changes_keep_the_test(self):
        mailbox = self.new_mailbox()
        mailbox.action_test_connection()
        with Form(mailbox) as form:
            form.sync_leads = False
            form.visibility = "private"
        self.assertTrue(mailbox.is_tested)

    def test_a_connected_mailbox_that_moves_has_to_be_tested_again(self):
        mailbox = self.connected_mailbox()
        mailbox.write({"username": "other", "password": PASSWORD})
        self.assertEqual(mailbox.state, "draft")
        self.assertFalse(mailbox.next_run)
        self.assertTrue(mailbox.folder_ids, "What was listed stays, with its cursors")

    def test_signing_in_again_goes_on_with_the_scan(self):
        mailbox = self.connected_mailbox()
        mailbox.sudo()._set_failed(WrongCredentials())
        self.assertEqual(mailbox.state, "sign_in")
        self.assertFalse(mailbox.is_tested)
        mailbox.password = PASSWORD
        self.assertTrue(mailbox.action_test_connection())
        self.assertEqual(mailbox.state, "importing")

    def test_a_test_that_passes_ends_the_waiting(self):
        mailbox = self.connected_mailbox()
        mailbox.sudo()._set_failed(ConnectionTimedOut())
        self.assertEqual(mailbox.state, "waiting")
        mailbox.action_test_connection()
        self.assertEqual(mailbox.state, "importing")


@tagged("post_install", "-at_install")
class TestFolders(MailboxFactory, TransactionCase):
    """Sync directories."""

    def setUp(self):
        super().setUp()
        self.mailbox = self.new_mailbox()
        self.mailbox.action_test_connection()

    def test_inbox_and_sent_are_picked_at_first(self):
        picked = self.mailbox.folder_ids.filtered("selected")
        self.assertEqual(set(picked.mapped("role")), {"inbox", "sent"})

    def test_names_in_any_script_stand_in_a_tree(self):
        self.assertEqual(self.folder(self.mailbox, "Archiv / Проекты").level, 1)
        self.assertEqual(self.folder(self.mailbox, "Archiv / 顧客").name, "顧客")
        self.assertEqual(self.folder(self.mailbox, "Kunden / 2026 / Angebote und Aufträge").level, 2)

    def test_junk_trash_and_containers_cannot_be_picked(self):
        never = self.mailbox.folder_ids.filtered(lambda f: f.role in ("junk", "trash") or not f.selectable)
        self.assertGreaterEqual(len(never), 3)
        self.assertFalse(any(never.mapped("can_pick")))
        for folder in never:
            with self.assertRaises(UserError):
                self.mailbox.write({"folder_ids": [(1, folder.id, {"selected": True})]})

    def test_picking(self):
        folder = self.folder(self.mailbox, "Archiv / 顧客")
        self.mailbox.write({"folder_ids": [(1, folder.id, {"selected": True})]})
        self.assertTrue(folder.selected)

    def test_nothing_picked_cannot_be_submitted(self):
        self.mailbox.folder_ids.filtered("selected").write({"selected": False})
        with self.assertRaisesRegex(UserError, "at least one directory"):
            self.mailbox.action_submit()

    def test_new_and_vanished_directories(self):
        picked = self.folder(self.mailbox, "Archiv / 顧客")
        picked.selected = True
        self.dovecot.make_folder(self.anna.email, "Neu")
        self.dovecot.remove_folder(self.anna.email, "Archiv/顧客")
        self.addCleanup(self.dovecot.make_folder, self.anna.email, "Archiv/顧客")
        self.addCleanup(self.dovecot.remove_folder, self.anna.email, "Neu")
        self.mailbox.action_refresh_folders()
        self.assertTrue(picked.is_gone)
        new = self.folder(self.mailbox, "Neu")
        self.assertTrue(new.is_new)
        self.assertFalse(new.selected)
        self.assertEqual(self.mailbox.new_folder_count, 1)
        new.selected = True
        self.assertFalse(new.is_new, "Once it was decided about, it is no longer new")

    def test_refreshing_says_what_is_wrong(self):
        self.mailbox.sudo().password_encrypted = False
        with self.assertRaisesRegex(UserError, "Enter the password"):
            self.mailbox.action_refresh_folders()


@tagged("post_install", "-at_install")
class TestMain(MailboxFactory, TransactionCase):
    """Each user with mailboxes has exactly one Main."""

    def setUp(self):
        super().setUp()
        self.first = self.new_mailbox()
        self.second = self.new_mailbox(address="second@tulips.example")

    def assert_main(self, mailbox):
        mailboxes = self.env["crm.mail.mailbox"].search([("user_id", "=", mailbox.user_id.id)])
        self.assertEqual(mailboxes.filtered("is_main"), mailbox.with_env(self.env))

    def test_the_first_is_main(self):
        self.assert_main(self.first)

    def test_marking_another_moves_it(self):
        self.second.action_make_main()
        self.assert_main(self.second)
        self.first.write({"is_main": True})
        self.assert_main(self.first)

    def test_a_new_one_marked_at_once(self):
        third = self.new_mailbox(address="third@tulips.example", is_main=True)
        self.assert_main(third)

    def test_of_several_made_at_once_the_first_marked(self):
        Mailbox = self.env["crm.mail.mailbox"].with_user(self.boris)
        made = Mailbox.create([{"address": f"{n}@tulips.example", "is_main": n > 1} for n in range(4)])
        self.assert_main(made[0])

    def test_it_cannot_simply_be_taken_away(self):
        with self.assertRaisesRegex(UserError, "mark another one"):
            self.first.write({"is_main": False})

    def test_deleting_it_makes_another_one_main(self):
        self.first.unlink()
        self.assert_main(self.second)

    def test_giving_a_mailbox_to_another_user(self):
        self.new_mailbox(self.boris)
        self.first.with_user(self.admin).write({"user_id": self.boris.id})
        self.assert_main(self.second)
        boris = self.env["crm.mail.mailbox"].search([("user_id", "=", self.boris.id)])
        self.assertEqual(len(boris.filtered("is_main")), 1)

    def test_a_connected_mailbox_stays_with_its_user(self):
        mailbox = self.connected_mailbox(self.boris)
        with self.assertRaisesRegex(UserError, "belongs to its user"):
            mailbox.with_user(self.admin).write({"user_id": self.anna.id})


@tagged("post_install", "-at_install")
class TestSettings(MailboxFactory, TransactionCase):
    def test_an_address_is_cleaned_and_checked(self):
        mailbox = self.new_mailbox(address=" Anna@Tulips.EXAMPLE ")
        self.assertEqual(mailbox.address, "anna@tulips.example")
        with self.assertRaisesRegex(UserError, "not an email address"):
            mailbox.address = "tulips"

    def test_the_company_is_one_of_the_user(self):
        other = self.env["res.company"].create({"name": "Roses"})
        mailbox = self.new_mailbox()
        with self.assertRaises(ValidationError):
            mailbox.with_user(self.admin).write({"company_id": other.id})
        self.boris.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        made = (
            self.env["crm.mail.mailbox"]
            .with_user(self.admin)
            .create({"user_id": self.boris.id, "address": "b@tulips.example"})
        )
        self.assertEqual(made.company_id, other)

    def test_mailboxes_are_for_internal_users(self):
        portal = self.make_user("mailbox_portal", internal="base.group_portal")
        with self.assertRaisesRegex(ValidationError, "internal users"):
            self.env["crm.mail.mailbox"].create({"user_id": portal.id, "address": "portal@tulips.example"})

    def test_pause_and_resume(self):
        mailbox = self.connected_mailbox()
        mailbox.scan_active = False
        self.assertEqual(mailbox.state, "paused")
        self.assertFalse(mailbox.next_run)
        with self.assertRaisesRegex(UserError, "Email scan active"):
            mailbox.action_scan_now()
        mailbox.scan_active = True
        self.assertEqual(mailbox.state, "importing")
        self.assertTrue(mailbox.next_run)

    def test_what_a_scan_comes_to_does_not_undo_a_pause(self):
        mailbox = self.connected_mailbox().sudo()
        for outcome in (
            mailbox._set_scanned,
            mailbox._set_unfinished,
            lambda: mailbox._set_failed(ConnectionTimedOut()),
        ):
            mailbox.scan_active = False
            outcome()
            self.assertEqual(mailbox.state, "paused")
            self.assertFalse(mailbox.next_run)

    def test_scan_now_needs_a_connected_mailbox(self):
        with self.assertRaisesRegex(UserError, "Connect the mailbox first"):
            self.new_mailbox().action_scan_now()

    def test_messages_set_aside_are_tried_again(self):
        mailbox = self.connected_mailbox()
        inbox = mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        copy = self.env["crm.mail.copy"].create(
            {
                "mailbox_id": mailbox.id,
                "folder_id": inbox.id,
                "remote_id": "1",
                "state": "failed",
                "reason": "message_unreadable",
                "attempts": 3,
            }
        )
        mailbox.sudo()._set_scanned()
        self.assertEqual((mailbox.state, mailbox.failed_count), ("partly_failed", 1))
        mailbox.action_retry_failed()
        self.assertEqual((copy.state, copy.attempts), ("pending", 0))
        self.assertEqual(mailbox.state, "importing")

    def test_letters_outlive_their_mailbox(self):
        mailbox = self.connected_mailbox()
        letter = self.env["crm.mail.email"].create(
            {
                "identity": "outlives",
                "date": datetime(2026, 3, 2, 12),
                "direction": "received",
                "owner_ids": [(6, 0, self.anna.ids)],
            }
        )
        self.env["crm.mail.copy"].create(
            {
                "mailbox_id": mailbox.id,
                "folder_id": mailbox.folder_ids[0].id,
                "remote_id": "1",
                "state": "kept",
                "email_id": letter.id,
            }
        )
        mailbox.unlink()
        self.assertTrue(letter.with_user(self.anna).read(["subject"]))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 09:00:00")
class TestStatus(MailboxFactory, TransactionCase):
    """Each state in words, with its times in the reader's zone (Vilnius: two hours ahead of UTC)."""

    def setUp(self):
        super().setUp()
        self.mailbox = self.connected_mailbox()
        self.transitions = self.mailbox.sudo()

    def status(self):
        return self.mailbox.with_context(tz=self.anna.tz).status_text.replace("\u202f", " ")

    def test_not_connected(self):
        mailbox = self.new_mailbox(self.boris)
        self.assertEqual(
            mailbox.status_text,
            "Not connected. Enter address and password, then press Test connection.",
        )
        mailbox.action_test_connection()
        self.assertIn("Pick the directories to be scanned, then press Submit", mailbox.status_text)

    def test_importing(self):
        self.assertIn("as soon as a worker is free", self.status())
        self.transitions._set_progress(1200, 4478)
        self.assertEqual(self.status(), "Importing: 1,200 of 5,678 messages.")

    def test_up_to_date(self):
        self.transitions._set_scanned()
        self.assertEqual(self.status(), "Up to date. Last scan: 11:00 AM. Next scan: 11:05 AM.")

    def test_another_day_is_named(self):
        self.transitions._set_scanned()
        with freeze_time("2026-03-03 09:00:00"):
            self.mailbox.invalidate_recordset()
            self.assertIn("Last scan: 03/02/2026 11:00 AM.", self.status())

    def test_waiting(self):
        self.transitions._set_failed(RateLimited(server_text="[LIMIT] Too many requests", retry_after=1800))
        self.assertRegex(self.status(), r"^Waiting until 11:3\d AM, then it is tried again\. ")
        self.assertIn("Too many requests", self.status())

    def test_sign_in_again(self):
        self.transitions._set_failed(WrongCredentials(server_text="[AUTHENTICATIONFAILED] No."))
        self.assertRegex(self.status(), r"^Sign in again\. .* Enter the password, then press Test connection\.$")

    def test_partly_failed(self):
        self.env["crm.mail.copy"].create(
            {
                "mailbox_id": self.mailbox.id,
                "folder_id": self.mailbox.folder_ids[0].id,
                "remote_id": "1",
                "state": "failed",
            }
        )
        self.transitions._set_scanned()
        self.assertIn("Partly failed: 1 message could not be archived", self.status())

    def test_paused(self):
        self.mailbox.scan_active = False
        self.assertRegex(self.status(), "^Paused.*Email scan active")
