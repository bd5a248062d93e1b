# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters of nobody go after a while, and may come back."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..models import letter_retention
from .rematch_case import OWN
from .scan_case import letter
from .test_letter_deleting import STRANGER, DeletingCase
from .test_letter_export import with_files


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
        with (
            patch.object(letter_retention, "BATCH", 2),
            patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args: 0),
        ):
            self.assertEqual(self.env["crm.mail.email"]._gc_letters_of_nobody(), (2, 1), "its time is over")
            self.assertEqual(len(self.letters()), 3)
            self.expire()
        self.assertFalse(self.letters())

    def test_what_another_company_keeps_for_ever_is_passed_over_once(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere scan"})
        self.bring(STRANGER, 6)
        self.scan()
        shared = self.letters().sorted("id")[::2]
        shared.company_ids += elsewhere
        self.company.mail_sync_retention = 30
        self.age(31)
        places = []
        find = type(self.letters())._next_expired

        def watched(letters, company, place):
            places.append(place)
            return find(letters, company, place)

        with (
            patch.object(letter_retention, "BATCH", 1),
            patch.object(self.registry["crm.mail.email"], "_next_expired", watched),
        ):
            self.expire()
        self.assertEqual(self.letters(), shared)
        self.assertEqual([place is None for place in places], [True, False, False, False])

    def test_what_is_being_decided_anew_stays(self):
        """A letter that it answers has come; the scan that fetches it is still to come."""
        self.bring(STRANGER, 2)
        self.scan()
        self.age(31)
        self.company.mail_sync_retention = 30
        self.copies()[0].state = "pending"
        waiting = self.copies()[0].email_id
        self.cr.commit()
        self.expire()
        self.assertEqual(self.letters(), waiting)

    def test_the_setting_says_what_it_would_delete(self):
        self.bring(STRANGER, 3)
        self.scan()
        self.age(31)
        settings = self.env["res.config.settings"].new({"company_id": self.company.id, "mail_sync_retention": 30})
        self.assertTrue(settings.mail_sync_retention_effect.startswith("3 emails"))
        with patch.object(letter_retention, "_COUNTED", 2):
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
