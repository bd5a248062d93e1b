# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who reads what of a project's letters: every role × every project × every level × every model."""

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from .project_case import LEVELS, ROLES, ProjectCase


@tagged("post_install", "-at_install")
class TestProjectAccess(ProjectCase):
    def _parts(self, letter):
        """Each record of a letter with the model that decides over it."""
        return {
            letter: "crm.mail.email",
            letter.pointer_id: "crm.mail.email",
            letter.head_ids: "crm.mail.head",
            letter.participant_ids[:1]: "crm.mail.head",
            letter.content_ids: "crm.mail.content",
            letter.content_ids.file_ids: "crm.mail.content",
        }

    def test_every_project_and_level(self):
        for name in self.projects:
            for visibility, models in LEVELS.items():
                letter = self.letter_of(name, visibility=visibility, files=[{"name": "a.txt", "raw": b"a"}])
                for record, model in self._parts(letter).items():
                    expected = {"owner"} | (set(self.members[name]) if model in models else set())
                    with self.subTest(project=name, visibility=visibility, record=record._name):
                        self.assertEqual(self.readers_of(record), expected)

    def test_links(self):
        """With the letter and with the project, which any colleague may see if it is open."""
        for name, project in self.projects.items():
            letter = self.letter_of(name)
            sees_project = {role for role in ROLES if project.with_user(self.users[role]).has_access("read")}
            expected = (set(self.members[name]) | {"owner"}) & sees_project
            with self.subTest(project=name):
                self.assertEqual(self.readers_of(letter.link_ids), expected)
            private = self.letter_of(name, visibility="private")
            self.assertEqual(self.readers_of(private.link_ids), {"owner"} & sees_project)

    def test_letters_are_found_by_projects_by_project_users_only(self):
        letter = self.letter_of("open")
        self.link(letter, self.company)
        project = self.projects["open"]
        by_name, by_reason = [("linked_to", "ilike", project.name)], [("link_reason", "in", ["manual"])]
        for role in ("salesman", "user", "manager"):
            emails = self.env["crm.mail.email"].with_user(self.users[role])
            found = letter.browse() if role == "salesman" else letter
            self.assertEqual(emails.search(by_name), found, role)
            self.assertEqual(emails.search(by_reason) & letter, found, role)
            if role != "salesman":
                self.assertEqual(emails.search([("project_ids", "in", project.ids)]), found, role)
        with self.assertRaises(AccessError):
            self.env["crm.mail.email"].with_user(self.users["salesman"]).search([("project_ids", "in", project.ids)])

    def test_undone_links_open_nothing(self):
        letter = self.letter_of("open")
        letter.link_ids.is_undone = True
        self.assertEqual(self.readers_of(letter), {"owner"})
        self.assertEqual(self.readers_of(letter.link_ids), {"owner"})

    def test_a_link_to_one_project_does_not_show_the_other(self):
        letter = self.letter_of("open")
        self.link(letter, self.projects["nobodys"], "manual")
        hidden = letter.link_ids.filtered(lambda link: link.project_id == self.projects["nobodys"])
        self.assertEqual(self.readers_of(hidden), {"manager"})
        self.assertEqual(self.readers_of(letter), {"owner", "follower", "user", "manager"})

    def test_letters_of_customers_stay_the_salespeoples(self):
        letter = self.make_letter([self.company], owners=self.users["owner"], company_id=self.env.company.id)
        self.assertEqual(self.readers_of(letter), {"owner", "salesman"})
        self.link(letter, self.projects["closed"], "manual")
        self.assertEqual(self.readers_of(letter), {"owner", "salesman", "follower", "manager"})
        to_project = letter.link_ids.filtered("project_id")
        self.assertEqual(self.readers_of(to_project), {"follower", "manager"})

    def test_another_company_reads_only_what_is_its_own_too(self):
        letter = self.letter_of("elsewhere")
        self.assertEqual(self.readers_of(letter), {"owner"})
        letter.company_ids |= self.elsewhere
        self.assertEqual(self.readers_of(letter), {"owner", "elsewhere"})

    def test_visibility_of_the_project_counts_when_it_is_read(self):
        letter = self.letter_of("open")
        self.projects["open"].privacy_visibility = "followers"
        self.assertEqual(self.readers_of(letter), {"owner", "follower", "manager"})
        self.projects["open"].message_unsubscribe(self.users["follower"].partner_id.ids)
        self.assertEqual(self.readers_of(letter), {"owner", "manager"})

    def test_counts_hold_only_what_is_readable(self):
        for name, project in self.projects.items():
            self.letter_of(name)
            self.letter_of(name, visibility="private")
            for role in ROLES:
                self.env.invalidate_all()
                mine = project.with_user(self.users[role])
                if not mine.has_access("read") or "letter_count" not in mine.fields_get():
                    continue
                expected = {"owner": "2"}.get(role, "1" if role in self.members[name] else "")
                self.assertEqual(mine.letter_count, expected, (name, role))
                found = (
                    self.env["crm.mail.email"].with_user(self.users[role]).search(mine.action_open_letters()["domain"])
                )
                # The list asks for links too, and the owner of a letter does not see every project.
                self.assertEqual(len(found), int(expected or 0), (name, role))

    def test_projects_are_not_found_by_what_their_letters_say(self):
        for name, project in self.projects.items():
            word = f"zq{name}qz"
            self.letter_of(name, subject=f"About {word}", html=f"<p>{word}</p>")
            for role in ROLES:
                sees = project.with_user(self.users[role]).has_access("read")
                expected = sees and role in self.members[name] | {"owner"}
                for path in ("subject", "head_ids.subject", "content_ids.text", "text_search"):
                    found = self._projects_by(role, Domain(f"mail_link_ids.email_id.{path}", "ilike", word))
                    self.assertEqual(project in found, expected, (name, role, path))

    def _projects_by(self, role, domain):
        projects = self.env["project.project"].with_user(self.users[role]).with_context(active_test=False)
        try:
            return projects.search(domain)
        except AccessError:
            return projects

    def test_portal_users_reach_nothing_through_the_project(self):
        letter = self.letter_of("shared")
        for role in ("customer", "collaborator"):
            project = self.projects["shared"].with_user(self.users[role])
            self.assertTrue(project.has_access("read"))
            for name in ("mail_link_ids", "letter_count"):
                with self.assertRaises(AccessError):
                    project.read([name])
            task = self.env["project.task"].create(
                {"name": "Task", "project_id": project.id, "letter_id": letter.id, "user_ids": False}
            )
            task.message_subscribe(self.users[role].partner_id.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            task = task.with_user(self.users[role])
            self.assertTrue(task.has_access("read"))
            for name in ("letter_id", "is_letter_shown"):
                with self.assertRaises(AccessError):
                    task.read([name])

    def test_a_task_is_tied_to_no_letter_that_its_maker_may_not_read(self):
        private = self.letter_of("open", visibility="private")
        shown = self.letter_of("open")
        tasks = self.env["project.task"].with_user(self.users["user"])
        values = {"name": "Task", "project_id": self.projects["open"].id}
        with self.assertRaises(AccessError):
            tasks.create({**values, "letter_id": private.id})
        with self.assertRaises(AccessError):
            tasks.with_context(default_letter_id=private.id).create(values)
        task = tasks.create({**values, "letter_id": shown.id})
        with self.assertRaises(AccessError):
            task.write({"letter_id": private.id})
        self.assertEqual(task.letter_id, shown)
