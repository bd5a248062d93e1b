# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the owner does in the app is done in his mailbox, and the index, the copies and the counts say so at once."""

from functools import partial
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tests.common import new_test_user

from ..email_app import acted, app_acting
from ..mailsync.acting import Placed
from ..mailsync.errors import ConnectionLost, NotPermitted
from ..mailsync.providers.memory import MemoryActor
from .email_app_case import CUSTOMER, OWN, EmailAppCase


@tagged("post_install", "-at_install")
class TestEmailAppActing(EmailAppCase):
    def setUp(self):
        super().setUp()
        for name, role in (("Archive", "archive"), ("Trash", "trash"), ("Spam", "junk"), ("Projects", "")):
            self.server.add_folder(name, role=role)
        self.mailbox._store_folders(self.server.session().folders())
        self.folder("Projects").selected = True
        self.cr.commit()
        self.deliver("One", number=1)
        self.deliver("Two", number=2, sender="Bo <bo@elsewhere.test>")
        self.scan()
        self.one, self.two = self.item("One"), self.item("Two")
        self.before = self.archive()

    def archive(self):
        """All that is archived; acting never changes it."""
        return [(e.id, e.subject, e.link_ids.ids, e.content_ids.html) for e in self.letters()]

    def act(self, action, *items, **kwargs):
        return self.call("act", action, [item.id for item in items], **kwargs)

    def undo(self, answer):
        return self.call("act", **answer["undo"])

    def check(self):
        """Index and mailbox agree, before a scan and after it, and nothing was doubled or lost."""
        for _time in range(2):
            self.check_counts()
            for folder in self.mailbox.folder_ids._scanned():
                there = len(self.server.remote_ids(folder.remote_id))
                self.assertEqual(sum(row["count"] for row in self.rows(folder)), there, folder.name)
            self.assertEqual(len(self.copies()), 2)
            self.assertEqual(self.archive(), self.before)
            self.scan()

    def test_flags_go_to_the_mailbox_and_come_back(self):
        for action, flag, column in (("read", "\\Seen", "is_seen"), ("star", "\\Flagged", "is_flagged")):
            answer = self.act(action, self.one, self.two)
            self.assertTrue(self.one[column] and self.two[column])
            self.assertEqual(self.marked(flag), 2)
            self.assertIn(flag, self.one.copy_id.flags)
            self.check()
            self.undo(answer)
            self.assertFalse(self.one[column] or self.two[column])
            self.assertEqual(self.marked(flag), 0)
            self.check()

    def marked(self, flag):
        listings = self.server.session().listings("INBOX", self.server.remote_ids())
        return sum(flag in listing.flags for listing in listings)

    def test_only_what_was_changed_is_changed_back(self):
        self.act("read", self.one)
        self.assertEqual(self.act("read", self.one, self.two)["undo"]["item_ids"], self.two.ids)
        self.assertIsNone(self.act("read", self.one, self.two)["undo"])

    def test_every_move_can_be_undone(self):
        places = {"move": "Projects", "archive": "Archive", "delete": "Trash", "spam": "Spam"}
        for action, place in places.items():
            with self.subTest(action=action):
                target = self.folder("Projects").id if action == "move" else None
                answer = self.act(action, self.one, self.two, folder_id=target, from_folder_id=self.inbox.id)
                self.assertEqual(len(self.server.remote_ids(place)), 2)
                self.assertEqual(self.subjects(self.inbox), [])
                self.check()
                self.undo(answer)
                self.assertEqual(self.server.remote_ids(place), [])
                self.assertEqual(self.subjects(self.inbox), ["Two", "One"])
                self.assertEqual(self.item("One"), self.one)
                self.check()

    def test_several_directories_at_once_are_undone_to_each(self):
        self.act("move", self.one, folder_id=self.folder("Projects").id)
        answer = self.act("delete", self.one, self.two)
        self.undo(answer)
        self.assertEqual(self.subjects(self.inbox), ["Two"])
        self.assertEqual(self.subjects(self.folder("Projects")), ["One"])
        self.check()

    def test_what_the_server_refuses_changes_nothing(self):
        self.server.may_change = False
        for action in ("read", "archive", "delete", "spam"):
            self.assertTrue(self.refused("act", action, self.one.ids))
            self.assertFalse(self.one.is_seen)
            self.assertEqual(self.subjects(self.inbox), ["Two", "One"])
        self.check()

    def test_what_was_done_before_a_refusal_is_known(self):
        self.act("move", self.two, folder_id=self.folder("Projects").id)
        done = []
        set_flags = MemoryActor.set_flags

        def failing(actor, folder, *args, **kwargs):
            if done:
                raise NotPermitted()
            done.append(folder)
            set_flags(actor, folder, *args, **kwargs)

        with patch.object(MemoryActor, "set_flags", failing):
            self.refused("act", "read", [self.one.id, self.two.id])
        self.assertEqual([self.one.is_seen, self.two.is_seen].count(True), 1)
        self.check()

    def test_a_connection_that_breaks_is_looked_after(self):
        self.mailbox.last_scan = "2026-03-02 09:00:00"
        self.cr.commit()
        archive = MemoryActor.archive

        def breaking(actor, *args):
            archive(actor, *args)
            raise ConnectionLost()

        with patch.object(MemoryActor, "archive", breaking):
            self.refused("act", "archive", self.one.ids)
        self.assertLessEqual(self.mailbox.next_run, self.env.cr.now())
        self.scan()
        self.assertEqual(self.subjects(self.inbox), ["Two"])
        self.check_counts()

    def test_of_a_conversation_seen_as_a_whole_ones_own_answers_stay(self):
        self.deliver("Re: One", "Sent", number=3, sender=OWN, in_reply_to=f"<{self.one.copy_id.message_id}>")
        self.scan()
        for action, place in (("archive", "Archive"), ("spam", "Spam")):
            [row] = [row for row in self.rows() if "One" in row["subject"]]
            self.assertEqual(row["count"], 2)
            answer = self.call("act", action, row["item_ids"])
            self.assertEqual((len(self.server.remote_ids(place)), len(self.server.remote_ids("Sent"))), (1, 1), action)
            self.undo(answer)

    def test_more_than_is_done_at_once_is_refused_and_not_cut_short(self):
        with patch.object(app_acting, "_MOST_ITEMS", 1):
            self.assertIn("too many", self.refused("act", "read", [self.one.id, self.two.id]))
        self.assertFalse(self.one.is_seen or self.two.is_seen)

    def test_what_was_gone_already_is_in_no_list_after_the_next_scan(self):
        self.server.delete(self.one.copy_id.remote_id)
        self.act("move", self.one, self.two, folder_id=self.folder("Projects").id)
        self.scan()
        self.assertEqual(self.subjects(self.folder("Projects")), ["Two"])
        self.assertEqual(self.subjects(), ["Two"])
        self.check_counts()

    def test_a_whole_conversation_is_made_private_and_shown_again(self):
        self.deliver(
            "Re: One", "Sent", number=3, sender=OWN, to=(CUSTOMER,), in_reply_to=f"<{self.one.copy_id.message_id}>"
        )
        self.deliver("Re: One", number=4, in_reply_to=f"<{self.one.copy_id.message_id}>")
        self.scan()
        letters = self.letters().filtered(lambda letter: "One" in letter.subject)
        self.assertEqual(len(letters), 3)
        for is_private in (True, False):
            [row] = [row for row in self.rows(self.inbox) if "One" in row["subject"]]
            self.assertTrue(row["is_archived"])
            self.assertEqual(row["is_private"], not is_private)
            self.call("set_private", row["item_ids"], is_private)
            self.env.invalidate_all()
            self.assertEqual(set(letters.mapped("visibility")) == {"private"}, is_private)

    def test_a_server_that_does_not_tell_new_ids(self):
        """Without UIDPLUS a message is recognised in its new place by its header."""
        move = MemoryActor.move

        def silent(actor, *args):
            return Placed(move(actor, *args).folder)

        with patch.object(MemoryActor, "move", silent):
            self.act("move", self.one, self.two, folder_id=self.folder("Projects").id)
        self.assertEqual(self.subjects(self.folder("Projects")), ["Two", "One"])
        self.scan()
        self.assertEqual(self.item("One"), self.one)
        self.assertEqual(self.one.copy_id.folder_id, self.folder("Projects"))
        self.check()

    def test_a_scan_that_meets_it_in_its_new_place_first(self):
        """Between the server's answer and our commit another worker lists the folder, and files what it finds there."""
        for item in (self.one, self.two):
            scanned = []
            with patch.object(acted, "move", partial(self._scan_first, acted.move, scanned)):
                self.act("move", item, folder_id=self.folder("Projects").id)
            self.assertTrue(scanned)
            self.assertEqual(item.exists(), item)
        self.check()

    def _scan_first(self, store, scanned, *args):
        if not scanned:
            scanned.append(True)
            self.cr.rollback()
            self.scan()
        return store(*args)

    def test_nobody_acts_on_anothers_messages(self):
        other = new_test_user(self.env, login="scan.other", groups="base.group_user", email="other@scan-own.test")
        mailbox = self._mailbox(other, "other@scan-own.test")
        self.cr.commit()
        self.assertIsNone(self.call("act", "read", self.one.ids, user=other)["undo"])
        self.assertFalse(self.one.is_seen)
        self.refused("act", "move", self.one.ids, folder_id=mailbox.folder_ids[0].id)
        self.refused("act", "explode", self.one.ids)

    def test_a_message_that_waits_to_be_archived_is_archived_from_where_it_lies(self):
        self.two.copy_id._set_pending()
        self.cr.commit()
        self.act("move", self.two, folder_id=self.folder("Projects").id)
        self.scan_all_letters()
        self.scan()
        self.assertEqual((self.two.copy_id.state, self.two.copy_id.email_id.subject), ("kept", "Two"))
        self.assertEqual(self.two.copy_id.folder_id, self.folder("Projects"))
        self.deliver("Three", number=3, sender="Cyd <cyd@elsewhere.test>", to=(OWN,))
