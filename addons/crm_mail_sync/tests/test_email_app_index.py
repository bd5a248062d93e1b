# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import replace

from odoo.tests import tagged

from ..scan import indexed, indexing
from .email_app_case import OWN, EmailAppCase


@tagged("post_install", "-at_install")
class TestEmailAppIndex(EmailAppCase):
    def test_a_list_shows_each_conversation_once_and_newest_first(self):
        self.deliver("Offer", message_id="<1@mail.test>", number=1)
        self.deliver("Lunch", number=2, sender="Bo <bo@elsewhere.test>")
        self.deliver("Re: Offer", number=3, in_reply_to="<1@mail.test>", sender="Cyd <cyd@elsewhere.test>")
        self.deliver("Re: Offer", "Sent", number=4, references="<1@mail.test>", sender=OWN, to=("bo@elsewhere.test",))
        self.scan()
        rows = self.rows(self.inbox)
        self.assertEqual([row["subject"] for row in rows], ["Re: Offer", "Lunch"])
        self.assertEqual(rows[0]["count"], 2)
        self.assertEqual([person["name"] for person in rows[0]["people"]], ["Anna Acme", "Cyd"])
        self.assertEqual(self.rows(self.sent)[0]["people"][0]["address"], "bo@elsewhere.test")
        conversation = self.call("conversation", rows[0]["id"])
        self.assertEqual([m["from"]["address"] for m in conversation["messages"]],
                         ["anna@acme-scan.test", "cyd@elsewhere.test", OWN])  # fmt: skip
        self.assertEqual(conversation["messages"][0]["state"], "kept")
        self.assertIn(self.anna.id, [chip["id"] for chip in conversation["messages"][0]["chips"]])
        self.check_counts()

    def test_pages_follow_each_other_without_gap(self):
        for number in range(7):
            self.deliver(f"Letter {number}", number=number)
        self.scan()
        seen, after = [], None
        while True:
            page = self.call("conversations", self.inbox.id, after=after, limit=3)
            seen += [row["subject"] for row in page["rows"]]
            after = page["after"]
            if not after:
                break
        self.assertEqual(seen, [f"Letter {number}" for number in reversed(range(7))])

    def test_changes_elsewhere_show_in_lists_and_counts(self):
        first = self.deliver("First", number=1)
        second = self.deliver("Second", number=2, flags=["\\Seen"])
        self.scan()
        self.assertEqual(self.counts()["INBOX"], (2, 1))
        self.server.set_flags(first, ["\\Seen", "\\Flagged", "\\Answered"])
        self.server.delete(second)
        self.scan()
        self.assertEqual(self.counts()["INBOX"], (1, 0))
        row = self.rows("flagged")[0]
        self.assertEqual((row["subject"], row["unread"], row["flagged"], row["answered"]), ("First", False, True, True))
        self.check_counts()

    def test_search_finds_beginnings_of_words_without_accents(self):
        self.deliver("Résumé of the meeting", number=1)
        self.deliver("Other", number=2, body="Nothing but a crane.", sender="José Ñandú <jose@elsewhere.test>")
        self.deliver("Kept", number=3, body="The text speaks of a forklift.")
        self.scan()
        self.assertEqual(self.subjects(query="resu"), ["Résumé of the meeting"])
        self.assertEqual(self.subjects(query="from:nandu"), ["Other"])
        self.assertEqual(self.subjects(query="from:resume"), [])
        self.assertEqual(self.subjects(query="forkl"), ["Kept"])
        self.assertEqual(self.subjects(query="elsewhere.test"), ["Other"])
        self.assertEqual(self.subjects(query="is:unread in:inbox resume"), ["Résumé of the meeting"])

    def test_the_beginning_of_a_text_is_found_without_accents_and_stays_found(self):
        remote_id = self.deliver("Other", number=1, sender="Bo <bo@elsewhere.test>")
        self.scan()
        listing = next(iter(self.server.session().listings("INBOX", [remote_id])))
        row = {"remote_id": remote_id, "received": self.item("Other").received, "header_key": "0" * 64}
        for snippet in ("Rückfrage zum Angebot", ""):
            values = indexed.item_values(replace(listing, snippet=snippet), row)
            values["conversation"] = 7
            indexing.put(self.env, self.mailbox.id, [values], self.inbox.id)
            for words in ("rückfr", "ruckfrage", "other"):
                self.assertEqual(self.subjects(query=words), ["Other"], (snippet, words))

    def test_a_body_comes_from_the_archive_or_from_the_server(self):
        self.deliver("Kept", number=1, body="What is archived.")
        self.deliver("Left", number=2, body="What is not.", sender="Bo <bo@elsewhere.test>")
        self.scan()
        for subject, text in (("Kept", "What is archived."), ("Left", "What is not.")):
            body = self.call("body", self.item(subject).id)
            self.assertFalse(body["error"])
            self.assertIn(text, body["document"])
        requests = self.server.traffic.requests
        self.call("body", self.item("Left").id)
        self.assertEqual(self.server.traffic.requests, requests, "the second look asks no server")
        self.assertEqual(len(self.letters()), 1)

    def test_acting_changes_the_mailbox_and_the_index(self):
        self.deliver("One", number=1)
        self.deliver("Two", number=2)
        self.server.add_folder("Projects")
        self.mailbox._store_folders(self.server.session().folders())
        self.folder("Projects").selected = True
        self.scan()
        one = self.item("One")
        copy, email = one.copy_id, one.copy_id.email_id
        answer = self.call("act", "read", [one.id])
        self.assertEqual(answer["undo"]["action"], "unread")
        self.assertEqual(self.counts()["INBOX"], (2, 1))
        answer = self.call("act", "move", [one.id], folder_id=self.folder("Projects").id, from_folder_id=self.inbox.id)
        self.assertEqual(self.subjects(self.folder("Projects")), ["One"])
        self.assertEqual(len(self.server.remote_ids("Projects")), 1)
        self.check_counts()
        self.scan()
        self.assertEqual(self.item("One"), one)
        self.assertEqual((one.copy_id, one.copy_id.email_id, one.copy_id.is_removed), (copy, email, False))
        undo = answer["undo"]
        self.call("act", undo["action"], undo["item_ids"], undo["folder_id"], undo["from_folder_id"])
        self.assertEqual(self.subjects(self.inbox), ["Two", "One"])
        self.scan()
        self.assertEqual(len(self.copies()), 2)
        self.check_counts()
