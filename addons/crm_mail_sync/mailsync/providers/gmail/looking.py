# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a label holds, and where a message is: questions beside the scan, which move no bookmark."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ...errors import CursorExpired, MessageError, MessageUnreadable
from ...letter import Head
from ...looking import matches
from ...provider import Found, Inventory, Listing, Query
from .draft import listing_of
from .labels import ALL_MAIL, holds
from .mailbox import Mailbox, PageExpired
from .messages import Messages

# In which of its labels a message is said to lie: the first of these, else one of the user's own.
_PLACES = ("SPAM", "TRASH", "INBOX", "SENT", "DRAFT")


class Looker:
    """Looks into folders of a session."""

    def __init__(self, mailbox: Mailbox, messages: Messages) -> None:
        self._mailbox = mailbox
        self._messages = messages

    def inventory(self, folder: str, place: str) -> Inventory:
        self._mailbox.require(folder)
        try:
            ids = self._mailbox.ids(folder, place)
        except PageExpired as error:
            raise CursorExpired() from error
        return Inventory(ids.ids, ids.following)

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        self._mailbox.require(folder)
        for remote_id, answer in self._messages.get(dict.fromkeys(remote_ids), "metadata"):
            if isinstance(answer, MessageUnreadable):
                yield Listing(remote_id, Head(), error=answer)
            elif not isinstance(answer, MessageError) and holds(folder, answer.labels):
                yield listing_of(answer)

    def search(self, query: Query, limit: int) -> Iterator[Found]:
        question = _question(query)
        if not question:
            return
        ids = self._mailbox.search(question, limit)
        answers = dict(self._messages.get(ids, "metadata", urgent=True))
        for remote_id in ids:
            answer = answers.get(remote_id)
            if answer is None or isinstance(answer, MessageError):
                continue
            if matches(listing := listing_of(answer), query):
                yield Found(self._place(answer.labels), listing)

    def _place(self, labels: Collection[str]) -> str:
        own = sorted(label for label in labels if label.startswith("Label_"))
        return next((label for label in (*_PLACES, *own) if label in labels), ALL_MAIL)


def _question(query: Query) -> str:
    """In Gmail's search language (https://support.google.com/mail/answer/7190)."""
    terms = []
    if query.message_id:
        terms.append(f"rfc822msgid:{_quoted(query.message_id)}")
    if query.address:
        address = _quoted(query.address)
        terms.append("{" + " ".join(f"{field}:{address}" for field in ("from", "to", "cc", "bcc")) + "}")
    terms += [f"subject:{_quoted(word)}" for word in query.words]
    if terms and query.between:
        terms += [f"after:{int(query.between[0])}", f"before:{int(query.between[1]) + 1}"]
    return " ".join(terms)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', " ") + '"'
