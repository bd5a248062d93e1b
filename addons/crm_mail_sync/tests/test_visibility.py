# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much colleagues see: by mailbox and by letter, changed at any time, for what was archived before, too."""

from itertools import permutations

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..models.visibility import most_open
from ..scan.lease import Lease, LeaseLost
from .common import LetterCase, LetterFactory
from .scan_case import ScanCase, letter

LEVELS = ("private", "event", "subject", "everything")


class HoldingMailboxes(LetterFactory):
    """Mixin: letters that lie in mailboxes."""

    @classmethod
    def hold(cls, mailbox, *letters):
        folder = mailbox.folder_ids[:1] or cls.env["crm.mail.folder"].create(
            {"mailbox_id": mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"}
        )
        cls.env["crm.mail.copy"].create(
            [
                {
                    "mailbox_id": mailbox.id,
                    "folder_id": folder.id,
                    "remote_id": str(email.id),
                    "state": "kept",
                    "email_id": email.id,
                }
                for email in letters
            ]
        )
        mailbox._show_as_set()

    def sees(self, user, email):
        """What the user gets to see of the letter, as a level; None for nothing at all."""
        self.env.invalidate_all()
        email = self.env["crm.mail.email"].with_user(user).search([("id", "=", email.id)])
        if not email:
            return None
        if email.content_ids.mapped("text"):
            return "everything"
        return "subject" if email.subject else "event"


@tagged("post_install", "-at_install")
class TestVisibility(HoldingMailboxes, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.make_mailbox(cls.clerk)
        cls.letter = cls.make_letter([cls.company])
        cls.hold(cls.mailbox, cls.letter)

    def assert_shown(self, level, email=None):
        email = email or self.letter
        self.assertEqual(self.sees(self.salesman, email), None if level == "private" else level)
        self.assertEqual(self.sees(self.owner, email), "everything")

    def test_a_mailbox_is_opened_and_closed_backwards(self):
        mailbox = self.mailbox.with_user(self.owner)
        for before, after in permutations(LEVELS, 2):
            mailbox.visibility = before
            self.assert_shown(before)
            mailbox.visibility = after
            self.assert_shown(after)

    def test_the_most_open_of_several_mailboxes_counts(self):
        self.hold(self.other, self.letter)
        for mine in LEVELS:
            for others in LEVELS:
                self.mailbox.with_user(self.owner).visibility = mine
                self.other.with_user(self.clerk).visibility = others
                self.assert_shown(most_open(mine, others))

    def test_a_mailbox_that_goes_takes_its_openness_along(self):
        self.hold(self.other, self.letter)
        self.mailbox.visibility = "private"
        self.other.visibility = "subject"
        self.assert_shown("subject")
        self.other.unlink()
        self.assert_shown("private")
        self.mailbox.unlink()
        self.assert_shown("private")

    def test_letters_of_no_mailbox_keep_their_level(self):
        self.mailbox.visibility = "subject"
        self.mailbox.unlink()
        self.assert_shown("subject")
        self.letter.with_user(self.owner).action_make_private()
        self.assert_shown("private")
        self.letter.with_user(self.owner).action_take_private_back()
        self.assert_shown("subject")

    def test_nobody_but_its_user_opens_a_mailbox(self):
        for before, after in permutations(LEVELS, 2):
            self.mailbox.visibility = before
            change = self.mailbox.with_user(self.admin)
            if LEVELS.index(after) < LEVELS.index(before):
                change.visibility = after
                self.assert_shown(after)
            else:
                with self.assertRaises(AccessError), self.cr.savepoint():
                    change.visibility = after
                self.env.invalidate_all()
                self.assert_shown(before)

    def test_a_private_letter_stays_private_whatever_its_mailbox_shows(self):
        self.letter.with_user(self.owner).action_make_private()
        self.assertTrue(self.letter.is_private)
        for level in LEVELS:
            self.mailbox.visibility = level
            self.assert_shown("private")
        self.letter.with_user(self.owner).action_take_private_back()
        self.assert_shown("everything")

    def test_several_letters_at_once(self):
        letters = self.letter | self.make_letter([self.company])
        letters.with_user(self.owner).action_make_private()
        self.assertEqual(set(letters.mapped("visibility")), {"private"})
        found = self.env["crm.mail.email"].search([("is_private", "=", True)])
        self.assertEqual(found & letters, letters)
        self.assertFalse(self.env["crm.mail.email"].search([("is_private", "=", False)]) & letters)

    def test_each_owner_keeps_a_letter_private_for_himself(self):
        letter = self.make_letter([self.company], owners=self.owner | self.clerk)
        letter.with_user(self.owner).action_make_private()
        letter.with_user(self.clerk).action_make_private()
        letter.with_user(self.owner).action_take_private_back()
        self.assert_shown("private", letter)
        letter.with_user(self.clerk).action_take_private_back()
        self.assert_shown("everything", letter)

    def test_who_is_no_owner_any_more_leaves_the_letter_private_and_to_the_others(self):
        letter = self.make_letter([self.company], owners=self.owner | self.clerk)
        letter.with_user(self.clerk).action_make_private()
        letter.owner_ids = self.owner
        self.assert_shown("private", letter)
        letter.with_user(self.owner).action_take_private_back()
        self.assert_shown("everything", letter)

    def test_only_owners_make_a_letter_private(self):
        for user in (self.salesman, self.salesman_all, self.clerk, self.admin):
            for method in ("action_make_private", "action_take_private_back"):
                with self.assertRaises(AccessError):
                    getattr(self.letter.with_user(user), method)()
        both = (self.letter | self.make_letter([self.company], owners=self.clerk)).with_user(self.owner)
        with self.assertRaises(AccessError):
            both.action_make_private()

    def test_the_company_may_forbid_it(self):
        self.letter.with_user(self.owner).action_make_private()
        self.env.company.mail_sync_allow_private = False
        self.assert_shown("private")
        self.letter.with_user(self.owner).action_take_private_back()
        with self.assertRaises(UserError):
            self.letter.with_user(self.owner).action_make_private()

    def test_a_scan_that_goes_on_knows_the_level_of_before(self):
        self.mailbox._set_connected()
        for change in (
            lambda: setattr(self.mailbox, "visibility", "private"),
            lambda: setattr(self.env.company, "mail_sync_floor", "subject"),
        ):
            self.mailbox.next_run = "2026-01-01 00:00:00"
            lease = Lease(self.env)
            self.env.flush_all()
            self.assertEqual(lease.take(), self.mailbox.id)
            change()
            with self.assertRaises(LeaseLost):
                lease.renew(self.mailbox.id)


@tagged("post_install", "-at_install")
class TestVisibilityOfScan(ScanCase):
    def test_letters_are_shown_as_their_mailboxes_are(self):
        second = self._mailbox(self.user, "second@scan-own.test", visibility="private")
        message = letter(self.anna.email, self.user.email, message_id="<same@acme-scan.test>")
        levels = []
        for mailbox, level in ((second, "private"), (self.mailbox, "event")):
            mailbox.visibility = level
            self.servers[mailbox.address].deliver(message)
            self.scan(mailbox)
            levels.append(self.letters().visibility)
        self.assertEqual(levels, ["private", "event"])
        self.mailbox.visibility = "private"
        self.assertEqual(self.letters().visibility, "private")

    def test_a_private_letter_that_is_met_again_stays_private(self):
        message = letter(self.anna.email, self.user.email, message_id="<same@acme-scan.test>")
        self.server.deliver(message)
        self.scan()
        self.letters().with_user(self.user).action_make_private()
        second = self._mailbox(self.user, "second@scan-own.test")
        self.servers[second.address].deliver(message)
        self.scan(second)
        self.assertEqual(self.letters().visibility, "private")
        self.assertEqual(len(self.env["crm.mail.copy"].search([("email_id", "=", self.letters().id)])), 2)


@tagged("post_install", "-at_install")
class TestOffered(LetterCase):
    """What a letter's form offers is what would be done."""

    def test_made_private_only_where_it_may_be(self):
        letter = self.make_letter([self.company])
        self.assertTrue(letter.with_user(self.owner).can_make_private)
        self.assertFalse(letter.with_user(self.salesman).can_make_private)
        self.env.company.mail_sync_allow_private = False
        self.env.invalidate_all()
        self.assertFalse(letter.with_user(self.owner).can_make_private)
        with self.assertRaises(UserError):
            letter.with_user(self.owner).action_make_private()
        self.env.company.mail_sync_allow_private = True
        letter.with_user(self.owner).action_make_private()
        self.assertFalse(letter.with_user(self.owner).can_make_private)

    def test_records_are_made_of_letters_that_show_people(self):
        arch = self.env["crm.mail.email"].with_user(self.salesman_all).get_view(view_type="form")["arch"]
        form = etree.fromstring(arch)
        for name in ("action_create_contact", "action_create_lead"):
            for button in form.xpath(f"//button[@name='{name}']"):
                self.assertEqual(button.get("invisible"), "shown_level == 'event'")
        [button] = form.xpath("//button[@name='action_make_private']")
        self.assertEqual(button.get("invisible"), "not can_make_private")
