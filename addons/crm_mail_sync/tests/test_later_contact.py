# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whoever is entered later gets his older letters, those archived and those skipped."""

import threading
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from ..mailsync.search_keys import address_key
from ..scan import older_letters, rematcher
from ..scan.rematcher import Rematcher
from ..scan.unit import Unit
from .rematch_case import OWN, RematchCase
from .scan_case import letter

BEN = "ben@later-scan.test"


@tagged("post_install", "-at_install")
class TestSkippedLetters(RematchCase):
    def test_a_contact_entered_later_gets_what_was_skipped(self):
        self.bring(BEN, 3)
        self.bring("else@nobody-scan.test")
        self.scan()
        self.assertFalse(self.letters())
        ben = self._partner(name="Ben", email="Ben@Later-Scan.test")
        self.work_off()
        self.assertEqual(len(self.copies("pending")), 3)
        self.scan()
        self.assertEqual(set(self.links_of(ben).values()), {"customer_main"})
        self.assertEqual(len(self.links_of(ben)), 3)
        self.assertEqual(len(self.copies("skipped")), 1)

    def test_a_company_gets_what_its_domain_sent(self):
        self.bring("any@later-scan.test", 2)
        self.scan()
        company = self._partner(name="Later", email="info@later-scan.test", is_company=True)
        self.work_off()
        self.scan()
        self.assertEqual(set(self.links_of(company).values()), {"customer_domain"})

    def test_a_lead_gets_what_was_skipped(self):
        self.bring(BEN)
        self.scan()
        lead = self.env["crm.lead"].create({"name": "Later", "email_from": BEN})
        self.work_off()
        self.scan()
        self.assertEqual(list(self.links_of(lead).values()), ["lead_main"])

    def test_replies_of_unknown_people_come_with_the_letter_they_answer(self):
        self.server.deliver(letter(BEN, OWN, message_id="<first@later.test>"))
        self.server.deliver(letter("cleo@unknown-scan.test", OWN, number=5, In_Reply_To="<first@later.test>"))
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.scan()
        self.scan()
        self.assertEqual(set(self.links_of(ben).values()), {"customer_main", "thread"})

    def test_the_mailbox_is_scanned_at_once(self):
        self.bring(BEN)
        self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date")
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(self.mailbox.state, "importing")

    def test_who_waits_to_sign_in_is_not_called(self):
        self.bring(BEN)
        self.scan()
        self.mailbox.write({"state": "sign_in", "next_run": False})
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(self.mailbox.state, "sign_in")
        self.assertFalse(self.mailbox.next_run)
        self.assertEqual(len(self.copies("pending")), 1)
        self.assertFalse(self.searches(), "nothing is waited for that only its user can bring about")

    def test_what_was_removed_from_the_mailbox_stays_skipped(self):
        self.bring(BEN)
        self.scan()
        self.copies().is_removed = True
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))

    def test_a_switch_that_is_off_stays_off(self):
        self.mailbox.sync_clients = False
        self.bring(BEN)
        self.scan()
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))

    def test_a_contact_of_another_company_brings_nothing(self):
        self.bring(BEN)
        self.scan()
        other = self.env["res.company"].create({"name": "Other scan.test"})
        self.addCleanup(self._drop, other)
        self._partner(name="Ben", email=BEN, company_id=other.id)
        self.work_off()
        self.assertFalse(self.copies("pending"))

    def _drop(self, company):
        self.records.write({"company_id": False})
        self.env["res.partner"].search([("company_id", "=", company.id)]).company_id = False
        partner = company.partner_id
        company.unlink()
        partner.unlink()
        self.cr.commit()


@tagged("post_install", "-at_install")
class TestArchivedLetters(RematchCase):
    def setUp(self):
        super().setUp()
        self.scan_all_letters()

    def test_letters_of_nobody_are_linked_without_asking_the_server(self):
        self.bring(BEN, 3)
        self.scan()
        self.assertEqual(len(self.letters()), 3)
        self.assertFalse(any(self.letters().mapped("is_linked_partner")))
        self.servers.clear()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(set(self.links_of(ben).values()), {"customer_main"})
        self.assertEqual(self.letters().mapped("is_linked_partner"), [True] * 3)
        self.assertFalse(self.searches())

    def test_letters_of_another_customer_are_linked_too(self):
        self.server.deliver(letter(self.anna.email, OWN, BEN))
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertEqual(list(self.links_of(ben).values()), ["customer_main"])
        self.assertEqual(list(self.links_of(self.anna).values()), ["customer_contact"])

    def test_twice_the_same_makes_no_second_link(self):
        self.bring(BEN, 2)
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        self.env["crm.mail.rematch"]._search_for(ben)
        self.work_off()
        self.assertEqual(len(ben.mail_link_ids), 2)

    def test_what_was_undone_stays_undone(self):
        self.bring(BEN, 2)
        self.scan()
        ben = self._partner(name="Ben", email=BEN)
        self.work_off()
        ben.mail_link_ids[0].is_undone = True
        self.env.flush_all()
        self.env["crm.mail.rematch"]._search_for(ben)
        self.work_off()
        self.assertEqual(sorted(ben.mail_link_ids.mapped("is_undone")), [False, True])

    def test_a_second_lead_leaves_the_first_one_its_letters(self):
        self.bring(self.lead.email_from, 2)
        self.scan()
        second = self.env["crm.lead"].create({"name": "Second", "email_from": self.lead.email_from})
        self.work_off()
        self.assertEqual(len(self.links_of(self.lead)), 2)
        self.assertFalse(self.links_of(second))
        self.bring(self.lead.email_from, 1)
        self.scan()
        self.assertEqual(len(self.links_of(second)), 1, "a new letter goes to the newest lead")

    def test_an_address_changed_twice_is_looked_for_as_it_is_in_the_end(self):
        self.bring(BEN)
        self.bring("wrong@later-scan.test")
        self.bring("old@later-scan.test")
        self.scan()
        ben = self._partner(name="Ben", email="old@later-scan.test")
        self.work_off()
        ben.email = "wrong@later-scan.test"
        self.cr.commit()
        ben.email = BEN
        self.work_off()
        self.assertEqual(set(ben.mail_link_ids.email_id.mapped("email_from")), {"old@later-scan.test", BEN})

    def test_an_address_changed_while_a_worker_claims_is_not_forgotten(self):
        self.bring(BEN)
        self.scan()
        ben = self._partner(name="Ben", email="wrong@later-scan.test")
        self.cr.commit()
        with self.registry.cursor() as cr:
            self.env(cr=cr)["res.partner"].browse(ben.id).email = BEN
            self.env(cr=cr).flush_all()
            # The row that waits is locked by whoever changes its record.
            self.work_off()
            cr.commit()
        self.work_off()
        self.assertEqual(len(self.links_of(ben)), 1)

    def test_nothing_is_asked_for_a_change_that_is_none(self):
        self._partner(name="Ben", email=BEN)
        self.work_off()
        partner = self.env["res.partner"].search([("email", "=", BEN)])
        partner.write({"email": BEN, "name": "Benjamin", "active": True})
        self.assertFalse(self.searches())

    def test_unarchived_again_it_gets_what_came_meanwhile(self):
        ben = self._partner(name="Ben", email=BEN)
        ben.active = False
        self.work_off()
        self.bring(BEN)
        self.scan()
        self.assertFalse(self.links_of(ben))
        ben.active = True
        self.work_off()
        self.assertEqual(len(self.links_of(ben)), 1)

    def test_letters_of_a_public_provider_are_not_looked_through(self):
        self.bring("somebody@gmail.com", 2)
        self.scan()
        shop = self._partner(name="Shop", email="shop@gmail.com", is_company=True)
        self.cr.commit()
        with patch.object(older_letters.OlderLetters, "handle", side_effect=AssertionError):
            self.work_off()
        self.assertFalse(self.links_of(shop))

    def test_a_thousand_addresses_in_one_create(self):
        self.bring("p7@many-scan.test")
        self.bring("p999@many-scan.test")
        self.scan()
        partners = self.env["res.partner"]
        values = [{"name": f"P {n}", "email": f"p{n}@many-scan.test"} for n in range(1000)]
        self.records |= partners.create({"name": "The first fills caches", "email": "p@many-scan.test"})
        before = self.cr.sql_log_count
        partners = partners.create(values)
        self.env.flush_all()
        self.records |= partners
        with patch.object(type(self.env["crm.mail.rematch"]), "_search_for", lambda *_args: None):
            between = self.cr.sql_log_count
            self.records |= partners.create([{**v, "email": f"x{v['email']}"} for v in values])
            self.env.flush_all()
        cost = (between - before) - (self.cr.sql_log_count - between)
        self.assertLess(cost, 20, "it costs a create as good as nothing")
        self.assertEqual(len(self.searches()), 1001)
        self.work_off()
        self.assertEqual(len(partners.mail_link_ids), 2)
        self.assertFalse(self.searches())


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
                waiting = threading.Timer(0.3, scanning.commit)
                waiting.start()
                await_scans(worker)
                seen.append(waiting.finished.is_set())
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


@tagged("post_install", "-at_install")
class TestWidened(RematchCase):
    def test_a_switch_moved_later_brings_what_was_skipped_and_links_what_is_there(self):
        self.mailbox.write({"sync_clients": False})
        self.server.deliver(letter(self.anna.email, OWN))
        self.server.deliver(letter(self.anna.email, OWN, self.lead.email_from, number=2))
        self.scan()
        self.assertEqual(len(self.letters()), 1)
        self.mailbox.write({"sync_clients": True})
        self.work_off()
        self.assertEqual(len(self.links_of(self.anna)), 1)
        self.scan()
        self.assertEqual(len(self.links_of(self.anna)), 2)

    def test_scan_all_switched_on_later_brings_what_was_skipped(self):
        self.bring(BEN, 3)
        self.scan()
        settings = self.env["res.config.settings"].create({"mail_sync_scan_all": True})
        settings.set_values()
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 3)
        self.assertFalse(self.copies("skipped"))

    def test_a_mailbox_connected_again_is_asked_for_who_came_meanwhile(self):
        self.bring(BEN)
        self.scan()
        self.mailbox.action_disconnect()
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))
        self.mailbox._set_connected()
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 1)

    def test_a_folder_picked_again_too(self):
        self.bring(BEN)
        self.scan()
        folder = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        folder.selected = False
        self._partner(name="Ben", email=BEN)
        self.work_off()
        self.assertFalse(self.copies("pending"))
        folder.selected = True
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 1)


@tagged("post_install", "-at_install")
class TestWhatIsTold(RematchCase):
    def setUp(self):
        super().setUp()
        self.bring(BEN, 3)
        self.scan()
        self._told()

    def _enter(self, user):
        partner = self.env["res.partner"].with_user(user).create({"name": "Ben", "email": BEN})
        self.records |= partner.sudo().with_user(1)
        return partner

    def _seller(self, login, groups="base.group_user,base.group_partner_manager,sales_team.group_sale_salesman"):
        return new_test_user(self.env, login=login, groups=groups, email=f"{login}@scan-own.test")

    def _told(self):
        self.cr.commit()
        rows = self.env["bus.bus"].search([("message", "like", "Older emails")])
        messages = rows.mapped("message")
        rows.unlink()
        return messages

    def test_the_form_tells_how_far_it_is_and_the_end_is_told_to_who_entered_it(self):
        ben = self._enter(self._seller("scan.seller"))
        self.assertEqual(ben.letter_search_text, "Looking for older emails…")
        self.work_off()
        self.assertEqual(ben.letter_search_text, "Looking for older emails: 3 found, 0 archived")
        self.assertFalse(self._told())
        self.scan()
        self.assertEqual(ben.letter_search_text, "Looking for older emails: 3 found, 3 archived")
        self.work_off()
        self.assertFalse(ben.letter_search_text)
        (message,) = self._told()
        self.assertIn("Older emails of Ben: 3", message)
        self.assertFalse(self.env["mail.mail"].search([("subject", "like", "Older")]))

    def test_nobody_learns_by_it_of_letters_that_he_may_not_know(self):
        self.mailbox.visibility = "private"
        for login, groups in (
            ("scan.seller", "base.group_user,base.group_partner_manager,sales_team.group_sale_salesman"),
            ("scan.clerk", "base.group_user,base.group_partner_manager"),
        ):
            ben = self._enter(self._seller(login, groups))
            self.work_off()
            self.assertEqual(ben.letter_search_text, "Looking for older emails…", login)
            own_view = ben.with_user(self.user).letter_search_text
            self.assertEqual(own_view, "Looking for older emails: 3 found, 0 archived")
            self.scan()
            self.work_off()
            self.assertFalse(self._told(), login)
            self.letters().unlink()
            ben.sudo().unlink()
            self.copies().write({"state": "skipped", "reason": "nobody_known"})

    def test_whoever_enters_many_is_told_once(self):
        self.bring("carl@later-scan.test", 2)
        self.scan()
        seller = self._seller("scan.seller")
        self._enter(seller)
        self.records |= (
            self.env["res.partner"]
            .with_user(seller)
            .create({"name": "Carl", "email": "carl@later-scan.test"})
            .sudo()
            .with_user(1)
        )
        self.work_off()
        self.scan()
        self.work_off()
        (message,) = self._told()
        self.assertIn("Older emails of 2 records: 5", message)

    def test_letters_in_mailboxes_that_are_not_connected_are_told_of(self):
        self.mailbox.action_disconnect()
        ben = self._enter(self._seller("scan.seller"))
        self.work_off()
        self.assertFalse(ben.letter_search_text)
        (message,) = self._told()
        self.assertIn("3 of them lie in mailboxes that are not connected", message)
        self.assertEqual(self.copies().mapped("state"), ["skipped"] * 3)
