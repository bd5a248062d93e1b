# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail's labels, history and lists of ids, and that a scan over them loses nothing."""

from __future__ import annotations

import json
import random

import pytest

from mailsync.providers.gmail.labels import ALL_MAIL, flags_of, holds

from .far_end import letter
from .gmail_server import START, GmailServer, Scan


def lies_in(gmail: GmailServer, folders: list[str]) -> set[str]:
    """The messages that lie in one of the folders."""
    labels = {message: gmail.account.labels(message) for message in gmail.account.ids()}
    return {message for message, on in labels.items() if any(holds(folder, on) for folder in folders)}


def check(scan: Scan, gmail: GmailServer, folders: list[str]) -> None:
    assert scan.here == lies_in(gmail, folders)
    if scan.resets:
        # What a forgotten history held of flags is not asked for: it would cost as much as the messages.
        return
    for message in scan.here:
        assert scan.flags[message] == flags_of(gmail.account.labels(message))


class Events:
    """What users and their rules do to a mailbox while it is read."""

    def __init__(self, gmail: GmailServer, folders: list[str], seed: int) -> None:
        self._gmail = gmail
        self._dice = random.Random(seed)
        self._number = 0
        self._places = [folder for folder in folders if folder != ALL_MAIL] + ["SPAM"]

    def deliver(self) -> None:
        self._number += 1
        self._gmail.deliver(letter(self._number), self._dice.choice([*self._places, ALL_MAIL]))

    def happen(self) -> None:
        for _ in range(self._dice.randrange(4)):
            ids = self._gmail.account.ids()
            self._one(self._dice.choice(ids)) if ids else self.deliver()

    def _one(self, message: str) -> None:
        gmail, dice = self._gmail, self._dice
        what = dice.choice(
            ["deliver", "deliver", "archive", "label", "unlabel", "move", "read", "trash", "back", "delete"]
        )
        place = dice.choice(self._places)
        if what == "deliver":
            self.deliver()
        elif what == "archive":
            gmail.account.set_labels(message, remove=["INBOX"])
        elif what == "label":
            gmail.account.set_labels(message, add=[place])
        elif what == "unlabel":
            gmail.account.set_labels(message, remove=[place])
        elif what == "move":
            gmail.move(message, place)
        elif what == "read":
            gmail.set_flags(message, dice.choice([[], ["\\Seen"], ["\\Flagged"]]))
        elif what == "trash":
            gmail.account.trash(message)
        elif what == "back":
            gmail.account.set_labels(message, remove=["TRASH", "SPAM"])
        else:
            gmail.delete(message)


@pytest.mark.parametrize("seed", range(16))
def test_whatever_happens_while_it_is_read_the_scan_knows_in_the_end_what_lies_where(
    gmail: GmailServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    monkeypatch.setattr("mailsync.providers.gmail.mailbox._IDS_AT_ONCE", dice.choice([3, 500]))
    gmail.google.limits.off()
    folders = ["INBOX", gmail.add_folder("Customers"), gmail.add_folder("Offers")]
    if seed % 3 == 0:
        folders.append(ALL_MAIL)
    events = Events(gmail, folders, seed)
    for _ in range(12):
        events.deliver()
    scan = Scan(*folders)
    for number in range(12):
        if dice.random() < 0.15:
            gmail.account.expire_history()
        dice.shuffle(folders)
        scan.cursors = {folder: scan.cursors[folder] for folder in folders}
        with gmail.session() as provider:
            scan.run(provider, limit=dice.choice([1, 3, 500]), between=events.happen if number < 10 else lambda: None)
    check(scan, gmail, folders)


def test_all_mail_holds_what_is_archived_and_no_chats_spam_or_trash(gmail: GmailServer) -> None:
    archived, drafted = gmail.deliver(letter(1), ALL_MAIL), gmail.deliver(letter(2), "DRAFT")
    for number, label in enumerate(("CHAT", "SPAM", "TRASH"), 3):
        gmail.deliver(letter(number), label)
    scan = Scan(ALL_MAIL)
    with gmail.session() as provider:
        scan.run(provider)
        assert scan.here == {archived, drafted}
        assert "\\Draft" in scan.flags[drafted]
    inbox = gmail.deliver(letter(6))
    with gmail.session() as provider:
        scan.run(provider)
    gmail.account.set_labels(inbox, remove=["INBOX", "UNREAD"])
    gmail.account.trash(archived)
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.here == {drafted, inbox}
    assert scan.flags[inbox] == {"\\Seen"}


def test_a_draft_that_is_edited_is_another_message_each_time(gmail: GmailServer) -> None:
    draft = gmail.deliver(letter(1), "DRAFT")
    scan = Scan("DRAFT")
    with gmail.session() as provider:
        scan.run(provider)
    gmail.delete(draft)
    edited = gmail.deliver(letter(2), "DRAFT")
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.here == {edited}
    assert scan.listed == {draft: 1, edited: 1}


def test_labels_are_a_tree_and_say_what_they_are_for(gmail: GmailServer) -> None:
    for path in (("Kunden", "Süd"), ("Kunden",), ("a//b",)):
        gmail.add_folder(*path)
    with gmail.session() as provider:
        folders = provider.folders()
    assert {folder.remote_id: folder.role for folder in folders if folder.role} == {
        **{"INBOX": "inbox", "SENT": "sent", "DRAFT": "drafts", "STARRED": "flagged", "IMPORTANT": "flagged"},
        **{"ALL_MAIL": "all", "SPAM": "junk", "TRASH": "trash"},
    }
    assert [folder.path for folder in folders if not folder.role] == [("Kunden",), ("Kunden", "Süd"), ("a//b",)]


def test_a_conversation_has_one_name_in_the_mailbox(gmail: GmailServer) -> None:
    first = gmail.deliver(letter(1))
    answer = gmail.deliver(letter(2).replace(b"Subject:", b"In-Reply-To: <1@example.com>\r\nSubject:"))
    other = gmail.deliver(letter(3))
    scan = Scan("INBOX")
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.threads[first] == scan.threads[answer] == gmail.account.thread_id(first)
    assert scan.threads[other] != scan.threads[first]


def test_a_message_was_received_when_gmail_says_and_not_when_its_header_does(gmail: GmailServer) -> None:
    gmail.deliver(letter(1))
    with gmail.session() as provider:
        [listing] = provider.changes("INBOX", "").listings
    assert listing.received == START + 60
    assert listing.received != listing.head.date


def test_labels_that_the_history_leaves_out_are_asked_for(gmail: GmailServer) -> None:
    """As Gmail's own description has it, its history may tell no more of a message than its id."""
    customers = gmail.add_folder("Customers")
    message, other = gmail.deliver(letter(1)), gmail.deliver(letter(2))
    gmail.account.set_labels(message, add=[customers])
    scan = Scan("INBOX", customers)
    with gmail.session() as provider:
        scan.run(provider)
    start = json.loads(scan.cursors[customers])[1]
    mention = {"message": {"id": message, "threadId": "1"}}
    records = [
        {"id": str(start + 1), "labelsRemoved": [{**mention, "labelIds": ["UNREAD"]}]},
        {"id": str(start + 2), "labelsRemoved": [{**mention, "labelIds": ["INBOX"]}]},
        {"id": str(start + 3), "messagesAdded": [{"message": {"id": other, "threadId": "2"}}]},
    ]
    gmail.account.set_labels(message, remove=["UNREAD", "INBOX"])
    gmail.google.faults.add("history.list", 1, status=200, body={"history": records, "historyId": str(start + 9)})
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.folder_of == {message: customers, other: "INBOX"}
    assert scan.flags[message] == {"\\Seen"}
    assert scan.here == {message, other}
