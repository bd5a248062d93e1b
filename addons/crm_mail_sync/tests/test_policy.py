# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a company sets for its users' mailboxes: for new ones, at least, and for good."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from ..mailsync.provider import Folder
from .test_visibility import LEVELS, HoldingMailboxes


class PolicyCase(HoldingMailboxes, TransactionCase):
    def set_policy(self, **values):
        """As an administrator does in the settings."""
        settings = self.env["res.config.settings"].with_user(self.admin)
        settings.create({f"mail_sync_{name}": value for name, value in values.items()}).execute()
        self.env.invalidate_all()

    def refuse(self, error, change):
        with self.assertRaises(error), self.cr.savepoint():
            change()
        self.env.invalidate_all()

    def notices_of(self, user):
        messages = self.env["mail.notification"].search([("res_partner_id", "=", user.partner_id.id)]).mail_message_id
        return messages.filtered(lambda m: "mailbox" in (m.subject or ""))


@tagged("post_install", "-at_install")
class TestPolicy(PolicyCase):
    def test_a_new_mailbox_is_as_the_company_says(self):
        self.set_policy(visibility="subject", scan_since="2025-01-01")
        for maker in (self.clerk, self.admin):
            mailbox = self.env["crm.mail.mailbox"].with_user(maker)
            mailbox = mailbox.create({"user_id": self.clerk.id, "address": f"by.{maker.login}@ours.example"})
            self.assertEqual(mailbox.visibility, "subject")
            self.assertEqual(str(mailbox.scan_since), "2025-01-01")
        with Form(self.env["crm.mail.mailbox"].with_user(self.clerk)) as form:
            self.assertEqual(form.visibility, "subject")
            form.address = "form@ours.example"

    def test_a_new_mailbox_keeps_to_its_users_company(self):
        other = self.env["res.company"].create({"name": "Other", "mail_sync_visibility": "event"})
        user = self.make_user("policy_other")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertEqual(self.make_mailbox(user).visibility, "event")

    def test_nobody_chooses_less_than_the_minimum(self):
        for floor in LEVELS:
            self.set_policy(floor=floor)
            for user in (self.owner, self.admin):
                for level in LEVELS:
                    self.mailbox.visibility = "everything"
                    mailbox = self.mailbox.with_user(user)
                    if LEVELS.index(level) >= LEVELS.index(floor):
                        mailbox.visibility = level
                    else:
                        self.refuse(UserError, lambda m=mailbox, level=level: m.write({"visibility": level}))
                        self.refuse(UserError, lambda u=user, level=level: self._make(u, visibility=level))

    def test_a_lock_holds_for_users_and_for_administrators(self):
        self.set_policy(visibility="subject", lock_visibility=True, scan_since="2025-01-01", lock_scan_since=True)
        self.mailbox.scan_since = "2025-01-01"
        for user in (self.owner, self.admin):
            mailbox = self.mailbox.with_user(user)
            for change in ({"visibility": "private"}, {"scan_since": "2024-01-01"}, {"scan_since": False}):
                self.refuse(UserError, lambda m=mailbox, change=change: m.write(change))
                self.refuse(UserError, lambda u=user, change=change: self._make(u, **change))
            # What is not locked, and what changes nothing, is still theirs.
            mailbox.write({"sync_leads": False, "visibility": mailbox.visibility, "scan_since": mailbox.scan_since})
            self._make(user, visibility="subject", scan_since="2025-01-01")

    def test_no_lock_is_dodged_by_way_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.owner.company_ids += other
        self.set_policy(lock_visibility=True)
        self.refuse(AccessError, lambda: self.mailbox.with_user(self.owner).write({"company_id": other.id}))
        self.set_policy(lock_visibility=False)
        self.mailbox.with_user(self.owner).write({"company_id": other.id})
        self.set_policy(lock_folders=True)
        self.refuse(AccessError, lambda: self.mailbox.with_user(self.owner).write({"company_id": self.env.company.id}))

    def test_no_administrator_opens_a_mailbox_by_moving_it(self):
        other = self.env["res.company"].create({"name": "Other", "mail_sync_floor": "everything"})
        self.owner.company_ids += other
        self.mailbox.visibility = "private"
        self.refuse(AccessError, lambda: self.mailbox.with_user(self.admin).write({"company_id": other.id}))
        self.assertEqual(self.mailbox.shown_visibility, "private")

    def test_only_administrators_set_policies(self):
        for user in (self.owner, self.clerk, self.make_user("policy_rights", "base.group_erp_manager")):
            for change in ({"mail_sync_floor": "everything"}, {"mail_sync_lock_folders": True}):
                self.refuse(AccessError, lambda u=user, c=change: self.env.company.with_user(u).write(c))
        self.env.company.with_user(self.admin).mail_sync_floor = "subject"

    def test_directories_as_the_company_says(self):
        listed = [
            Folder("INBOX", ("Inbox",), "inbox"),
            Folder("Sent", ("Sent",), "sent"),
            Folder("Projects", ("Projects",), ""),
            Folder("Drafts", ("Drafts",), "drafts"),
            Folder("Junk", ("Junk",), "junk"),
        ]
        for folders, picked in (("main", {"INBOX", "Sent"}), ("all", {"INBOX", "Sent", "Projects"})):
            self.set_policy(folders=folders)
            mailbox = self.make_mailbox(self.clerk, address=f"{folders}@ours.example")
            mailbox._store_folders(listed)
            self.assertEqual(set(mailbox.folder_ids.filtered("selected").mapped("remote_id")), picked)
        self.set_policy(lock_folders=True)
        projects = mailbox.folder_ids.filtered(lambda f: f.remote_id == "Projects")
        for user in (self.clerk, self.admin):
            self.refuse(UserError, lambda u=user: projects.with_user(u).write({"selected": False}))
            commands = {"folder_ids": [(1, projects.id, {"selected": False})]}
            self.refuse(UserError, lambda u=user, c=commands: self._write_from_outside(u, mailbox, c))
            projects.with_user(user).write({"selected": True})
        # What nobody can pick, the policy picks.
        mailbox._store_folders([*listed, Folder("New", ("New",), "")])
        self.assertTrue(mailbox.folder_ids.filtered(lambda f: f.remote_id == "New").selected)

    def _write_from_outside(self, user, mailbox, values):
        """As a request does: commands of such records are run as whoever made it."""
        mailbox = mailbox.with_user(user)
        with patch.object(self.env.transaction, "default_env", mailbox.env):
            mailbox.write(values)

    def _make(self, user, **values):
        address = f"new.{next(self._numbers)}@ours.example"
        self.env["crm.mail.mailbox"].with_user(user).create({"user_id": user.id, "address": address, **values})


@tagged("post_install", "-at_install")
class TestFloor(PolicyCase):
    def setUp(self):
        super().setUp()
        self.letter = self.make_letter([self.company])

    def test_a_minimum_holds_backwards_and_ends_with_the_policy(self):
        self.hold(self.mailbox, self.letter)
        for level in LEVELS[1:]:
            self.mailbox.visibility = level
            for floor in LEVELS:
                self.set_policy(floor=floor)
                expected = max(level, floor, key=LEVELS.index)
                self.assertEqual(self.sees(self.salesman, self.letter), expected, (level, floor))
                self.assertEqual(self.mailbox.shown_visibility, expected)
            self.set_policy(floor="private")
            self.assertEqual(self.sees(self.salesman, self.letter), level)

    def test_what_was_archived_as_private_stays_private(self):
        self.mailbox.visibility = "private"
        self.hold(self.mailbox, self.letter)
        self.set_policy(floor="everything")
        self.assertIsNone(self.sees(self.salesman, self.letter))
        later = self.make_letter([self.company])
        self.hold(self.mailbox, later)
        self.assertEqual(self.sees(self.salesman, later), "everything")
        self.assertIsNone(self.sees(self.salesman, self.letter))
        # It is its owner's to show.
        self.letter.with_user(self.owner).action_take_private_back()
        self.assertEqual(self.sees(self.salesman, self.letter), "everything")

    def test_a_minimum_does_not_close_what_another_mailbox_shows(self):
        self.mailbox.visibility = "private"
        other = self.make_mailbox(self.clerk, visibility="subject")
        self.hold(self.mailbox, self.letter)
        self.hold(other, self.letter)
        self.set_policy(floor="event")
        self.assertEqual(self.sees(self.salesman, self.letter), "subject")

    def test_other_companies_go_on_as_before(self):
        self.mailbox.visibility = "event"
        self.hold(self.mailbox, self.letter)
        self.env["res.company"].create({"name": "Other"}).mail_sync_floor = "everything"
        self.assertEqual(self.sees(self.salesman, self.letter), "event")

    def test_users_are_told_what_is_opened_and_of_nothing_else(self):
        self.mailbox.visibility = "event"
        hidden = self.make_mailbox(self.salesman, visibility="private")
        self.make_mailbox(self.clerk, visibility="everything")
        self.set_policy(floor="subject")
        self.assertIn("those archived before too", self.notices_of(self.owner).body)
        self.assertIn("archived so far stay with you", self.notices_of(self.salesman).body)
        self.assertIn(hidden.address, self.notices_of(self.salesman).subject)
        self.assertFalse(self.notices_of(self.clerk))
        before = len(self.notices_of(self.owner))
        self.set_policy(floor="private")
        self.assertEqual(len(self.notices_of(self.owner)), before)

    def test_the_administrator_sees_what_a_minimum_opens_before_he_sets_it(self):
        self.mailbox.visibility = "event"
        hidden = self.make_mailbox(self.salesman, visibility="private")
        self.hold(self.mailbox, self.letter, self.make_letter([self.company]))
        self.hold(hidden, self.make_letter([self.company], visibility="private"))
        settings = Form(self.env["res.config.settings"].with_user(self.admin))
        self.assertFalse(settings.mail_sync_floor_effect)
        settings.mail_sync_floor = "subject"
        for figure in ("Mailboxes: 2.", "archived so far: 2.", "were Only me: 1;"):
            self.assertIn(figure, settings.mail_sync_floor_effect)
        settings.mail_sync_floor = "private"
        self.assertFalse(settings.mail_sync_floor_effect)
