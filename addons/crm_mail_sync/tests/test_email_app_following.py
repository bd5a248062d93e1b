# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The index of the app Email follows what scans and settings do to its mailbox."""

import json
from datetime import timedelta
from itertools import permutations

from odoo import fields
from odoo.tests import tagged

from ..scan import erased, index_filling, lister
from ..scan.live import TYPE
from .email_app_case import OWN, EmailAppCase
from .killed_workers import KilledWorkers


@tagged("post_install", "-at_install")
class TestEmailAppFollowing(KilledWorkers, EmailAppCase):
    def list_folders(self):
        self.mailbox._store_folders(self.server.session().folders())
        self.cr.commit()

    def items(self):
        return self.env["crm.mail.item"].search([("mailbox_id", "=", self.mailbox.id), ("is_here", "=", True)])

    def test_drafts_are_listed_and_never_archived(self):
        self.server.add_folder("Drafts", role="drafts")
        self.list_folders()
        self.scan_all_letters()
        self.cr.commit()
        # A server that does not mark them.
        self.deliver("Half a thought", "Drafts", sender=OWN, to=("anna@acme-scan.test",))
        self.scan()
        drafts = self.folder("Drafts")
        self.assertFalse(drafts.selected)
        row = self.rows(drafts)[0]
        self.assertEqual((row["subject"], row["is_draft"]), ("Half a thought", True))
        self.assertEqual(row["people"][0]["address"], "anna@acme-scan.test")
        self.assertFalse(self.letters())
        self.assertEqual(self.item("Half a thought").copy_id.reason, "draft")

    def test_only_a_main_mailbox_has_an_index(self):
        other = self._mailbox(self.user, "second@scan-own.test")
        self.assertFalse(other.is_main)
        self.server = self.servers[other.address]
        self.deliver("Elsewhere")
        self.scan(other)
        self.assertFalse(self.env["crm.mail.item"].search([]))
        self.assertEqual(self.subjects(), [])

    def test_a_mailbox_that_becomes_main_gets_its_index_and_the_other_loses_it(self):
        self.deliver("Of the first")
        self.scan()
        other = self._mailbox(self.user, "second@scan-own.test")
        first, self.server = self.server, self.servers[other.address]
        self.deliver("Kept", message_id="<k@mail.test>", number=1)
        self.deliver("Left", number=2, sender="Bo <bo@elsewhere.test>", in_reply_to="<k@mail.test>")
        self.scan(other)
        other.with_user(self.user).action_make_main()
        self.cr.commit()
        self.assertEqual(self.call("open")["state"], "importing")
        self.assertFalse(self.env["crm.mail.item"].search([]))
        self.scan(other)
        self.assertEqual(self.call("open")["state"], "ready")
        [row] = self.rows()
        self.assertEqual((row["subject"], row["count"]), ("Left", 2))
        self.assertEqual([person["name"] for person in row["people"]], ["Anna Acme", "Bo"])
        self.assertEqual(self.env["crm.mail.item"].search([]).mailbox_id, other)
        self.check_counts()
        self.assertTrue(first.remote_ids())

    def test_a_worker_killed_at_any_commit_fills_the_index_once(self):
        for number in range(6):
            self.deliver(f"Kept {number}", number=number)
            self.deliver(f"Left {number}", number=number, sender=f"Bo <bo{number}@elsewhere.test>")
        self.scan()
        self.patch(index_filling, "_COPIES", 5)
        self.patch(index_filling, "_HEADS", 4)
        step = 0
        while True:
            self.mailbox._begin_index()
            self.cr.commit()
            if not self.dies_at(step):
                break
            self.dies_at(-1)
            self.assertEqual(len(self.items()), 12, f"killed at commit {step}")
            self.assertFalse(self.items().filtered("is_rough"))
            self.check_counts()
            step += 1
        self.assertGreater(step, 8)
        self.assertEqual(set(self.items().mapped("sender_name")), {"Anna Acme", "Bo"})

    def test_an_unpicked_directory_is_shown_no_more_and_comes_back(self):
        self.deliver("Sent one", "Sent", sender=OWN, to=("anna@acme-scan.test",))
        self.deliver("Got one")
        self.scan()
        self.sent.with_user(self.user).selected = False
        self.cr.commit()
        self.assertEqual(self.subjects(), ["Got one"])
        self.assertNotIn("Sent", self.counts())
        self.check_counts()
        self.sent.with_user(self.user).selected = True
        self.cr.commit()
        self.scan()
        self.assertEqual(self.subjects(self.sent), ["Sent one"])
        self.check_counts()

    def test_a_renumbered_directory_keeps_its_items(self):
        for number in range(3):
            self.deliver(f"Letter {number}", number=number)
        self.scan()
        before = self.items()
        self.server.reset("INBOX")
        self.server.delete(self.server.remote_ids()[0])
        self.scan()
        self.assertLess(self.items(), before)
        self.assertEqual(self.counts()["INBOX"], (2, 2))
        self.check_counts()

    def test_conversations_are_the_same_in_whatever_order_messages_come(self):
        thread = {
            "root": {"message_id": "<root@mail.test>"},
            "answer": {"message_id": "<answer@mail.test>", "in_reply_to": "<root@mail.test>"},
            "far": {"message_id": "<far@mail.test>", "references": "<missing@mail.test> <answer@mail.test>"},
            "other": {"message_id": "<other@mail.test>", "references": "<missing@mail.test>"},
        }
        self.patch(lister, "PAGE", 1)
        for order in list(permutations(thread))[::5]:
            for number, name in enumerate(order):
                self.deliver(name, number=number, **thread[name])
                self.deliver(f"alone {name}", number=number)
            self.scan()
            counts = {row["subject"]: row["count"] for row in self.rows()}
            self.assertEqual(counts.pop(order[-1]), 4, order)
            self.assertEqual(counts, {f"alone {name}": 1 for name in thread}, order)
            for remote_id in self.server.remote_ids():
                self.server.delete(remote_id)
            self.scan()
            self.mailbox._drop_index()
            self.cr.commit()

    def test_what_was_erased_is_in_no_index(self):
        self.deliver("Secret")
        self.scan()
        copy = self.item("Secret").copy_id
        known = self.env["crm.mail.erased"].create({"header_key": copy.header_key})
        erased.wipe(self.env, copy.ids)
        self.cr.commit()
        self.assertFalse(self.item("Secret"))
        self.mailbox._begin_index()
        self.server.reset("INBOX")
        self.cr.commit()
        self.scan()
        known.unlink()
        self.cr.commit()
        self.assertEqual(self.subjects(), [])
        self.check_counts()

    def test_the_owner_is_told_what_has_changed(self):
        self.scan()
        self.env["bus.bus"].search([]).unlink()
        first = self.deliver("News")
        self.scan()
        item = self.item("News")
        self.assertEqual(self.told(), [{"items": [item.id], "folders": [self.inbox.id], "more": False}])
        self.server.set_flags(first, ["\\Seen"])
        self.scan()
        self.assertEqual(self.told()[1:], [{"items": [item.id], "folders": [self.inbox.id], "more": False}])
        for number in range(201):
            self.deliver(f"Many {number}")
        self.scan()
        self.assertEqual(self.told()[2:], [{"items": [], "folders": [self.inbox.id], "more": True}])

    def told(self):
        """What was sent to the owner's browsers, and to nobody else's."""
        found = []
        for notification in self.env["bus.bus"].search([], order="id"):
            message = json.loads(notification.message)
            if message["type"] == TYPE:
                self.assertIn("res.partner", notification.channel)
                self.assertIn(str(self.user.partner_id.id), notification.channel)
                self.assertEqual(message["payload"].pop("mailbox_id"), self.mailbox.id)
                found.append(message["payload"])
        return found

    def test_an_open_app_has_its_mailbox_scanned_soon_and_not_too_often(self):
        self.scan()
        self.mailbox.write({"last_scan": fields.Datetime.now() - timedelta(minutes=2)})
        self.cr.commit()
        self.assertEqual(self.call("watch"), {"is_asked": True, "state": "ready", "message": ""})
        self.assertLessEqual(self.mailbox.next_run, fields.Datetime.now())
        self.assertFalse(self.call("watch")["is_asked"], "it is due already")
        self.scan()
        self.assertFalse(self.call("watch")["is_asked"], "it was just scanned")
        self.mailbox.with_user(self.user).scan_active = False
        self.mailbox.write({"last_scan": fields.Datetime.now() - timedelta(minutes=2)})
        self.cr.commit()
        watched = self.call("watch")
        self.assertFalse(watched["is_asked"])
        opened = self.call("open")
        self.assertEqual((watched["state"], watched["message"]), (opened["state"], opened["message"]))
        self.assertEqual(watched["state"], "trouble")
