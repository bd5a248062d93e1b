# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A project's letters: in its chatter, on its buttons, and when projects come and go."""

from datetime import timedelta

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_mail_sync.tests.common import NOON
from odoo.addons.mail.tools.discuss import Store

from .project_case import ROLES, ProjectCase


@tagged("post_install", "-at_install")
class TestProjectChatter(ProjectCase):
    def fetch(self, name, role="user", **params):
        messages = self.env["mail.message"].with_user(self.users[role])
        thread = self.projects[name].with_user(self.users[role])
        return messages._message_fetch(None, thread=thread, **params)["messages"].ids

    def test_letters_stand_among_messages_by_date(self):
        late = self.letter_of("open", date=NOON + timedelta(days=2))
        comment = self.post(self.projects["open"], "Built the walls", NOON + timedelta(days=1))
        early = self.letter_of("open", date=NOON)
        expected = [late.pointer_id.id, comment.id, early.pointer_id.id]
        self.assertEqual([i for i in self.fetch("open") if i in expected], expected)

    def test_each_reader_sees_what_he_may(self):
        for name, project in self.projects.items():
            letter = self.letter_of(name)
            for role in ROLES:
                if not project.with_user(self.users[role]).has_access("read"):
                    continue
                expected = role in self.members[name] | {"owner"}
                self.assertEqual(letter.pointer_id.id in self.fetch(name, role), expected, (name, role))

    def test_found_by_words(self):
        letter = self.letter_of("open", html="<p>Zweiundvierzig</p>")
        self.letter_of("open", html="<p>Something else</p>")
        self.assertEqual(self.fetch("open", search_term="zweiundvierzig"), letter.pointer_id.ids)

    def test_offers_a_task_to_project_users_only(self):
        letter = self.letter_of("open")
        for role, expected in (("user", True), ("owner", False)):
            pointer = letter.pointer_id.with_user(self.users[role])
            told = Store().add(pointer).get_result()["mail.message"]
            self.assertEqual([m["letter"]["canCreateTask"] for m in told if m["id"] == pointer.id], [expected])

    def test_dashboard_counts_letters(self):
        project = self.projects["open"].with_user(self.users["user"])
        self.assertFalse([b for b in project._get_stat_buttons() if b["action"] == "action_open_letters"])
        self.letter_of("open")
        project.invalidate_recordset()
        (button,) = (b for b in project._get_stat_buttons() if b["action"] == "action_open_letters")
        self.assertEqual(button["number"], "1")


@tagged("post_install", "-at_install")
class TestProjectLife(ProjectCase):
    def test_flag_follows_the_links(self):
        letter = self.make_letter()
        link = self.link(letter, self.projects["open"], "manual")
        self._assert_flag(letter, True)
        link.is_undone = True
        self._assert_flag(letter, False)
        link.is_undone = False
        self._assert_flag(letter, True)
        link.unlink()
        self._assert_flag(letter, False)

    def test_deleted_project_leaves_its_letters_to_their_owners(self):
        letter = self.letter_of("open")
        self.projects["open"].unlink()
        self._assert_flag(letter, False)
        self.assertFalse(letter.link_ids)
        self.assertEqual(self.readers_of(letter), {"owner"})

    def test_archived_project_keeps_its_letters(self):
        letter = self.letter_of("open")
        self.projects["open"].active = False
        self._assert_flag(letter, True)
        self.assertEqual(self.projects["open"].with_user(self.users["user"]).letter_count, "1")
        self.assertEqual(self.readers_of(letter), {"owner", "follower", "user", "manager"})

    def test_a_copy_of_a_project_has_no_letters(self):
        self.letter_of("open")
        self.assertFalse(self.projects["open"].copy().mail_link_ids)

    def test_a_link_leads_to_one_target(self):
        letter = self.letter_of("open")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            letter.link_ids.partner_id = self.company
            letter.link_ids.flush_recordset()

    def _assert_flag(self, letter, expected):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(letter.is_linked_project, expected)
