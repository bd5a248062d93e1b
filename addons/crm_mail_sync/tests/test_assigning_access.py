# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may assign, move, unassign and undo which letter: whoever may read it, to what he may read; all by RPC."""

from itertools import product

from odoo.tests import tagged

from .access_case import ROLES, SALES, AccessCase


@tagged("post_install", "-at_install")
class TestAssigningAccess(AccessCase):
    def wizard(self, role, letters, **targets):
        """What the wizard, called as a browser does, made of it; None if it was refused."""
        values = {name: [(6, 0, ids)] for name, ids in targets.items()}
        wizard = self.ask(role, "crm.mail.assign.wizard", "create", {"email_ids": [(6, 0, letters.ids)], **values})
        return wizard and self.ask(
            role, "crm.mail.assign.wizard", "action_apply", wizard if isinstance(wizard, list) else [wizard]
        )

    def links(self):
        self.env.invalidate_all()
        found = self.env["crm.mail.link"].search([])
        return {(k.email_id.id, *k._target()): bool(k.is_undone) for k in found}

    def test_a_letter_is_assigned_by_its_readers_only(self):
        target = self.env["res.partner"].create({"name": "Anybody's"})
        for role, (name, letter) in product(ROLES, self.letters.items()):
            done = self._attempt(self.wizard, role, letter, partner_ids=target.ids)
            self.assertEqual(bool(done), role in self.readers[name], (role, name))

    def test_a_letter_is_assigned_to_what_one_may_see_only(self):
        """A salesman's letter, to leads that are his, nobody's, another's, another company's."""
        letter = self.make_letter(owners=self.users["salesman"])
        for key, may in (("own", True), ("free", True), ("lost", True), ("others", False), ("elsewhere", False)):
            done = self._attempt(self.wizard, "salesman", letter, lead_ids=self.leads[key].ids)
            self.assertEqual(bool(done), may, key)

    def test_an_assigned_private_letter_stays_its_owners(self):
        letter = self.make_letter(owners=self.users["salesman_owner"], visibility="private")
        self.assertTrue(self.wizard("salesman_owner", letter, partner_ids=self.company.ids))
        for role in ROLES:
            read = self.ask(role, "crm.mail.email", "read", letter.ids, ["direction"])
            self.assertEqual(bool(read), role == "salesman_owner", role)

    def test_an_assigned_letter_of_nobody_is_shown_to_whoever_sees_the_record(self):
        letter = self.make_letter(owners=self.users["owner"], company_id=self.env.company.id)
        self.assertTrue(self.wizard("owner", letter, partner_ids=self.company.ids))
        for role in ROLES:
            read = self.ask(role, "crm.mail.email", "read", letter.ids, ["direction"])
            self.assertEqual(bool(read), role in SALES | {"owner"}, role)

    def test_taking_off_and_moving(self):
        for role, (name, letter) in product(ROLES, self.letters.items()):
            for link in letter.link_ids.filtered(lambda k: not k.is_undone):
                readers = self.rows["crm.mail.link"].get(link.id, ())
                for method in ("action_unassign", "action_move"):
                    call = (role, "crm.mail.email", method, letter.ids, *link._target())
                    done = self._attempt(self.ask, *call)
                    self.assertEqual(bool(done), role in readers and role in self.readers[name], (method, role, name))

    def test_an_assignment_is_undone_by_its_maker_and_by_who_answers_for_it(self):
        for assignment_id, readers in self.rows["crm.mail.assignment"].items():
            for role in ROLES:
                call = (role, "crm.mail.assignment", "action_undo", [assignment_id])
                self.assertEqual(bool(self._attempt(self.ask, *call)), role in readers, (role, assignment_id))

    def test_nothing_was_changed_by_what_was_refused(self):
        before = self.links()
        target = self.env["res.partner"].create({"name": "Anybody's"})
        for role, (name, letter) in product(ROLES, self.letters.items()):
            if role not in self.readers[name]:
                self.wizard(role, letter, partner_ids=target.ids)
                self.ask(role, "crm.mail.email", "action_create_contact", letter.ids)
                self.ask(role, "crm.mail.email", "action_create_lead", letter.ids)
        self.assertEqual(self.links(), before)
        self.assertFalse(self.env["crm.mail.assignment"].search([("target_ids.partner_id", "=", target.id)]))

    def test_a_wizard_cannot_be_aimed_at_other_letters(self):
        """Read by nobody but the salesman, and whatever stands in it is checked once more."""
        letters = self.letters["private"] | self.letters["own_lead"]
        self.assertFalse(self._attempt(self.wizard, "salesman", letters, partner_ids=self.company.ids))
        link = self.letters["private"].link_ids
        values = {
            "email_ids": [(6, 0, self.letters["own_lead"].ids)],
            "link_id": link.id,
            "partner_ids": [(6, 0, self.contact.ids)],
        }
        made = self.ask("salesman", "crm.mail.assign.wizard", "create", values)
        self.assertFalse(made and self.ask("salesman", "crm.mail.assign.wizard", "action_apply", [made]))
        self.env.invalidate_all()
        self.assertFalse(link.is_undone)

    def test_names_of_records_are_told_to_their_readers(self):
        lead = self._lead("zqsecretqz", "manager", company_id=self.env.company.id)
        letter = self.make_letter(owners=self.users["manager"])
        assignment = letter.with_user(self.users["manager"])._assign(
            {"crm.lead": lead.ids}, scope="address", learned="astrid@lindqvist.example"
        )
        for role, told in (("manager", True), ("admin", False), ("salesman", False)):
            answer = self.ask(role, "crm.mail.assignment", "read", assignment.ids, ["target_names", "display_name"])
            self.assertEqual("zqsecretqz" in str(answer), told, role)

    def _attempt(self, call, *args, **kwargs):
        savepoint = self.env.cr.savepoint()
        try:
            return call(*args, **kwargs)
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)
