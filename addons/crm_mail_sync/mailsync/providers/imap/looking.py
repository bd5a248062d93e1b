# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a folder holds, and where a message is: questions beside the scan, which move no bookmark."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone

from ... import plan
from ...errors import CursorExpired, FolderError
from ...looking import matches
from ...provider import Folder, Found, Inventory, Listing, Query
from .fetching import uid_of
from .grammar import quoted
from .listing import Lister, message_id
from .mailboxes import Mailboxes

# Ids of a part of an inventory.
_PART = 10_000
_ADDRESS_FIELDS = (b"FROM", b"TO", b"CC", b"BCC")
_DATE = "%d-{}-%Y"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ASCII = re.compile(r"[ -~]+")


class Looker:
    """Looks into folders of a session."""

    def __init__(self, mailboxes: Mailboxes, lister: Lister, capabilities: Iterable[str]) -> None:
        self._mailboxes = mailboxes
        self._lister = lister
        # RFC 7888: what is not ASCII goes as a literal that the server need not ask for.
        self._has_literals = not {"LITERAL+", "LITERAL-"}.isdisjoint(capabilities)
        # The rest of an inventory, so that its parts need not ask for it again. A cache: another session asks.
        self._rest_of = ""
        self._rest = array("L")

    def inventory(self, folder: str, place: str) -> Inventory:
        validity = self._mailboxes.opened_validity(folder) if place else self._opened_anew(folder)
        start = 1
        if place:
            told, _, low = place.partition(":")
            if told != str(validity):
                raise CursorExpired()
            start = int(low)
        if not place or self._rest_of != f"{place}@{folder}":
            self._rest = array("L", self._lister.uids(start, None))
        part, self._rest = self._rest[:_PART], self._rest[_PART:]
        following = f"{validity}:{self._rest[0]}" if self._rest else ""
        self._rest_of = f"{following}@{folder}"
        return Inventory(tuple(message_id(uid, validity, folder) for uid in part), following)

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        validity = self._opened_anew(folder)
        uids = {uid for remote_id in remote_ids if (uid := uid_of(remote_id, validity, folder))}
        yield from self._lister.some(folder, validity, sorted(uids)).values()

    def search(self, folders: Iterable[Folder], query: Query, limit: int) -> Iterator[Found]:
        question = self._question(query)
        if not question:
            return
        places = sorted((f for f in folders if f.selectable), key=lambda f: plan.folder_rank(f.role))
        for place in places:
            try:
                found = self._search_folder(place.remote_id, question, query, limit)
            except FolderError:
                # What cannot be opened hides nothing of the others.
                continue
            for listing in found:
                yield Found(place.remote_id, listing)
            limit -= len(found)
            if limit <= 0:
                return

    def _search_folder(self, folder: str, question: bytes, query: Query, limit: int) -> list[Listing]:
        validity = self._opened_anew(folder)
        newest = self._lister.matching(question)[-limit:]
        listings = self._lister.some(folder, validity, newest)
        return [listing for _uid, listing in sorted(listings.items(), reverse=True) if matches(listing, query)]

    def _opened_anew(self, folder: str) -> int:
        """A folder that has been open for a while shows what it held then."""
        return self._mailboxes.examine(folder, with_unseen=False).validity or 0

    def _question(self, query: Query) -> bytes:
        """The criteria of SEARCH (RFC 3501 §6.4.4); empty if the server cannot be asked so."""
        criteria = []
        if query.message_id:
            criteria += [b"HEADER MESSAGE-ID " + text for text in self._texts(query.message_id)]
        if query.address:
            for text in self._texts(query.address):
                first, second, third, fourth = (field + b" " + text for field in _ADDRESS_FIELDS)
                criteria.append(b"OR OR %s %s OR %s %s" % (first, second, third, fourth))
        criteria += [b"SUBJECT " + text for word in query.words for text in self._texts(word)]
        if not criteria:
            return b""
        if query.between:
            # Servers count days in their own time zone.
            since, before = (datetime.fromtimestamp(moment, tz=timezone.utc) for moment in query.between)
            criteria += [b"SINCE " + _day(since - timedelta(days=1)), b"BEFORE " + _day(before + timedelta(days=2))]
        asked = b" ".join(criteria)
        return asked if asked.isascii() else b"CHARSET UTF-8 " + asked

    def _texts(self, text: str) -> list[bytes]:
        """A text as an argument; of one that cannot be sent its longest part that can, which is found in it as well."""
        if not text.isascii() and self._has_literals:
            raw = text.encode()
            return [b"{%d+}\r\n%s" % (len(raw), raw)]
        parts = _ASCII.findall(text)
        return [quoted(max(parts, key=len).encode())] if parts else []


def _day(moment: datetime) -> bytes:
    """A date as IMAP writes it, whatever the locale."""
    return moment.strftime(_DATE.format(_MONTHS[moment.month - 1])).encode()
