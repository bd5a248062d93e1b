# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A task made of a letter."""

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .project_case import ProjectCase


@tagged("post_install", "-at_install")
class TestTask(ProjectCase):
    def wizard(self, letter, role="user"):
        self.env.flush_all()
        self.env.invalidate_all()
        action = letter.with_user(self.users[role]).action_create_task()
        return Form(self.env[action["res_model"]].with_user(self.users[role]).with_context(**action["context"]))

    def make_task(self, form):
        action = form.save().action_create_task()
        return self.env["project.task"].browse(action["res_id"])

    def test_filled_from_the_letter(self):
        letter = self.letter_of(
            "open",
            subject="Two desks wobble",
            html='<p>Please <b>repair</b> them.</p><img src="https://x.example/a.png">'
            '<blockquote type="cite"><p>How are the desks?</p></blockquote>',
        )
        form = self.wizard(letter)
        self.assertEqual((form.name, form.project_id), ("Two desks wobble", self.projects["open"]))
        task = self.make_task(form)
        self.assertEqual((task.name, task.project_id), ("Two desks wobble", self.projects["open"]))
        self.assertEqual(task.user_ids, self.users["user"])
        self.assertEqual(task.letter_id, letter)
        self.assertIn("Please repair them.", task.description)
        for absent in ("How are the desks", "<img"):
            self.assertNotIn(absent, task.description)

    def test_customer_is_who_wrote_and_not_the_projects(self):
        self.users["user"].group_ids |= self.env.ref("sales_team.group_sale_salesman")
        letter = self.make_letter([self.company, self.contact], owners=self.users["user"])
        form = self.wizard(letter)
        self.assertEqual(form.partner_id, self.contact)
        form.project_id = self.projects["open"]
        self.assertEqual(self.make_task(form).partner_id, self.contact)
        self.projects["closed"].partner_id = self.company
        unknown = self.make_letter(owners=self.users["follower"])
        form = self.wizard(unknown, "follower")
        self.assertFalse(form.partner_id)
        form.project_id = self.projects["closed"]
        self.assertFalse(self.make_task(form).partner_id)

    def test_nobody_is_told_by_the_template_of_a_stage(self):
        # Odoo's tests switch off what is looked at here.
        self.env = self.env(context={})
        template = self.env["mail.template"].create(
            {
                "name": "Received",
                "model_id": self.env["ir.model"]._get_id("project.task"),
                "subject": "We got it",
                "use_default_to": True,
            }
        )
        self.projects["open"].type_ids = [(0, 0, {"name": "New", "mail_template_id": template.id, "sequence": 0})]
        letter = self.letter_of("open", subject="Two desks wobble")
        form = self.wizard(letter)
        form.partner_id = self.contact
        task = self.make_task(form)
        # Templates are sent when the transaction ends.
        self.env.flush_all()
        self.env.cr.flush()
        self.assertEqual(task.stage_id.mail_template_id, template)
        self.assertFalse(self.env["mail.mail"].search([("subject", "=", "We got it")]))
        self.assertNotIn("We got it", task.message_ids.mapped("subject"))
        # One that is not made of a letter has Odoo's own way.
        values = {"name": "By hand", "project_id": task.project_id.id, "partner_id": self.contact.id}
        by_hand = self.env["project.task"].create({**values, "stage_id": task.stage_id.id})
        self.env.flush_all()
        self.env.cr.flush()
        self.assertIn("We got it", by_hand.message_ids.mapped("subject"))

    def test_the_letter_follows_into_the_project(self):
        letter = self.make_letter(owners=self.users["user"], company_id=self.env.company.id)
        form = self.wizard(letter)
        form.project_id = self.projects["open"]
        self.make_task(form)
        link = letter.link_ids
        self.assertEqual((link.project_id, link.reason), (self.projects["open"], "manual"))
        self.assertEqual(link.maker_id, self.users["user"])
        self.assertEqual(self.readers_of(letter), {"user", "follower", "manager"})

    def test_a_second_task_links_once_and_an_undone_link_comes_back(self):
        letter = self.letter_of("open")
        letter.link_ids.is_undone = True
        for _ in range(2):
            form = self.wizard_of_owner(letter)
            form.project_id = self.projects["open"]
            self.make_task(form)
        self.assertEqual(len(letter.link_ids), 1)
        self.assertFalse(letter.link_ids.is_undone)
        self.assertEqual(letter.with_user(self.users["owner"]).task_count, 2)

    def wizard_of_owner(self, letter):
        self.users["owner"].group_ids |= self.env.ref("project.group_project_user")
        return self.wizard(letter, "owner")

    def test_nobody_files_what_he_may_not_read(self):
        """Linked to a project of one's own, any letter could be read."""
        letter = self.make_letter(owners=self.users["owner"])
        wizards = self.env["crm.mail.task.wizard"].with_user(self.users["user"])
        self.assertFalse(wizards.with_context(default_letter_id=letter.id).default_get(["name"]).get("name"))
        wizard = wizards.create({"letter_id": letter.id, "project_id": self.projects["open"].id, "name": "x"})
        with self.assertRaises(AccessError):
            wizard.action_create_task()
        own = self.make_letter(owners=self.users["user"])
        wizard = wizards.create({"letter_id": own.id, "project_id": self.projects["nobodys"].id, "name": "x"})
        with self.assertRaises(AccessError):
            wizard.action_create_task()
        self.env.flush_all()
        self.assertFalse((letter | own).link_ids)

    def test_text_that_is_not_shown_is_not_copied(self):
        letter = self.letter_of("open", visibility="subject", html="<p>Geheim</p>", subject="Desks")
        form = self.wizard(letter)
        self.assertEqual(form.name, "Desks")
        self.assertNotIn("Geheim", str(form.description))
        letter = self.letter_of("open", visibility="event", html="<p>Geheim</p>", subject="Desks")
        self.assertNotIn("Desks", self.wizard(letter).name)

    def test_the_task_leads_back_for_those_who_may_read_the_letter(self):
        letter = self.letter_of("open", subject="Desks")
        task = self.make_task(self.wizard(letter))
        self.assertTrue(task.with_user(self.users["user"]).is_letter_shown)
        self.assertEqual(task.with_user(self.users["user"]).action_open_letter()["res_id"], letter.id)
        colleague = task.with_user(self.users["colleague"])
        self.assertTrue(colleague.has_access("read"))
        self.assertFalse(colleague.is_letter_shown)
        self.assertNotIn("Desks", colleague.action_open_letter()["name"])
        self.assertNotIn("Desks", str(colleague.web_read({"letter_id": {"fields": {"display_name": {}}}})))

    def test_a_task_outlives_its_letter(self):
        task = self.make_task(self.wizard(self.letter_of("open")))
        task.letter_id.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(task.letter_id)
        self.assertTrue(task.description)

    def test_another_users_wizard_is_closed(self):
        wizard = self.wizard(self.letter_of("open", html="<p>Geheim</p>")).save()
        for role in ("follower", "manager", "admin", "colleague"):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                wizard.with_user(self.users[role]).read(["description"])
