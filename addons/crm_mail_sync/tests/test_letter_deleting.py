# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What was erased never comes back."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..mailsync.errors import MessageGone
from ..mailsync.search_keys import address_key
from ..scan.unit import Unit
from .rematch_case import OWN, RematchCase
from .scan_case import letter
from .test_letter_export import with_files

STRANGER = "stranger@else-scan.test"


class DeletingCase(RematchCase):
    def setUp(self):
        super().setUp()
        self.scan_all_letters()
        self.company = self.env.company

    def _wipe(self):
        self.cr.rollback()
        self.env["res.company"].search([]).mail_sync_retention = 0
        self.env["crm.mail.erased"].search([]).unlink()
        self.cr.commit()
        super()._wipe()
        self.env["res.company"].search([("name", "=", "Elsewhere scan")]).unlink()
        self.cr.commit()

    def belongings(self):
        """How many rows there are of everything that a letter has."""
        self.env.flush_all()
        letters = {"res_model": "crm.mail.content"}
        counted = ("head", "content", "participant", "link", "email_owner_rel", "email_company_rel", "email")
        counts = {}
        for table in counted:
            self.env.cr.execute(f"SELECT count(*) FROM crm_mail_{table}")  # pylint: disable=sql-injection
            counts[table] = self.env.cr.fetchone()[0]
        counts["file"] = self.env["ir.attachment"].search_count([("res_model", "=", letters["res_model"])])
        counts["pointer"] = self.env["mail.message"].search_count([("model", "=", "crm.mail.email")])
        return counts

    def age(self, days, letters=None):
        """Let letters have been in the archive for so many days."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_mail_email SET create_date = %s WHERE id = ANY(%s)",
            (datetime.now() - timedelta(days=days), (letters or self.letters()).ids),
        )
        self.cr.commit()
        self.env.invalidate_all()

    def expire(self):
        """What Odoo's daily clean-up does."""
        left = True
        while left:
            _done, left = self.env["crm.mail.email"]._gc_letters_of_nobody()
            self.cr.commit()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestErasing(DeletingCase):
    def setUp(self):
        super().setUp()
        self.mailbox.is_main = True
        self.content = with_files("anna@acme-scan.test", OWN)
        self.server.deliver(self.content)
        self.scan()

    def erase(self, records=None):
        (records or self.letters())._erase()
        self.cr.commit()
        self.env.invalidate_all()

    def traces(self):
        """All that the copies say of their messages."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT addresses, subject, message_id, search_keys, thread_keys, reason_text, email_id, wanted_targets
              FROM crm_mail_copy
            """
        )
        return {value for row in self.env.cr.fetchall() for value in row}

    def assert_erased(self):
        self.assertFalse(self.letters())
        self.assertEqual(set(self.belongings().values()), {0})
        self.assertEqual(set(self.env["crm.mail.copy"].search([]).mapped("reason")), {"erased"})
        self.assertEqual(self.traces(), {None})

    def test_nothing_is_left(self):
        other = self._mailbox(self._other(), "other@scan-own.test")
        self.servers[other.address].deliver(self.content)
        self.scan(other)
        self.assertEqual(len(self.env["crm.mail.copy"].search([])), 2)
        self.erase()
        self.assert_erased()

    def _other(self):
        return self.env["res.users"].create({"name": "Other", "login": "scan.other"})

    def test_no_scan_brings_it_back(self):
        self.erase()
        self.scan()
        self.assert_erased()
        # Numbered anew: its id is dead, and it is recognised by its header.
        self.server.reset("INBOX")
        self.scan()
        self.assert_erased()
        # Another copy of it, in another folder and in a mailbox that is connected later.
        self.server.deliver(self.content, "Sent")
        self.scan()
        other = self._mailbox(self._other(), "other@scan-own.test", scan_since="2030-01-01")
        self.servers[other.address].deliver(self.content)
        self.scan(other)
        self.assertEqual(len(self.env["crm.mail.copy"].search([])), 3)
        self.assert_erased()

    def test_a_mailbox_that_is_connected_anew_does_not_bring_it_back(self):
        self.erase()
        self.mailbox.unlink()
        self.mailbox = self._mailbox(self.user)
        self.servers[self.mailbox.address].deliver(self.content)
        self.scan()
        self.assert_erased()

    def test_nobody_can_ask_for_it(self):
        self.erase()
        self._partner(name="Anna again", email="anna@acme-scan.test")
        self.work_off()
        self.scan()
        self.assert_erased()
        copy = self.copies().with_user(self.user)
        copy._file({"res.partner": self.anna.ids})
        self.cr.commit()
        self.scan()
        self.assert_erased()
        folder = self.mailbox.folder_ids.filtered(lambda f: f.remote_id == "INBOX")
        self.server.deliver(self.content)
        trace = self.env["crm.mail.trace"].with_user(self.user)
        found = trace.ask_server(self.mailbox.id, "Angebot")["hits"]
        for hit in found:
            trace.file_found(self.mailbox.id, folder.id, hit["remote_id"])
        self.cr.commit()
        self.scan()
        self.assertTrue(found)
        self.assert_erased()

    def test_a_message_that_was_never_archived(self):
        self.letters().unlink()
        self.copies().unlink()
        self.env["ir.config_parameter"].set_param("crm_mail_sync.scan_all", False)
        self.server.deliver(letter(STRANGER, OWN))
        self.scan()
        copy = self.copies("skipped")
        self.env.cr.execute("SELECT search_keys FROM crm_mail_copy WHERE id = %s", copy.ids)
        self.assertIn(address_key(STRANGER), self.env.cr.fetchone()[0])
        self.erase(copy)
        self._partner(name="Stranger", email=STRANGER)
        self.work_off()
        self.scan()
        self.assertEqual(copy.reason, "erased")
        self.assertFalse(self.letters().filtered(lambda e: e.email_from == STRANGER))

    def test_what_had_gone_and_is_met_again(self):
        """It was listed before it was erased from another mailbox."""
        self.letters().unlink()
        self.copies().unlink()
        self.server.delete(self.server.remote_ids()[0])
        for met_again in ("numbered anew", "counted"):
            with self.subTest(met_again):
                message = self.server.deliver(letter(STRANGER, OWN))
                self.server.break_message(message, MessageGone())
                self.scan()
                gone = self.copies("gone")
                self.assertTrue(gone.addresses)
                self.env["crm.mail.erased"]._add([gone.header_key])
                self.server.break_message(message, None)
                if met_again == "counted":
                    self.mailbox.check_due = self.mailbox.create_date - timedelta(days=1)
                else:
                    self.server.reset("INBOX")
                self.scan()
                self.assertEqual(gone.reason, "erased")
                self.assertEqual(self.traces(), {None})

    def test_what_is_being_fetched_meanwhile(self):
        """A worker has listed it in another mailbox, and archives it only now."""
        other = self._mailbox(self._other(), "other@scan-own.test")
        self.servers[other.address].deliver(self.content)
        work = Unit.run

        def run(unit, step, *args):
            if step.__name__ == "_write":
                with self.registry.cursor() as cursor:
                    self.letters().with_env(self.env(cr=cursor))._erase()
            return work(unit, step, *args)

        with patch.object(Unit, "run", run):
            self.scan(other)
        self.assert_erased()

    def test_others_stay(self):
        self.bring("info@acme-scan.test")
        self.scan()
        self.erase(self.letters().filtered(lambda e: "anna@" in e.email_from))
        self.assertEqual(self.letters().mapped("email_from"), ["info@acme-scan.test"])
        self.scan()
        self.assertEqual(len(self.letters()), 1)
