# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox is removed, with or without what it brought, or becomes another account's."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .rematch_case import OWN, RematchCase
from .scan_case import letter

SECOND = "second@scan-own.test"


@tagged("post_install", "-at_install")
class TestRemoval(RematchCase):
    def setUp(self):
        super().setUp()
        self.colleague = new_test_user(self.env, login="scan.colleague", email=SECOND)
        self.other = self._mailbox(self.colleague, SECOND)
        for number, subject in enumerate(("Shared", "Alone", "Assigned")):
            message = letter(self.anna.email, OWN, subject=subject, number=number)
            self.server.deliver(message)
            if subject == "Shared":
                self.servers[SECOND].deliver(message)
        self.scan()
        self.scan(self.other)
        assigned = self.letters().filtered(lambda e: e.subject == "Assigned")
        link = assigned.link_ids.filtered(lambda k: k.partner_id == self.anna)
        link.write({"reason": "manual", "maker_id": self.user.id})
        self.cr.commit()

    def _wipe(self):
        self.cr.rollback()
        self.env["crm.mail.removal"].search([]).unlink()
        self.cr.commit()
        super()._wipe()

    def wizard(self, user=None, **values):
        wizards = self.env["crm.mail.mailbox.removal"].with_user(user or self.user)
        return wizards.create({"mailbox_ids": [(6, 0, self.mailbox.ids)], **values})

    def remove(self, user=None, **values):
        self.wizard(user, **values).action_remove()
        self.cr.commit()
        self.env["crm.mail.removal"]._cron_remove()
        self.env.invalidate_all()

    def subjects(self):
        return sorted(self.letters().mapped("subject"))

    def test_the_question_says_what_goes_and_what_stays(self):
        wizard = self.wizard()
        self.assertEqual((wizard.only_text, wizard.assigned_text, wizard.shared_text), ("1", "1", "1"))

    def test_kept_it_leaves_everything(self):
        self.remove()
        self.assertEqual(self.subjects(), ["Alone", "Assigned", "Shared"])
        self.assertFalse(self.mailbox.exists())
        self.assertFalse(self.env["crm.mail.removal"].search([]))

    def test_deleted_it_takes_what_only_it_brought(self):
        alone = self.letters().filtered(lambda e: e.subject == "Alone")
        pointer, content = alone.pointer_id, alone.content_ids
        self.env["ir.attachment"].create({"name": "x", "raw": b"x", "res_model": content._name, "res_id": content.id})
        self.cr.commit()
        self.remove(choice="delete")
        self.assertEqual(self.subjects(), ["Assigned", "Shared"])
        self.assertFalse(pointer.exists())
        self.assertFalse(content.exists())
        self.assertFalse(
            self.env["ir.attachment"].search([("res_model", "=", content._name), ("res_id", "=", content.id)])
        )
        self.assertFalse(self.env["crm.mail.removal"].search([]))

    def test_deleted_with_what_was_assigned_if_that_is_wanted(self):
        self.remove(choice="delete", with_assigned=True)
        self.assertEqual(self.subjects(), ["Shared"])

    def test_what_a_colleague_was_handed_over_stays(self):
        self.letters().owner_ids |= self.colleague
        self.cr.commit()
        self.remove(choice="delete", with_assigned=True)
        self.assertEqual(len(self.letters()), 3)

    def test_what_readers_of_the_mailbox_own_stays(self):
        self.letters().owner_ids |= self.colleague
        self.mailbox.reader_ids = self.colleague
        self.cr.commit()
        self.assertEqual(self.wizard().only_text, "0")
        self.remove(choice="delete", with_assigned=True)
        self.assertEqual(self.subjects(), ["Alone", "Assigned", "Shared"])

    def test_what_another_mailbox_takes_up_meanwhile_stays(self):
        self._plan()
        self._take_up()
        self.env["crm.mail.removal"]._cron_remove()
        self.env.invalidate_all()
        self.assertEqual(self.subjects(), ["Alone", "Shared"])

    def test_what_another_mailbox_takes_up_while_it_is_being_deleted_stays(self):
        self._plan()
        letters = self.registry["crm.mail.email"]
        unlink, calls = letters.unlink, []

        def unlink_beside(doomed):
            if not calls:
                self._take_up()
            calls.append(doomed.ids)
            return unlink(doomed)

        with patch.object(letters, "unlink", unlink_beside):
            self.env["crm.mail.removal"]._cron_remove()
        self.env.invalidate_all()
        self.assertEqual(self.subjects(), ["Alone", "Shared"])
        self.assertTrue(self.env["crm.mail.copy"].search([("remote_id", "=", "x")]).email_id)
        self.assertGreater(len(calls), 1, "the first try met a conflict")

    def _plan(self):
        self.wizard(choice="delete", with_assigned=True).action_remove()
        self.cr.commit()
        self.env.cr.execute("SELECT email_id FROM crm_mail_removal_email")
        planned = self.env["crm.mail.email"].browse([row[0] for row in self.env.cr.fetchall()])
        self.assertEqual(set(planned.mapped("subject")), {"Alone", "Assigned"})

    def _take_up(self):
        """What the other mailbox's scan does when it meets one of the letters."""
        with self.registry.cursor() as cr:
            env = self.env(cr=cr)
            alone = env["crm.mail.email"].search([("subject", "=", "Alone")])
            other = env["crm.mail.mailbox"].browse(self.other.id)
            env["crm.mail.copy"].create(
                {
                    "mailbox_id": other.id,
                    "folder_id": other.folder_ids[0].id,
                    "remote_id": "x",
                    "state": "kept",
                    "email_id": alone.id,
                }
            )
            alone.owner_ids |= other.user_id

    def test_an_admin_can_only_keep(self):
        admin = new_test_user(self.env, login="scan.admin", groups="base.group_system")
        self.cr.commit()
        wizard = self.wizard(admin, choice="delete")
        self.assertEqual((wizard.only_text, wizard.shared_text), ("0", "0"), "he is not told of what he cannot read")
        with self.assertRaises(AccessError):
            wizard.action_remove()
        self.remove(admin)
        self.assertEqual(len(self.letters()), 3)
        self.assertFalse(self.mailbox.exists())

    def test_nobody_else_can_remove_it(self):
        with self.assertRaises(AccessError):
            self.wizard(self.colleague).action_remove()


@tagged("post_install", "-at_install")
class TestAnotherAccount(RematchCase):
    def test_the_same_account_under_another_address_doubles_nothing(self):
        self.bring(self.anna.email, 3)
        self.bring("else@nobody-scan.test", 2)
        self.scan()
        before = self.letters()
        self.servers[SECOND] = self.server
        self.mailbox.address = SECOND
        self.cr.commit()
        self.scan()
        self.scan()
        self.assertEqual(self.letters(), before)
        self.assertEqual(len(self.copies()), 5)
        self.assertEqual(len(self.copies("skipped")), 2)

    def test_another_account_s_messages_come_and_none_of_before_is_lost(self):
        self.bring(self.anna.email, 2)
        self.scan()
        self.servers[SECOND] = self._new_server(SECOND)
        self.bring(self.acme.email, 3, self.servers[SECOND])
        self.mailbox.address = SECOND
        self.cr.commit()
        self.scan()
        self.assertEqual(len(self.letters()), 5)
        self.assertEqual(len(self.links_of(self.anna)), 2)
        self.assertEqual(len(self.links_of(self.acme)), 5)

    def test_what_was_skipped_in_an_account_that_was_left_stays(self):
        self.bring("ben@late-scan.test", 2)
        self.scan()
        self.servers[SECOND] = self._new_server(SECOND)
        self.mailbox.address = SECOND
        self.cr.commit()
        self.scan()
        self._partner(name="Ben", email="ben@late-scan.test")
        self.work_off()
        self.assertFalse(self.copies("pending"))

    def test_connected_again_after_it_was_deleted_its_letters_are_recognised(self):
        self.bring(self.anna.email, 3)
        self.scan()
        before = self.letters()
        self.mailbox.unlink()
        server = self.server
        self.mailbox = self._mailbox(self.user)
        self.servers[OWN] = server
        self.cr.commit()
        self.scan()
        self.assertEqual(self.letters(), before)
        self.assertEqual(len(self.links_of(self.anna)), 3)
