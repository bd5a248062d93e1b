# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people are told of older letters, and what of a mailbox's switches."""

from odoo.tests import new_test_user, tagged

from .rematch_case import OWN, RematchCase
from .scan_case import letter

BEN = "ben@later-scan.test"


@tagged("post_install", "-at_install")
class TestWidened(RematchCase):
    def test_a_switch_moved_later_brings_what_was_skipped_and_links_what_is_there(self):
        self.mailbox.write({"sync_clients": False})
        self.server.deliver(letter(self.anna.email, OWN))
        self.server.deliver(letter(self.anna.email, OWN, self.lead.email_from, number=2))
        self.scan()
        self.assertEqual(len(self.letters()), 1)
        self.mailbox.write({"sync_clients": True})
        self.work_off()
        self.assertEqual(len(self.links_of(self.anna)), 1)
        self.scan()
        self.assertEqual(len(self.links_of(self.anna)), 2)

    def test_scan_all_switched_on_later_brings_what_was_skipped(self):
        self.bring(BEN, 3)
        self.scan()
        settings = self.env["res.config.settings"].create({"mail_sync_scan_all": True})
        settings.set_values()
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 3)
        self.assertFalse(self.copies("skipped"))

    def test_a_mailbox_connected_again_is_asked_for_who_came_meanwhile(self):
        self.bring(BEN)
        self.scan()
        self.mailbox.action_disconnect()
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))
        self.mailbox._set_connected()
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 1)

    def test_a_folder_picked_again_too(self):
        self.bring(BEN)
        self.scan()
        folder = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        folder.selected = False
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))
        folder.selected = True
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 1)


@tagged("post_install", "-at_install")
class TestWhatIsTold(RematchCase):
    def setUp(self):
        super().setUp()
        self.bring(BEN, 3)
        self.scan()
        self._told()

    def _enter(self, user):
        partner = self.env["res.partner"].with_user(user).create({"name": "Ben", "email": BEN})
        self.records |= partner.sudo().with_user(1)
        return partner

    def _seller(self, login, groups="base.group_user,base.group_partner_manager,sales_team.group_sale_salesman"):
        return new_test_user(self.env, login=login, groups=groups, email=f"{login}@scan-own.test")

    def _told(self):
        self.cr.commit()
        rows = self.env["bus.bus"].search([("message", "like", "Older emails")])
        messages = rows.mapped("message")
        rows.unlink()
        return messages

    def test_the_form_tells_how_far_it_is_and_the_end_is_told_to_who_entered_it(self):
        ben = self._enter(self._seller("scan.seller"))
        self.assertEqual(ben.letter_search_text, "Looking for older emails…")
        self.work_off()
        self.assertEqual(ben.letter_search_text, "Looking for older emails: 3 found, 0 archived")
        self.assertFalse(self._told())
        self.scan()
        self.assertEqual(ben.letter_search_text, "Looking for older emails: 3 found, 3 archived")
        self.work_off()
        self.assertFalse(ben.letter_search_text)
        (message,) = self._told()
        self.assertIn("Older emails of Ben: 3", message)
        self.assertFalse(self.env["mail.mail"].search([("subject", "like", "Older")]))

    def test_nobody_learns_by_it_of_letters_that_he_may_not_know(self):
        self.mailbox.visibility = "private"
        for login, groups in (
            ("scan.seller", "base.group_user,base.group_partner_manager,sales_team.group_sale_salesman"),
            ("scan.clerk", "base.group_user,base.group_partner_manager"),
        ):
            ben = self._enter(self._seller(login, groups))
            self.work_off()
            self.assertEqual(ben.letter_search_text, "Looking for older emails…", login)
            own_view = ben.with_user(self.user).letter_search_text
            self.assertEqual(own_view, "Looking for older emails: 3 found, 0 archived")
            self.scan()
            self.work_off()
            self.assertFalse(self._told(), login)
            self.letters().unlink()
            ben.sudo().unlink()
            self.copies().write({"state": "skipped", "reason": "nobody_known"})

    def test_whoever_enters_many_is_told_once(self):
        self.bring("carl@later-scan.test", 2)
        self.scan()
        seller = self._seller("scan.seller")
        self._enter(seller)
        self.records |= (
            self.env["res.partner"]
            .with_user(seller)
            .create({"name": "Carl", "email": "carl@later-scan.test"})
            .sudo()
            .with_user(1)
        )
        self.work_off()
        self.scan()
        self.work_off()
        (message,) = self._told()
        self.assertIn("Older emails of 2 records: 5", message)

    def test_letters_in_mailboxes_that_are_not_connected_are_told_of(self):
        self.mailbox.action_disconnect()
        ben = self._enter(self._seller("scan.seller"))
        self.work_off()
        self.assertFalse(ben.letter_search_text)
        (message,) = self._told()
        self.assertIn("3 of them lie in mailboxes that are not connected", message)
        self.assertEqual(self.copies().mapped("state"), ["skipped"] * 3)
