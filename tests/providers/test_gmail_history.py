# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail's labels, history and lists of ids, and that a scan over them loses nothing."""

from __future__ import annotations

import random

import pytest

from mailsync.providers.gmail.labels import ALL_MAIL, flags_of, holds

from .contract import letter
from .gmail_server import GmailServer, Scan


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
