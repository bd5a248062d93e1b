# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A person is found in the archive by address and name, and what is found is erased for good."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_mail_sync.tests.query_plan import plan_of
from odoo.addons.crm_mail_sync.tests.rematch_case import OWN, RematchCase
from odoo.addons.crm_mail_sync.tests.scan_case import letter

from ..wizards import privacy_lookup_wizard

PERSON = "person@person-scan.test"
NAMED = f'"Ösa Person-Scan" <{PERSON}>'


@tagged("post_install", "-at_install")
class TestPrivacyLookup(RematchCase):
    def setUp(self):
        super().setUp()
        self.admin = new_test_user(self.env, login="scan.admin", groups="base.group_user,base.group_system")
        self.server.deliver(letter(NAMED, OWN, "info@acme-scan.test", subject="Secret affair"))
        self.server.deliver(letter("info@acme-scan.test", OWN, subject="Of others"))
        self.server.deliver(letter(PERSON, OWN, subject="Never archived", number=1))
        self.server.deliver(letter(f"x{PERSON}", OWN, subject="Of somebody else", number=2))
        self.scan()

    def _wipe(self):
        self.cr.rollback()
        self.env["privacy.lookup.wizard"].search([]).unlink()
        self.env["privacy.log"].search([]).unlink()
        self.env["crm.mail.erased"].search([]).unlink()
        self.env["crm.mail.rule"].search([]).unlink()
        self.env["crm.mail.assignment"].search([]).unlink()
        self.cr.commit()
        super()._wipe()

    def look_up(self, email=PERSON, name="Nobody of this name", user=None):
        wizard = self.env["privacy.lookup.wizard"].with_user(user or self.admin).create({"email": email, "name": name})
        wizard.action_lookup()
        return wizard.line_ids

    def found(self, lines):
        """What was found of ours, by model."""
        records = {}
        for line in lines:
            if line.res_model.startswith("crm.mail."):
                records.setdefault(line.res_model, []).append(line.res_id)
        return records

    def letter_of(self, subject):
        return self.letters().filtered(lambda e: e.with_user(self.user).subject == subject)

    def test_found_by_address(self):
        lines = self.look_up()
        skipped = self.copies("skipped").filtered(lambda c: PERSON in c.addresses.split())
        self.assertEqual(
            self.found(lines),
            {"crm.mail.email": self.letter_of("Secret affair").ids, "crm.mail.copy": skipped.ids},
        )

    def test_found_by_name(self):
        lines = self.look_up("other@person-scan.test", "ösa person-scan")
        self.assertEqual(self.found(lines), {"crm.mail.email": self.letter_of("Secret affair").ids})
        for name in ("Ösa", "Person-Scan", "%", "Secret affair"):
            self.assertEqual(self.found(self.look_up("other@person-scan.test", name)), {})

    def test_found_in_rules_and_what_was_learned(self):
        rule = self.env["crm.mail.rule"].with_user(self.user).create({"kind": "address", "value": PERSON})
        assignment = self.env["crm.mail.assignment"].create(
            {
                "user_id": self.user.id,
                "company_id": self.env.company.id,
                "date": "2026-03-02",
                "kind": "assign",
                "scope": "address",
                "learned": PERSON,
            }
        )
        found = self.found(self.look_up())
        self.assertEqual(found["crm.mail.rule"], rule.ids)
        self.assertEqual(found["crm.mail.assignment"], assignment.ids)

    def test_lines_say_that_there_is_a_letter_and_no_more(self):
        lines = self.look_up()
        self.env.flush_all()
        told = str(lines.read()) + str(lines.wizard_id.read()) + str(lines.wizard_id.log_id.read())
        self.assertNotIn("Secret", told)
        self.assertNotIn("Never", told)
        ours = lines.filtered(lambda line: line.res_model.startswith("crm.mail."))
        self.assertFalse(any(line.resource_ref for line in ours))

    def test_only_administrators(self):
        for user in (self.user, new_test_user(self.env, login="scan.plain")):
            with self.assertRaises(AccessError):
                self.look_up(user=user)
        lines = self.look_up()
        with self.assertRaises(AccessError):
            lines.with_user(self.user).action_unlink_all()
        self.assertTrue(self.letter_of("Secret affair"))

    def test_deleted_is_erased(self):
        others = self.letter_of("Of others")
        lines = self.look_up()
        line = lines.filtered(lambda found: found.res_model == "crm.mail.email")
        line.action_unlink()
        self.assertTrue(line.is_unlinked)
        self.assertIn("Erased", line.wizard_id.execution_details)
        with self.assertRaises(UserError):
            line.action_unlink()
        lines.action_unlink_all()
        self.cr.commit()
        self.env.invalidate_all()
        self.assertEqual(self.letters(), others)
        self.assertEqual(self.found(self.look_up()), {})
        self._partner(name="Person", email=PERSON)
        self.work_off()
        self.server.reset("INBOX")
        self.scan()
        self.assertEqual(self.letters(), others)
        self.assertEqual(self.copies().mapped("reason").count("erased"), 2)

    def test_a_line_is_erased_once(self):
        """Its letter may be gone meanwhile: expired, or erased by another line."""
        lines = self.look_up()
        self.letter_of("Secret affair").unlink()
        lines.action_unlink_all()
        self.assertTrue(all(line.is_unlinked for line in lines if line.res_model == "crm.mail.email"))

    def test_of_very_many_the_newest_are_shown(self):
        for number in range(3):
            self.server.deliver(letter(NAMED, OWN, "info@acme-scan.test", number=number + 5))
        self.scan()
        with patch.object(privacy_lookup_wizard, "MOST_LINES", 2):
            lines = self.look_up()
        newest = self.letters().sorted("id", reverse=True)[:2]
        self.assertEqual(self.found(lines)["crm.mail.email"], newest.ids)

    def test_every_question_walks_an_index(self):
        """However large the archive is: nothing of ours is read as a whole."""
        indexes = {
            "crm.mail.email": ("crm_mail_participant_address_idx", "crm_mail_head_fts_idx"),
            "crm.mail.copy": ("crm_mail_copy_search_keys_idx", "crm_mail_copy_pending_idx"),
        }
        wizard = self.env["privacy.lookup.wizard"].with_user(self.admin).create({"email": PERSON, "name": "Ösa"})
        self.env.flush_all()
        self._fill()
        queries = wizard._letter_queries(PERSON, "Ösa")
        for model, names in indexes.items():
            plan = plan_of(self.cr, queries[model], "crm_mail_copy", "crm_mail_participant", "crm_mail_head")
            for name in names:
                with self.subTest(model=model, index=name):
                    self.assertIn(name, plan)

    def _fill(self):
        """As many rows as make PostgreSQL look for an index; nothing of it is committed."""
        self.env.cr.execute(
            """
            INSERT INTO crm_mail_copy (mailbox_id, folder_id, remote_id, state, search_keys)
            SELECT mailbox_id, folder_id, id || 'n' || n, 'skipped', ARRAY[n]
              FROM crm_mail_copy, generate_series(1, 5000) n WHERE state = 'skipped'
            """
        )
        self.env.cr.execute(
            """
            WITH letters AS (
                INSERT INTO crm_mail_email (identity, date, direction, kind, visibility, mailbox_visibility)
                SELECT 'many ' || n, now(), 'sent', 'personal', 'private', 'private' FROM generate_series(1, 5000) n
                RETURNING id
            ), heads AS (
                INSERT INTO crm_mail_head (email_id, fts) SELECT id, to_tsvector('simple', 'many' || id) FROM letters
            )
            INSERT INTO crm_mail_participant (email_id, role, address, name)
            SELECT id, 'to', id || '@many.test', 'Many ' || id FROM letters
            """
        )
