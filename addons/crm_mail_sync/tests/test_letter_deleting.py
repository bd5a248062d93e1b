# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters of nobody go after a while and may come back; what was erased never does."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..mailsync.errors import MessageGone
from ..mailsync.search_keys import address_key
from ..models import letter_deleting
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
class TestRetention(DeletingCase):
    def test_letters_of_nobody_go_with_all_that_they_have(self):
        self.server.deliver(with_files(STRANGER, OWN))
        self.scan()
        self.assertTrue(all(self.belongings()[name] for name in ("file", "content", "pointer", "participant")))
        self.age(31)
        self.company.mail_sync_retention = 30
        self.expire()
        self.assertEqual(set(self.belongings().values()), {0})
        self.assertEqual((self.copies().state, self.copies().reason), ("skipped", "expired"))

    def test_what_is_kept(self):
        """Linked letters however old, private ones too, and all that has not been there for so long."""
        self.mailbox.visibility = "private"
        self.bring("anna@acme-scan.test")
        self.bring(STRANGER, 2)
        self.scan()
        linked = self.acme.mail_link_ids.email_id
        young = (self.letters() - linked)[0]
        # However old a letter is by its own date: an import brings letters of many years at once.
        self.env.cr.execute("UPDATE crm_mail_email SET date = '1999-01-01'")
        self.age(31, self.letters() - young)
        self.company.mail_sync_retention = 30
        self.expire()
        self.assertEqual(self.letters(), linked | young)
        linked.link_ids.is_undone = True
        self.cr.commit()
        self.expire()
        self.assertEqual(self.letters(), young)

    def test_nothing_goes_unless_somebody_wants_it(self):
        self.bring(STRANGER)
        self.scan()
        self.age(5000)
        self.expire()
        self.assertTrue(self.letters())
        with self.assertRaises(ValidationError):
            self.company.mail_sync_retention = -1

    def test_another_company_keeps_its_own(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere scan", "mail_sync_retention": 90})
        self.bring(STRANGER)
        self.scan()
        self.letters().company_ids += elsewhere
        self.company.mail_sync_retention = 30
        self.age(60)
        self.expire()
        self.assertTrue(self.letters())
        self.age(91)
        self.expire()
        self.assertFalse(self.letters())

    def test_many_go_in_batches(self):
        self.bring(STRANGER, 5)
        self.scan()
        self.age(31)
        self.company.mail_sync_retention = 30
        with patch.object(letter_deleting, "BATCH", 2):
            self.assertEqual(self.env["crm.mail.email"]._gc_letters_of_nobody()[0], 2)
            self.assertEqual(len(self.letters()), 3)
            self.expire()
        self.assertFalse(self.letters())

    def test_the_setting_says_what_it_would_delete(self):
        self.bring(STRANGER, 3)
        self.scan()
        self.age(31)
        settings = self.env["res.config.settings"].new({"company_id": self.company.id, "mail_sync_retention": 30})
        self.assertTrue(settings.mail_sync_retention_effect.startswith("3 emails"))
        with patch.object(letter_deleting, "_COUNTED", 2):
            settings = self.env["res.config.settings"].new({"company_id": self.company.id, "mail_sync_retention": 30})
            self.assertTrue(settings.mail_sync_retention_effect.startswith("2+ emails"))
        for days in (0, 60):
            settings = self.env["res.config.settings"].new({"company_id": self.company.id, "mail_sync_retention": days})
            self.assertFalse(settings.mail_sync_retention_effect)

    def test_a_contact_who_is_entered_later_gets_them_back(self):
        self.bring(STRANGER, 2)
        self.scan()
        self.age(31)
        self.company.mail_sync_retention = 30
        self.expire()
        self.scan()
        self.assertFalse(self.letters(), "no scan fetches them by itself")
        stranger = self._partner(name="Stranger", email=STRANGER)
        self.work_off()
        self.scan()
        self.assertEqual(len(stranger.mail_link_ids), 2)

    def test_a_reply_that_follows_a_thread_is_fetched_again(self):
        first = letter("anna@acme-scan.test", OWN, message_id="<first@scan.test>")
        self.server.deliver(letter(STRANGER, OWN, In_Reply_To="<first@scan.test>", number=1))
        self.scan()
        self.age(31)
        self.company.mail_sync_retention = 30
        self.expire()
        self.server.deliver(first)
        self.scan()
        self.scan()
        self.assertEqual(len(self.acme.mail_link_ids), 2)


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
                    self.mailbox.check_due = self.mailbox.create_date
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
