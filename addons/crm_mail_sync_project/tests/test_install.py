# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the database runs by itself, with projects and when they are taken away again."""

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..hooks import uninstall_hook
from .project_case import ProjectCase


@tagged("post_install", "-at_install")
class TestUninstall(ProjectCase):
    def setUp(self):
        super().setUp()
        self.both = self.letter_of("open")
        self.link(self.both, self.company)
        self.alone = self.letter_of("open")
        self.env.flush_all()
        uninstall_hook(self.env)

    def test_the_core_works_without_the_column(self):
        # What Odoo does next with the fields of the addon.
        self.env.cr.execute("ALTER TABLE crm_mail_link DROP COLUMN project_id CASCADE")
        self.env.cr.execute("ALTER TABLE crm_mail_email DROP COLUMN is_linked_project CASCADE")
        self.assertEqual(self._flags(), {self.both.id: (True, False), self.alone.id: (False, False)})
        self.env.cr.execute("DELETE FROM crm_mail_link WHERE email_id = %s", [self.both.id])
        self._insert(self.alone.id, lead_id=self.lead.id)
        self.assertEqual(self._flags(), {self.both.id: (False, False), self.alone.id: (False, True)})
        for targets in ({}, {"lead_id": self.lead.id, "partner_id": self.company.id}):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._insert(self.both.id, **targets)

    def test_installed_again_it_counts_projects(self):
        self.env["crm.mail.link"].init()
        self.link(self.alone, self.projects["closed"], "manual")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.alone.is_linked_project)

    def test_upgraded_before_its_addon_the_core_takes_the_projects_links(self):
        """Odoo loads the core alone first."""
        links = self.env["crm.mail.link"]
        links.init()
        self.link(self.alone, self.projects["closed"], "manual")
        self.env.flush_all()
        links._keep_true({"partner": "partner_id", "lead": "lead_id"})
        links.init()
        self.link(self.alone, self.projects["open"], "manual")
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self._insert(self.alone.id, project_id=self.projects["nobodys"].id, lead_id=self.lead.id)

    def _flags(self):
        self.env.cr.execute(
            "SELECT id, is_linked_partner, is_linked_lead FROM crm_mail_email WHERE id = ANY(%s)",
            [[self.both.id, self.alone.id]],
        )
        return {email_id: (partner, lead) for email_id, partner, lead in self.env.cr.fetchall()}

    def _insert(self, email_id, **targets):
        names = ", ".join(["email_id", "reason", "date", *targets])
        self.env.cr.execute(
            f"INSERT INTO crm_mail_link ({names}) VALUES %s",  # pylint: disable=sql-injection
            [(email_id, "manual", "2026-03-02", *targets.values())],
        )
