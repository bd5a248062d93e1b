# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""That letters are of one conversation is part of their heads: of a letter without one it is not told."""

from odoo.tests import tagged

from ..models.assignment_scope import Covered
from .test_assign_wizard import StrangerCase


@tagged("post_install", "-at_install")
class TestConversationLevels(StrangerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.env["crm.mail.folder"].create(
            {"mailbox_id": cls.mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"}
        )

    def conversation(self, first_level, reply_level):
        first = self.letter_from(
            "nils@byggare.example", message_id="first@byggare.example", visibility=first_level, company_id=1
        )
        first._assign({"res.partner": self.other.ids})
        reply = self.letter_from("ola@nobody.example", visibility=reply_level, company_id=1)
        reply._assign({"res.partner": self.company.ids})
        values = {"mailbox_id": self.mailbox.id, "folder_id": self.folder.id, "remote_id": "1", "state": "kept"}
        copy = self.env["crm.mail.copy"].create({**values, "email_id": reply.id})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_mail_copy SET thread_keys = ARRAY[crm_mail_thread_key('first@byggare.example')] WHERE id = %s",
            (copy.id,),
        )
        return first, reply

    def hold(self, first, reply, user, is_told):
        for letter, other, customer in ((first, reply, self.company), (reply, first, self.other)):
            letter = letter.with_user(user)
            self.assertEqual(Covered(letter, "thread").letters(), letter | (other if is_told else other.browse()))
            self.assertEqual(Covered(letter, "thread").count_letters(), 1 + is_told)
            candidates = [record.id for record, reason in letter._assign_candidates() if "conversation" in reason]
            self.assertEqual(candidates, customer.ids if is_told else [])
            self.assertEqual(letter.with_user(user)._assign(
                {"res.partner": self.contact.ids}, scope="thread"
            ).letter_count, 1 + is_told)  # fmt: skip

    def test_shown_letters(self):
        for level in ("everything", "subject"):
            with self.subTest(level), self.env.cr.savepoint():
                self.hold(*self.conversation(level, level), self.salesman, True)
                self.env["crm.mail.copy"].search([]).unlink()
                self.env["crm.mail.email"].search([]).unlink()

    def test_one_that_only_happened(self):
        self.hold(*self.conversation("everything", "event"), self.salesman, False)

    def test_the_other_that_only_happened(self):
        self.hold(*self.conversation("event", "everything"), self.salesman, False)

    def test_their_owner_is_told(self):
        self.hold(*self.conversation("event", "event"), self.owner, True)

    def test_the_wizard_offers_no_conversation_of_what_only_happened(self):
        first, reply = self.conversation("everything", "event")
        for letter, is_offered in ((first, True), (reply, False), (first | reply, True)):
            wizards = self.env["crm.mail.assign.wizard"].with_user(self.salesman)
            wizard = wizards.create({"email_ids": [(6, 0, letter.ids)]})
            self.assertEqual("thread" in [choice["value"] for choice in wizard.scopes], is_offered)
