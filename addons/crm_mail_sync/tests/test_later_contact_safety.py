# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Older letters are looked for beside scans and other workers, and whatever happens to a worker."""

import threading
from unittest.mock import patch

from odoo.tests import tagged

from ..mailsync.search_keys import address_key
from ..scan import rematcher
from ..scan.rematcher import Rematcher
from ..scan.unit import Unit
from .rematch_case import RematchCase

BEN = "ben@later-scan.test"


@tagged("post_install", "-at_install")
class TestRematchSafety(RematchCase):
    def setUp(self):
        super().setUp()
        self.scan_all_letters()

    def test_a_worker_killed_at_any_commit_loses_and_doubles_nothing(self):
        class Killed(BaseException):
            pass

        self.bring(BEN, 7)
        self.scan()
        self.env["ir.config_parameter"].set_param("crm_mail_sync.scan_all", False)
        self.bring("carl@later-scan.test", 7)
        self.scan()
        company = self._partner(name="Later", email="info@later-scan.test", is_company=True)
        self.cr.commit()
        commit, deaths = Unit.commit, 0

        def killed_after(commits):
            def dying(unit):
                commit(unit)
                if next(left, None) is None:
                    raise Killed

            left = iter(range(commits))
            return patch.object(Unit, "commit", dying)

        is_done = False
        while not is_done:
            # Later each time round, so that each commit is the last one once.
            with patch.object(rematcher, "CHUNK", 2), killed_after(deaths % 8):
                try:
                    Rematcher(self.env).work()
                    is_done = True
                except Killed:
                    deaths += 1
                    self.cr.rollback()
                    self.env.transaction.clear()
            self.assertLess(deaths, 100)
        self.assertGreater(deaths, 5)
        self.assertEqual(len(self.copies("pending")), 7)
        self.assertEqual(len(company.mail_link_ids), 7)
        self.scan()
        self.assertEqual(len(company.mail_link_ids), 14)
        self.assertEqual(len(self.letters()), 14)

    def test_a_worker_whose_time_is_over_goes_on_later(self):
        self.bring(BEN, 6)
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.cr.commit()
        with patch.object(rematcher, "CHUNK", 2):
            self.assertTrue(Rematcher(self.env).work(seconds=0))
            self.assertEqual(len(ben.mail_link_ids), 2)
            self.env.invalidate_all()
            Rematcher(self.env).work()
        self.env.invalidate_all()
        self.assertEqual(len(ben.mail_link_ids), 6)

    def test_what_a_scan_is_just_skipping_is_waited_for(self):
        self.env["ir.config_parameter"].set_param("crm_mail_sync.scan_all", False)
        self.bring(BEN)
        self.scan()
        self.copies().unlink()
        self.mailbox._set_due()
        self.cr.commit()
        seen = []
        with self.registry.cursor() as scanning:
            # A scan's transaction as the lister has it: the mailbox's row, a decision, a copy.
            scanning.execute(
                "UPDATE crm_mail_mailbox SET lease_owner = 'x', lease_until = now() + interval '1 hour' WHERE id = %s",
                (self.mailbox.id,),
            )
            scanning.commit()
            scanning.execute("UPDATE crm_mail_mailbox SET lease_owner = 'x' WHERE id = %s", (self.mailbox.id,))
            ben = self._partner(name="Ben", email=BEN)
            self.cr.commit()
            await_scans = Rematcher._await_scans

            def finish_scan(worker):
                scanning.execute(
                    "INSERT INTO crm_mail_copy"
                    " (mailbox_id, folder_id, remote_id, state, reason, addresses, search_keys)"
                    " VALUES (%s, %s, 'late', 'skipped', 'nobody_known', %s, %s)",
                    (self.mailbox.id, self.mailbox.folder_ids[:1].id, BEN, [address_key(BEN)]),
                )
                begun = threading.Event()

                def finish():
                    begun.set()
                    scanning.commit()

                waiting = threading.Timer(0.3, finish)
                waiting.start()
                await_scans(worker)
                seen.append(begun.is_set())
                waiting.join()

            with patch.object(Rematcher, "_await_scans", finish_scan):
                self.work_off()
        self.assertEqual(seen, [True])
        self.assertEqual(self.copies("pending").remote_id, "late")
        self.assertTrue(ben)

    def test_two_workers_at_once_do_it_once(self):
        self.bring(BEN, 4)
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.cr.commit()
        inner = []
        # The second worker takes over what the first has claimed, and the first gives up.
        with patch.object(Rematcher, "_handle", self._taken_over(inner)):
            Rematcher(self.env).work()
        self.env.invalidate_all()
        self.assertEqual(len(ben.mail_link_ids), 4)
        self.assertTrue(inner)

    def _taken_over(self, inner):
        original = Rematcher._handle

        def taken_over(worker, older, group, ids):
            if not inner:
                inner.append(True)
                with self.registry.cursor() as cr:
                    Rematcher(self.env(cr=cr)).work()
                    cr.commit()
            return original(worker, older, group, ids)

        return taken_over
