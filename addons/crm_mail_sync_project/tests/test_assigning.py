# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters assigned to projects by hand, and what the report says of it."""

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.crm_mail_sync.tests.common import NOON

from .project_case import ROLES, ProjectCase


@tagged("post_install", "-at_install")
class TestAssigning(ProjectCase):
    def setUp(self):
        super().setUp()
        self.users["owner"].group_ids |= self.env.ref("project.group_project_user")
        self.letter = self.make_letter(owners=self.users["owner"], company_id=self.env.company.id)

    def wizard(self, letters, role="owner"):
        letters = letters.with_user(self.users[role])
        action = letters.action_assign()
        return Form(self.env[action["res_model"]].with_user(self.users[role]).with_context(**action["context"]))

    def apply(self, form):
        action = form.save().action_apply()
        self.env.invalidate_all()
        return self.env["crm.mail.assignment"].browse(action["params"]["assignment_id"])

    def test_by_the_wizard_and_undone(self):
        form = self.wizard(self.letter)
        form.project_ids.add(self.projects["open"])
        self.assertIn("Project open", form.readers)
        assignment = self.apply(form).with_user(self.users["owner"])
        self.assertEqual(self.letter.link_ids.project_id, self.projects["open"])
        self.assertEqual(assignment.target_names, "Project open")
        self.assertEqual(self.readers_of(self.letter), {"owner", "follower", "user", "manager"})
        assignment.action_undo()
        self.assertFalse(self.letter.link_ids)
        self.assertEqual(self.readers_of(self.letter), {"owner"})

    def test_moved_from_one_project_to_another(self):
        letter = self.letter_of("open")
        action = letter.with_user(self.users["user"]).action_move("project.project", self.projects["open"].id)
        form = Form(self.env[action["res_model"]].with_user(self.users["user"]).with_context(**action["context"]))
        self.assertEqual(form.from_name, "Project open")
        form.project_ids.add(self.projects["shared"])
        self.apply(form)
        active = letter.link_ids.filtered(lambda link: not link.is_undone)
        self.assertEqual(active.project_id, self.projects["shared"])

    def test_nobody_assigns_to_a_project_that_he_may_not_see(self):
        letter = self.letter.with_user(self.users["owner"])
        with self.assertRaises(AccessError):
            letter._assign({"project.project": self.projects["nobodys"].ids})
        with self.assertRaises(AccessError):
            self.letter.with_user(self.users["user"])._assign({"project.project": self.projects["open"].ids})

    def test_projects_of_the_customer_are_suggested(self):
        self.projects["open"].partner_id = self.company
        self.projects["closed"].partner_id = self.contact
        self.projects["nobodys"].partner_id = self.company
        letter = self.letter.with_user(self.users["owner"])
        suggested = [record for record, _reason in letter._assign_candidates()]
        self.assertIn(self.projects["open"], suggested)
        for hidden in ("closed", "nobodys"):
            self.assertNotIn(self.projects[hidden], suggested)
        letter._assign({"project.project": self.projects["open"].ids})
        self.assertNotIn(self.projects["open"], [record for record, _reason in letter._assign_candidates()])

    def test_who_is_no_project_user_is_suggested_no_projects(self):
        self.projects["open"].partner_id = self.company
        letter = self.make_letter(owners=self.users["colleague"]).with_user(self.users["colleague"])
        self.assertNotIn("project.project", [record._name for record, _reason in letter._assign_candidates()])


@tagged("post_install", "-at_install")
class TestProjectReport(ProjectCase):
    def test_projects_of_letters_are_shown_found_and_grouped_by_for_each_reader(self):
        letters = {name: self.letter_of(name) for name in self.projects}
        self.link(letters["open"], self.projects["closed"], "manual")
        everything = self.env["crm.mail.email"].union(*letters.values())
        for role in ("follower", "user", "manager"):
            self.env.flush_all()
            self.env.invalidate_all()
            seen = [name for name in self.projects if role in self.members[name]]
            mine = everything.with_user(self.users[role])._filtered_access("read")
            expected = {(letters[name], self.projects[name]) for name in seen}
            if role != "user":
                expected.add((letters["open"], self.projects["closed"]))
            self.assertEqual({(letter, project) for letter in mine for project in letter.project_ids}, expected, role)
            for name, project in self.projects.items():
                found = mine.search([("project_ids", "in", project.ids), ("id", "in", everything.ids)])
                self.assertEqual(set(found), {letter for letter, other in expected if other == project}, (role, name))
            groups = dict(mine._read_group([("id", "in", everything.ids)], ["project_ids"], ["__count"]))
            counts = {project: sum(other == project for _letter, other in expected) for _l, project in expected}
            self.assertEqual({project: n for project, n in groups.items() if project}, counts, role)

    def test_letters_of_projects_are_not_unassigned(self):
        letters = self.letter_of("open") | self.make_letter(owners=self.users["owner"])
        found = letters.search([("is_unassigned", "=", True), ("id", "in", letters.ids)])
        self.assertEqual(found, letters[1])

    def test_dates_of_letters_are_told_to_those_who_may_read_them(self):
        letter = self.letter_of("open", date=NOON)
        self.letter_of("open", visibility="private")
        self.env.flush_all()
        for role in ROLES:
            self.env.invalidate_all()
            project = self.projects["open"].with_user(self.users[role]).with_context({})
            domain = [("last_letter_in", "=", letter.date), ("id", "=", project.id)]
            if role in self.members["open"]:
                self.assertEqual((project.last_letter_in, project.letter_waits_since), (NOON, NOON), role)
                self.assertEqual(project.search(domain), project)
                continue
            if role == "elsewhere":
                # A project user, to whom another company's letters are not known.
                self.assertFalse(project.last_letter_in or project.search(domain))
                continue
            with self.assertRaises(AccessError, msg=role):
                project.search(domain)
            with self.assertRaises(AccessError, msg=role):
                project.read(["last_letter_in"])
