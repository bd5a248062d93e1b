# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The same over the wire: chatters, their search, files and exports, for every level and every kind of user."""

import json

from odoo.tests import tagged

from .access_case import ROLES, SALES
from .http_case import AskingByHttp
from .level_case import ALL, LevelWorld, shown, word_of

WORDS = ALL - {"happened", "count"}
# Odoo shows the chatter of a customer to internal users of his company, and to nobody else.
CHATTER = SALES | {"owner"}
EXPORTED = ("subject", "email_from", "head_ids/subject", "participant_ids/address", "content_ids/text")
SENTENCES = {
    "subject": "The text of this email is shown to its owners only.",
    "event": "What this email is about is shown to its owners only.",
}


@tagged("post_install", "-at_install")
class TestAccessLevelsByHttp(LevelWorld, AskingByHttp):
    def test_chatter(self):
        for role in ROLES:
            messages = self._chatter(role)
            for level, letter in self.letters.items():
                message = messages.get(letter.pointer_id.id)
                with self.subTest(role=role, level=level):
                    expected = shown(level, role) if role in CHATTER else frozenset()
                    self.assertEqual(self.told(level, message), set(expected & WORDS))
                    self.assertEqual(bool(message and message.get("letter")), bool(expected))
                    if expected and role != "owner":
                        sentence = SENTENCES.get(level, "")
                        self.assertIn(sentence, str(message["body"]))

    def test_chatter_of_a_letter_that_only_happened(self):
        message = self._chatter("salesman")[self.letters["event"].pointer_id.id]
        self.assertEqual(message["letter"]["sender"], "Mailbox of Access owner")

    def test_searching_in_a_chatter(self):
        for role in sorted(CHATTER | {"admin", "colleague", "elsewhere", "portal"}):
            self.sign_in(role)
            for level, letter in self.letters.items():
                for part in ("subject", "people", "body"):
                    term = {"search_term": word_of(level, part)}
                    answer = self.messages(self.company, fetch_params=term)
                    answer = json.loads(answer) if answer else {"messages": [], "count": 0}
                    found = letter.pointer_id.id in answer["messages"]
                    with self.subTest(role=role, level=level, part=part):
                        self.assertEqual(found, role in CHATTER and part in shown(level, role))
                        self.assertEqual(answer.get("count", 0), int(found))

    def test_routes(self):
        for role in ROLES:
            self.sign_in(role)
            for level, letter in self.letters.items():
                file = letter.content_ids.file_ids
                column = f"/web/content/crm.mail.head/{letter.head_ids.id}/subject"
                for way, carries, ask in (
                    ("messages of the letter", WORDS, lambda e=letter: self.messages(e)),
                    ("recipients", set(), lambda e=letter: self.recipients(e)),
                    ("data", set(), lambda e=letter: self.data(e)),
                    ("content", {"file"}, lambda f=file: self.open(f"/web/content/{f.id}")),
                    ("image", {"file"}, lambda f=file: self.open(f"/web/image/{f.id}")),
                    ("zip", {"file"}, lambda f=file: self.zip(f)),
                    ("column", set(), lambda c=column: self.open(c)),
                    ("export", {"subject", "people", "body"}, lambda e=letter: self.export(e, *EXPORTED)),
                ):
                    with self.subTest(way=way, role=role, level=level):
                        self.assertEqual(self.told(level, ask()), set(shown(level, role) & carries))

    def _chatter(self, role):
        """What the client's store gets of each message of the customer, by id; of a thread that may not be opened,
        Odoo answers all messages that the user may read."""
        self.sign_in(role)
        answer = self.messages(self.company)
        if not answer:
            return {}
        store = json.loads(answer)["data"]
        names = {file["id"]: file["name"] for file in store.get("ir.attachment", [])}
        return {
            message["id"]: {**message, "files": [names.get(file_id) for file_id in message.get("attachment_ids", [])]}
            for message in store.get("mail.message", [])
        }
