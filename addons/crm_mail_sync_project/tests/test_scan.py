# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Replies follow a letter into its project."""

from odoo.tests import tagged

from odoo.addons.crm_mail_sync.tests.scan_case import ScanCase, letter

OWN = "owner@scan-own.test"


@tagged("post_install", "-at_install")
class TestProjectScan(ScanCase):
    def setUp(self):
        super().setUp()
        self.project = self.env["project.project"].create({"name": "Scan hall", "privacy_visibility": "employees"})
        self.user.group_ids |= self.env.ref("project.group_project_user")
        self.cr.commit()

    def _wipe(self):
        self.cr.rollback()
        self.env["project.project"].with_context(active_test=False).search([("name", "=", "Scan hall")]).unlink()
        super()._wipe()

    def _first_letter(self, sender="anna@acme-scan.test"):
        self.server.deliver(letter(sender, OWN, message_id="<first@mail.test>"))
        self.scan()
        first = self.letters()
        first.with_user(self.user)._assign({"project.project": self.project.ids})
        self.cr.commit()
        return first

    def _reply(self, sender="anna@acme-scan.test", number=1, **fields):
        fields = {"message_id": f"<reply{number}@mail.test>", "In_Reply_To": "<first@mail.test>", **fields}
        self.server.deliver(letter(sender, OWN, number=number, **fields))

    def test_a_reply_follows(self):
        first = self._first_letter()
        self._reply()
        self.scan()
        reply = self.letters() - first
        self.assertEqual(self.links_of(self.project), {first: "manual", reply: "thread"})
        self.assertEqual(self.links_of(self.anna)[reply], "customer_contact")
        self.assertTrue(reply.is_linked_project)

    def test_a_reply_of_somebody_unknown_is_archived_for_the_project(self):
        first = self._first_letter()
        self._reply("someone@unknown-scan.test")
        self.scan()
        self.assertEqual(len(self.links_of(self.project)), 2)
        self.assertEqual(len(self.letters() - first), 1)

    def test_an_archived_project_is_followed_too(self):
        self._first_letter()
        self.project.active = False
        self._reply()
        self.scan()
        self.assertEqual(len(self.links_of(self.project)), 2)

    def test_undone_no_reply_follows(self):
        first = self._first_letter()
        first.link_ids.filtered("project_id").is_undone = True
        self.cr.commit()
        self._reply()
        self.scan()
        self.assertEqual(len(self.project.mail_link_ids), 1)

    def test_switched_off_no_reply_follows(self):
        first = self._first_letter()
        self.mailbox.with_user(self.user).sync_projects = False
        self._reply()
        self.scan()
        self.assertEqual(list(self.links_of(self.project)), [first])
        self.assertEqual(len(self.letters()), 2)

    def test_switched_on_again_what_was_taught_meanwhile_comes_too(self):
        """What was archived for a customer by then, and what was skipped."""
        someone = "someone@unknown-scan.test"
        first = self._first_letter()
        mailbox = self.mailbox.with_user(self.user)
        mailbox.sync_projects = False
        for address in (self.anna.email, someone):
            taught = first.with_user(self.user)
            taught._assign({"project.project": self.project.ids}, scope="address", learned=address)
        for number, address in enumerate((self.anna.email, someone), 1):
            self.server.deliver(letter(address, OWN, number=number))
        self.scan()
        self.assertEqual(list(self.links_of(self.project)), [first])
        mailbox.sync_projects = True
        self.cr.commit()
        self.env["crm.mail.rematch"]._cron_rematch()
        self.scan()
        self.assertEqual(len(self.links_of(self.project)), 3)
        self.assertEqual(len(self.letters()), 3)

    def test_the_projects_customer_brings_no_letters_into_it(self):
        self.project.partner_id = self.acme
        self.cr.commit()
        self.server.deliver(letter("info@acme-scan.test", OWN))
        self.scan()
        self.assertTrue(self.links_of(self.acme))
        self.assertFalse(self.links_of(self.project))
