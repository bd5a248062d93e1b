# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shared mailbox has several readers."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from ..scan.lease import Lease, LeaseLost
from ..scan.scope import scope_of
from .common import LetterFactory
from .scan_case import ScanCase, letter


@tagged("post_install", "-at_install")
class TestReaders(LetterFactory, TransactionCase):
    def setUp(self):
        super().setUp()
        self.mailbox.unlink()
        self.mailbox = self.make_mailbox(self.owner, address="info@ours.example")
        self.letter = self.make_letter()
        self.held(self.mailbox, self.letter)

    def held(self, mailbox, email):
        """The mailbox holds the letter."""
        folder = self.env["crm.mail.folder"].create(
            {"mailbox_id": mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"}
        )
        self.env["crm.mail.copy"].create(
            {"mailbox_id": mailbox.id, "folder_id": folder.id, "remote_id": "1", "state": "kept", "email_id": email.id}
        )

    def reads(self, user):
        return self.letter in self.env["crm.mail.email"].with_user(user).search([])

    def set_readers(self, user, *readers):
        self.mailbox.with_user(user).write({"reader_ids": [(6, 0, [reader.id for reader in readers])]})

    def test_what_was_archived_is_shown_to_a_new_reader(self):
        self.assertFalse(self.reads(self.clerk))
        self.set_readers(self.owner, self.clerk)
        self.assertTrue(self.reads(self.clerk))
        self.assertTrue(self.letter.content_ids.with_user(self.clerk).text)
        self.assertTrue(self.reads(self.owner))

    def test_who_is_taken_off_reads_no_more(self):
        self.set_readers(self.owner, self.clerk, self.salesman)
        self.set_readers(self.owner, self.salesman)
        self.assertFalse(self.reads(self.clerk))
        self.assertTrue(self.reads(self.salesman))
        self.assertTrue(self.reads(self.owner))

    def test_what_another_mailbox_gives_stays(self):
        own = self.make_mailbox(self.clerk)
        self.held(own, self.letter)
        self.set_readers(self.owner, self.clerk)
        self.set_readers(self.owner)
        self.assertTrue(self.reads(self.clerk))

    def test_readers_see_nothing_of_the_mailbox(self):
        self.set_readers(self.owner, self.clerk)
        for model in ("crm.mail.mailbox", "crm.mail.folder", "crm.mail.copy", "crm.mail.run"):
            self.assertFalse(self.env[model].with_user(self.clerk).search_count([]), model)
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.clerk).reader_ids = [(4, self.salesman.id)]

    def test_an_admin_chooses_for_shared_mailboxes_only(self):
        self.set_readers(self.admin, self.clerk)
        self.assertTrue(self.reads(self.clerk))
        for values in ({"visibility": "private"}, {"visibility": "everything", "address": self.owner.email}):
            self.mailbox.write(values)
            with self.assertRaises(AccessError, msg=values):
                self.set_readers(self.admin, self.admin)
            self.assertFalse(self.reads(self.admin))

    def test_private_letters_are_shown_by_the_mailbox_s_user_only(self):
        self.letter.with_user(self.owner).action_make_private()
        self.set_readers(self.admin, self.clerk)
        self.assertFalse(self.reads(self.clerk))
        self.set_readers(self.owner, self.clerk, self.salesman)
        self.assertTrue(self.reads(self.salesman))

    def test_an_admin_cannot_make_it_shared_and_read_it_in_one(self):
        self.mailbox.address = self.owner.email
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.admin).write({"address": "x@ours.example", "reader_ids": [(4, self.admin.id)]})
        with self.assertRaises(AccessError):
            self.env["crm.mail.mailbox"].with_user(self.admin).create(
                {"user_id": self.salesman.id, "address": self.salesman.email, "reader_ids": [(4, self.admin.id)]}
            )

    def test_an_admin_cannot_make_it_shared_and_read_it_in_two(self):
        self.mailbox.address = self.owner.email
        self.mailbox.with_user(self.admin).write({"address": "nobody@ours.example"})
        with self.assertRaises(AccessError):
            self.set_readers(self.admin, self.admin)
        self.assertFalse(self.reads(self.admin))
        self.set_readers(self.owner, self.clerk)

    def test_an_admin_cannot_take_the_address_from_its_user_first(self):
        self.mailbox.address = self.owner.email
        self.owner.with_user(self.admin).write({"email": "x@ours.example"})
        with self.assertRaises(AccessError):
            self.set_readers(self.admin, self.admin)

    def test_an_admin_cannot_choose_readers_before_it_is_a_user_s_own(self):
        mailboxes = self.env["crm.mail.mailbox"].with_user(self.admin)
        readers = {"reader_ids": [(6, 0, self.admin.ids)]}
        elsewhere = mailboxes.create({"user_id": self.owner.id, "address": "free@ours.example", **readers})
        with self.assertRaises(AccessError), self.cr.savepoint():
            elsewhere.write({"address": self.owner.email})
        self.assertEqual(elsewhere.address, "free@ours.example")
        somebody_else_s = mailboxes.create({"address": self.owner.email, **readers})
        with self.assertRaises(AccessError):
            somebody_else_s.write({"user_id": self.owner.id})

    def test_letters_of_an_account_that_was_left_are_not_shown(self):
        self.mailbox.with_user(self.admin).write({"address": "other@ours.example"})
        self.set_readers(self.admin, self.admin)
        self.assertFalse(self.reads(self.admin))
        self.assertTrue(self.reads(self.owner))

    def test_a_scan_that_goes_on_knows_the_readers_of_before(self):
        self.mailbox._set_connected()
        self.mailbox.next_run = "2026-01-01 00:00:00"
        lease = Lease(self.env)
        self.env.flush_all()
        self.assertEqual(lease.take(), self.mailbox.id)
        self.set_readers(self.owner, self.clerk)
        with self.assertRaises(LeaseLost):
            lease.renew(self.mailbox.id)


@tagged("post_install", "-at_install")
class TestReadersOfScan(ScanCase):
    def test_new_letters_are_the_readers_too(self):
        other = self.env.ref("base.user_admin")
        self.mailbox.reader_ids = other
        self.server.deliver(letter(self.anna.email, self.user.email))
        self.scan()
        self.assertEqual(self.letters().owner_ids, self.user | other)
        self.assertEqual(set(scope_of(self.mailbox).owner_ids), set((self.user | other).ids))
