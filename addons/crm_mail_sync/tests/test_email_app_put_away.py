# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Spam and trash: their owner sees them in the app, and nothing of them is archived."""

from functools import partial
from unittest.mock import patch

from odoo.tests import tagged

from ..email_app import acted
from ..mailsync.acting import Placed
from ..mailsync.providers.memory import MemoryActor, MemoryProvider
from ..scan import lister
from .email_app_case import EmailAppCase

STRANGER = "Win Big <prize@elsewhere.test>"


@tagged("post_install", "-at_install")
class TestEmailAppPutAway(EmailAppCase):
    def setUp(self):
        super().setUp()
        for name, role in (("Trash", "trash"), ("Spam", "junk"), ("Projects", "")):
            self.server.add_folder(name, role=role)
        self.mailbox._store_folders(self.server.session().folders())
        self.cr.commit()
        self.trash, self.spam = self.folder("Trash"), self.folder("Spam")

    def archived(self):
        return sorted(self.letters().mapped("subject"))

    def test_they_are_listed_for_their_owner_and_never_archived(self):
        self.env["ir.config_parameter"].set_param("crm_mail_sync.scan_all", "True")
        self.deliver("Offer", number=1)
        self.deliver("Thrown away", "Trash", number=2, flags=["\\Seen"])
        self.deliver("Offer in spam", "Spam", number=3)
        self.deliver("You won", "Spam", sender=STRANGER, number=4)
        self.scan()
        self.assertEqual(self.archived(), ["Offer"])
        self.assertEqual(self.subjects(self.trash), ["Thrown away"])
        self.assertEqual(self.subjects(self.spam), ["You won", "Offer in spam"])
        self.assertEqual({name: self.counts()[name] for name in ("Trash", "Spam")}, {"Trash": (1, 0), "Spam": (2, 2)})
        self.assertFalse((self.trash | self.spam).filtered("selected"))
        reasons = self.copies("skipped").mapped("reason")
        self.assertEqual(reasons, ["put_away"] * 3)
        self.assertIn("spam or trash", self.copies("skipped")[0].why)
        self.check_counts()

    def test_they_are_in_no_other_list_and_found_where_they_lie(self):
        self.deliver("Offer for pumps", number=1)
        self.scan()
        offer = self.item("Offer for pumps")
        self.deliver("Re: Offer for pumps", "Trash", number=2, in_reply_to=f"<{offer.copy_id.message_id}>")
        self.deliver("Cheap pumps", "Spam", sender=STRANGER, number=3)
        self.scan()
        self.assertEqual(self.subjects(), ["Offer for pumps"])
        self.assertEqual(self.subjects("unread"), ["Offer for pumps"])
        self.assertEqual(self.subjects(query="pumps"), ["Offer for pumps"])
        self.assertEqual(self.subjects(query="pumps in:trash"), ["Re: Offer for pumps"])
        self.assertEqual(self.subjects(self.spam, query="pumps"), ["Cheap pumps"])
        answer = self.item("Re: Offer for pumps")
        for item in (offer, answer):
            shown = self.call("conversation", item.id)
            self.assertEqual([message["id"] for message in shown["messages"]], item.ids)
            self.assertEqual(shown["row"]["item_ids"], item.ids)
        body = self.call("body", self.item("Cheap pumps").id)
        self.assertIn("the offer is attached", body["document"])

    def test_what_is_taken_out_again_is_archived_once(self):
        kept = self.deliver("By another program", "Spam", number=1)
        self.deliver("In the app", "Spam", number=2)
        self.deliver("Of a stranger", "Spam", sender=STRANGER, number=3)
        self.scan()
        self.assertEqual(self.archived(), [])
        self.server.move(kept, "INBOX")
        moved = self.item("In the app") | self.item("Of a stranger")
        self.call("act", "not_spam", moved.ids, from_folder_id=self.spam.id)
        self.assertEqual(self.subjects(self.spam), ["By another program"])
        for _time in range(2):
            self.scan()
            self.assertEqual(self.archived(), ["By another program", "In the app"])
            self.assertEqual(self.subjects(self.spam), [])
            self.assertEqual(len(self.rows(self.inbox)), 3)
            self.assertEqual(len(self.copies()), 3)
            self.check_counts()
        self.assertEqual(self.copies("skipped").reason, "nobody_known")

    def test_what_waited_and_was_thrown_away_is_not_archived_until_it_comes_back(self):
        self.deliver("Offer", number=1)
        self.scan()
        copy = self.copies()
        copy.email_id.unlink()
        copy.write({"state": "pending", "reason": False, "email_id": False})
        self.cr.commit()
        answer = self.call("act", "delete", self.item("Offer").ids, from_folder_id=self.inbox.id)
        self.scan()
        self.assertEqual((self.archived(), self.subjects(self.trash)), ([], ["Offer"]))
        self.assertTrue(self.copies().is_removed)
        self.call("act", **answer["undo"])
        self.scan()
        self.assertEqual((self.archived(), self.subjects(self.inbox)), (["Offer"], ["Offer"]))
        self.check_counts()

    def test_an_archived_letter_stays_when_it_is_thrown_away_and_deleted_for_good(self):
        offer = self.deliver("Offer", number=1)
        self.deliver("Other offer", number=2)
        self.scan()
        self.server.move(offer, "Trash")
        self.call("act", "delete", self.item("Other offer").ids, from_folder_id=self.inbox.id)
        self.scan()
        self.assertEqual(self.subjects(self.trash), ["Other offer", "Offer"])
        self.assertEqual(self.subjects(), [])
        gone = [row["id"] for row in self.rows(self.trash)]
        answer = self.call("act", "delete", gone, from_folder_id=self.trash.id)
        self.assertIsNone(answer["undo"])
        self.assertEqual(self.server.remote_ids("Trash"), [])
        for _time in range(2):
            self.assertEqual(self.subjects(self.trash), [])
            self.assertEqual(self.archived(), ["Offer", "Other offer"])
            self.check_counts()
            self.scan()
        self.assertEqual(set(self.copies().mapped("state")), {"kept"})

    def test_what_left_the_trash_by_itself_is_forgotten(self):
        old = self.deliver("Old spam", "Spam", sender=STRANGER, number=1)
        self.deliver("New spam", "Spam", sender=STRANGER, number=2)
        self.scan()
        self.server.delete(old)
        self.scan()
        self.assertEqual(self.subjects(self.spam), ["New spam"])
        self.assertEqual(self.copies().mapped("subject"), ["New spam"])
        self.server.reset("Spam")
        self.scan()
        self.assertEqual(self.subjects(self.spam), ["New spam"])
        self.assertEqual(self.copies().mapped("reason"), ["put_away"])
        self.check_counts()

    def test_a_directory_that_turns_out_to_be_none_of_them_is_archived_like_any_other(self):
        self.deliver("Offer", "Trash", number=1)
        self.scan()
        self.trash.role = False
        self.trash.selected = True
        self.cr.commit()
        self.scan()
        self.assertEqual(self.archived(), ["Offer"])
        self.assertEqual(self.subjects(), ["Offer"])
        self.trash.write({"role": "trash", "selected": False})
        self.cr.commit()
        self.scan()
        self.assertEqual((self.archived(), self.subjects(), self.subjects(self.trash)), (["Offer"], [], ["Offer"]))
        self.check_counts()

    def test_of_a_mailbox_that_is_not_main_they_are_not_read(self):
        self.deliver("Spam", "Spam", sender=STRANGER, number=1)
        self.scan()
        other = self._mailbox(self.user, "second@scan-own.test", is_main=True)
        self.cr.commit()
        self.assertFalse(self.copies())
        self.deliver("More spam", "Spam", sender=STRANGER, number=2)
        self.scan()
        self.assertFalse(self.copies())
        other.is_main = False
        self.mailbox.is_main = True
        self.cr.commit()
        self.scan()
        self.assertEqual(self.subjects(self.spam), ["More spam", "Spam"])
        self.check_counts()

    def _scan_first(self, store, seen, *args):
        """Between the server's answer and our commit a scan lists what has moved."""
        if not seen:
            seen.append(True)
            self.cr.rollback()
            self.scan()
        return store(*args)

    def test_a_scan_that_is_faster_loses_nothing(self):
        for action, place in (("not_spam", self.inbox), ("delete", self.trash)):
            self.deliver(f"Offer {action}", "Spam", number=1)
            self.scan()
            with patch.object(acted, "move", partial(self._scan_first, acted.move, [])):
                self.call("act", action, self.item(f"Offer {action}").ids, from_folder_id=self.spam.id)
            self.scan()
            self.assertEqual(self.subjects(place), [f"Offer {action}"])
            self.check_counts()
        self.assertEqual(self.archived(), ["Offer not_spam"])
        self.assertEqual(len(self.copies()), 2)

    def test_what_is_moved_to_a_directory_that_is_picked_later_is_archived_then(self):
        projects = self.folder("Projects")
        move = MemoryActor.move

        def silent(actor, *args):
            return Placed(move(actor, *args).folder)

        self.deliver("Offer", "Trash", number=1)
        self.deliver("Prize", "Spam", sender=STRANGER, number=2)
        self.scan()
        # Without UIDPLUS nobody tells its new id.
        with patch.object(MemoryActor, "move", silent):
            self.call("act", "move", self.item("Offer").ids, folder_id=projects.id, from_folder_id=self.trash.id)
        self.call("act", "move", self.item("Prize").ids, folder_id=projects.id, from_folder_id=self.spam.id)
        self.scan()
        self.env["crm.mail.copy"]._gc_put_away()
        self.assertFalse(self.copies())
        projects.selected = True
        self.cr.commit()
        self.scan()
        self.assertEqual(self.archived(), ["Offer"])
        self.assertEqual(self.subjects(projects), ["Prize", "Offer"])

    def test_a_conversation_is_shown_with_what_is_there_when_its_newest_has_gone(self):
        self.folder("Projects").selected = True
        self.deliver("Talk", number=1)
        self.scan()
        talk = self.item("Talk")
        answer = {"in_reply_to": f"<{talk.copy_id.message_id}>"}
        self.deliver("Old answer", "Trash", number=2, **answer)
        moved, gone = (self.deliver(f"Re: {n} Talk", number=n, **answer) for n in (3, 4))
        self.scan()
        for leave, left in ((lambda: self.server.move(moved, "Projects"), 3), (lambda: self.server.delete(gone), 2)):
            newest = self.item("Re: 4 Talk") if left == 2 else self.item("Re: 3 Talk")
            leave()
            self.scan()
            shown = self.call("conversation", newest.id)["messages"]
            self.assertEqual(len(shown), left)
            self.assertNotIn(self.item("Old answer").id, [message["id"] for message in shown])

    def test_what_is_erased_is_not_listed_in_the_trash_either(self):
        offer = self.deliver("Offer", number=1)
        self.scan()
        self.server.move(offer, "Trash")
        self.scan()
        self.assertEqual(self.subjects(self.trash), ["Offer"])
        self.letters()._erase()
        self.cr.commit()
        for _time in range(2):
            self.assertEqual(self.subjects(self.trash), [])
            self.assertEqual(self.copies().mapped("reason"), ["erased"] * 2)
            self.assertEqual(set(self.copies().mapped("subject")), {False})
            self.scan()

    def test_they_come_last(self):
        for number in range(6):
            self.deliver(f"Inbox {number}", number=number)
            self.deliver(f"Spam {number}", "Spam", number=number)
        asked = []
        changes = MemoryProvider.changes

        def noted(provider, folder, *args):
            asked.append(folder)
            return changes(provider, folder, *args)

        with patch.object(lister, "PAGE", 2), patch.object(MemoryProvider, "changes", noted):
            self.scan()
        last = max(place for place, folder in enumerate(asked) if folder in ("INBOX", "Sent"))
        first = min(asked.index(folder) for folder in ("Spam", "Trash"))
        self.assertLess(last, first)
