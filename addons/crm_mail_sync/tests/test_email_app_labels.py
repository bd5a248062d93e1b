# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The index of a Gmail mailbox, whose messages lie under several labels at once."""

from odoo.tests import tagged

from .email_app_gmail_case import EmailAppGmailCase


@tagged("post_install", "-at_install")
class TestEmailAppLabels(EmailAppGmailCase):
    LABELS = ("Customers", "Holidays")

    def setUp(self):
        super().setUp()
        self.customers, self.holidays = (self.folder(label) for label in self.labels)
        self.picked = self.inbox | self.customers | self.holidays

    def places(self):
        return {folder.name: self.subjects(folder) for folder in self.picked}

    def test_a_message_is_listed_under_each_of_its_labels(self):
        both = self.deliver("Both", "INBOX", self.labels[0], "UNREAD", number=1)
        self.deliver("One", self.labels[1], number=2, body="Is it “sunny” & warm?")
        self.scan()
        self.assertEqual(self.places(), {"Inbox": ["Both"], "Customers": ["Both"], "Holidays": ["One"]})
        self.assertEqual(self.counts()["Customers"], (1, 1))
        self.assertEqual(len(self.rows()), 2)
        self.assertIn("“sunny” & warm?", self.rows(self.holidays)[0]["snippet"])
        message = self.call("conversation", self.rows(self.inbox)[0]["id"])["messages"][0]
        self.assertEqual(message["folders"], sorted((self.inbox | self.customers).ids))
        self.account.set_labels(both, add=["STARRED"], remove=["INBOX", "UNREAD"])
        self.scan()
        self.assertEqual(self.places(), {"Inbox": [], "Customers": ["Both"], "Holidays": ["One"]})
        self.assertEqual([row["subject"] for row in self.rows("flagged")], ["Both"])
        self.check_counts()
        self.account.set_labels(both, add=[self.labels[1]], remove=[self.labels[0]])
        self.scan()
        self.assertEqual(self.places(), {"Inbox": [], "Customers": [], "Holidays": ["One", "Both"]})
        self.account.set_labels(both, remove=[self.labels[1]])
        self.scan()
        self.assertEqual(self.places()["Holidays"], ["One"])
        self.assertEqual(len(self.rows()), 1)
        self.check_counts()

    def test_an_index_that_is_made_anew_finds_all_labels(self):
        self.deliver("Both", "INBOX", self.labels[0], number=1)
        self.deliver("All", "INBOX", *self.labels, sender="Bo <bo@elsewhere.test>", number=2)
        self.deliver("One", self.labels[1], number=3)
        self.scan()
        before = self.places()
        self.mailbox._begin_index()
        self.cr.commit()
        self.assertEqual(self.places(), {"Inbox": [], "Customers": [], "Holidays": []})
        self.scan()
        self.assertEqual(self.places(), before)
        self.assertEqual(self.rows(self.customers)[0]["people"][0]["name"], "Bo")
        self.check_counts()

    def test_a_forgotten_history_loses_and_doubles_nothing(self):
        messages = [self.deliver(f"Letter {n}", "INBOX", self.labels[0], number=n) for n in range(5)]
        self.scan()
        self.account.expire_history()
        self.account.delete(messages[0])
        self.account.set_labels(messages[1], remove=["INBOX"])
        self.scan()
        self.assertEqual(self.subjects(self.inbox), ["Letter 4", "Letter 3", "Letter 2"])
        self.assertEqual(self.subjects(self.customers), ["Letter 4", "Letter 3", "Letter 2", "Letter 1"])
        self.check_counts()

    def test_acting_gives_and_takes_labels(self):
        both = self.deliver("Both", "INBOX", self.labels[0], "UNREAD", number=1)
        self.scan()
        item = self.item("Both")
        self.call("act", "read", item.ids, from_folder_id=self.customers.id)
        self.call("act", "star", item.ids)
        self.assertEqual(self.account.labels(both), {"INBOX", self.labels[0], "STARRED"})
        everything = {"Inbox": ["Both"], "Customers": ["Both"], "Holidays": []}
        steps = (
            ("archive", self.customers, None, {**everything, "Inbox": []}),
            ("move", self.customers, self.holidays, {**everything, "Customers": [], "Holidays": ["Both"]}),
            ("delete", self.customers, None, dict.fromkeys(everything, [])),
        )
        for action, seen_in, target, expected in steps:
            with self.subTest(action=action):
                answer = self.call("act", action, item.ids, target and target.id, seen_in.id)
                self.assertEqual(self.places(), expected)
                self.scan()
                self.assertEqual(self.places(), expected)
                self.check_counts()
                self.call("act", **answer["undo"])
                self.scan()
                self.assertEqual(self.places(), everything)
                self.assertEqual(len(self.copies()), 1)
                self.assertEqual(item.copy_id.email_id, self.letters())
                self.check_counts()
