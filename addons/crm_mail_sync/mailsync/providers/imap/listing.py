# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is new in a folder: pages of headers, newest first, then flags and deletions."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Sequence
from dataclasses import replace

from ...errors import MessageUnreadable, ProtocolError
from ...letter import Head
from ...mime import HEAD_FIELDS, read_head
from ...provider import Listing, Page
from .cursor import Cursor, Status
from .grammar import (
    Item,
    Response,
    expanded,
    flag_set,
    internal_date,
    number,
    pairs,
    uid_set,
)
from .mailboxes import Mailboxes
from .wire import Completion, Wire

_HEADER = b"BODY.PEEK[HEADER.FIELDS (%s)]" % " ".join(sorted(HEAD_FIELDS)).upper().encode()
_LISTED = b"(UID FLAGS INTERNALDATE RFC822.SIZE " + _HEADER + b")"
_FETCH = re.compile(rb"\d+ FETCH\b", re.IGNORECASE)
# A folder of more messages is beyond what any provider holds.
_MOST_UIDS = 50_000_000
# UIDs of one command; keeps its line below 8,000 bytes, which every server takes (RFC 2683 §3.2.1.5).
_AT_ONCE = 500


def message_id(uid: int, validity: int, folder: str) -> str:
    """The remote id of a message: never given to another one (RFC 3501 §2.3.1.1)."""
    return f"{uid}.{validity}@{folder}"


class Lister:
    """Steps through folders of a session."""

    def __init__(self, wire: Wire, mailboxes: Mailboxes) -> None:
        self._wire = wire
        self._mailboxes = mailboxes
        # The backlog's UIDs of one folder, so that its pages need not ask for them again. A cache:
        # another session finds the same by its cursor.
        self._backlog_of: tuple[str, int, int] = ("", 0, 0)
        self._backlog = array("L")

    def page(self, folder: str, cursor: str, limit: int) -> Page:
        known = Cursor.read(cursor)
        without_modseq = known is not None and not known.modseq
        status = self._mailboxes.examine(folder, with_unseen=without_modseq or not self._mailboxes.has_condstore)
        validity, following = status.validity or 0, status.next or 1
        reset = bool(cursor) and (known is None or known.void_under(validity, following))
        if known is None or reset:
            known = Cursor(validity, following, following, modseq=status.modseq or 0)
        return _Step(self, folder, known, status, limit).page(reset)

    # What a step asks of the server

    def headers(
        self, folder: str, validity: int, low: int, high: int, expected: Collection[int] = ()
    ) -> dict[int, Listing]:
        """The listings of the messages in [low, high], by UID.

        :param expected: the UIDs that a search found there, if it was asked. Without, an answer with gaps is held
            against one: some servers leave messages out and say OK.
        """
        found: dict[int, Listing] = {}
        is_whole = True
        for answer in self._wire.stream(b"UID FETCH %d:%d " % (low, high) + _LISTED):
            if isinstance(answer, Completion):
                is_full = all(uid in found for uid in expected or range(low, high + 1))
                if not (answer.is_ok and is_whole and is_full):
                    found.update(self._one_by_one(folder, validity, low, high, set(found)))
                break
            listed = _listing(answer, folder, validity)
            if listed and low <= listed[0] <= high:
                found[listed[0]] = listed[1]
            # What is a listing is not lost, and is not to be parsed twice.
            is_whole = is_whole and not (listed is None and _is_lost(answer))
        return found

    def _one_by_one(self, folder: str, validity: int, low: int, high: int, found: set[int]) -> dict[int, Listing]:
        """What an answer left out, each message on its own: a broken one hides no other."""
        listings: dict[int, Listing] = {}
        for uid in self.uids(low, high):
            if uid in found:
                continue
            responses, completion = self._wire.run(b"UID FETCH %d " % uid + _LISTED)
            for response in responses:
                listed = _listing(response, folder, validity)
                if listed and listed[0] == uid:
                    listings[uid] = listed[1]
            if uid not in listings:
                text = "" if completion.is_ok else completion.text
                listings[uid] = _unreadable(uid, folder, validity, text)
        return listings

    def some(self, folder: str, validity: int, uids: Sequence[int]) -> dict[int, Listing]:
        """The listings of these messages of the open folder, by UID; those that are gone are left out."""
        found: dict[int, Listing] = {}
        for start in range(0, len(uids), _AT_ONCE):
            wanted = uids[start : start + _AT_ONCE]
            for answer in self._wire.stream(b"UID FETCH " + uid_set(wanted) + b" " + _LISTED):
                listed = _listing(answer, folder, validity) if isinstance(answer, Response) else None
                if listed:
                    found[listed[0]] = listed[1]
            for uid in wanted:
                if uid not in found:
                    found.update(self._one_by_one(folder, validity, uid, uid, set()))
        asked = set(uids)
        return {uid: listing for uid, listing in found.items() if uid in asked}

    def matching(self, question: bytes) -> list[int]:
        """The UIDs of the open folder for which these criteria hold, ascending."""
        return sorted(self._expanded(self._mailboxes.search_for(question)))

    def uids(self, low: int, high: int | None) -> list[int]:
        """The UIDs of the open folder in [low, high], ascending."""
        if high is not None and high < low:
            return []
        found = self._expanded(self._mailboxes.search(low, high))
        return [uid for uid in found if uid >= low and (high is None or uid <= high)]

    @staticmethod
    def _expanded(found: bytes | None) -> list[int]:
        if found is None:
            raise ProtocolError("the server does not search")
        numbers = expanded(found, _MOST_UIDS) if found else []
        if numbers is None:
            raise ProtocolError("the server's search makes no sense")
        return numbers

    def backlog(self, folder: str, validity: int, low: int) -> array[int]:
        """UIDs below ``low``, ascending."""
        if self._backlog_of != (folder, validity, low):
            self._backlog = array("L", self.uids(1, low - 1))
            self._backlog_of = (folder, validity, low)
        return self._backlog

    def listed_down_to(self, folder: str, validity: int, low: int) -> None:
        """What lies at ``low`` and above is no backlog any more."""
        while self._backlog and self._backlog[-1] >= low:
            self._backlog.pop()
        self._backlog_of = (folder, validity, low)

    def flags(self, low: int, high: int, since: int = 0) -> dict[int, frozenset[str]]:
        """The flags of the messages in [low, high], of those changed since a MODSEQ only if it is given."""
        if high < low:
            return {}
        command = b"UID FETCH %d:%d (UID FLAGS)" % (low, high)
        if since:
            command += b" (CHANGEDSINCE %d)" % since
        found = {}
        for answer in self._wire.stream(command):
            if isinstance(answer, Response):
                values = fetched_items(answer)
                uid = number(values.get(b"UID"))
                if uid is not None and low <= uid <= high and b"FLAGS" in values:
                    found[uid] = flag_set(values[b"FLAGS"])
            elif not answer.is_ok:
                raise ProtocolError("the server does not tell its flags")
        return found


class _Step:
    """One page: new mail before the backlog, flags and deletions when both are at their end."""

    def __init__(self, lister: Lister, folder: str, known: Cursor, status: Status, limit: int) -> None:
        self._lister = lister
        self._folder = folder
        self._known = known
        self._status = status
        self._limit = max(limit, 1)
        self._following = status.next or 1

    def page(self, reset: bool) -> Page:
        if self._known.next < self._following:
            listings, behind, left = self._new()
        elif self._known.has_backlog:
            listings, behind, left = self._older()
        else:
            listings, behind, left = {}, self._known, 0
        more = behind.has_backlog or behind.next < self._following
        flags: dict[int, frozenset[str]] = {}
        present: list[int] | None = None
        if not more:
            flags, present, behind = self._rest(behind)
        return Page(
            cursor=behind.text(),
            listings=tuple(listing for _, listing in sorted(listings.items(), reverse=True)),
            flags={self._id(u): value for u, value in flags.items() if u not in listings},
            present=None if present is None else frozenset(map(self._id, present)),
            more=more,
            reset=reset,
            remaining=left,
        )

    def _id(self, uid: int) -> str:
        return message_id(uid, self._known.validity, self._folder)

    def _new(self) -> tuple[dict[int, Listing], Cursor, int]:
        """The next page above what is listed, in ascending order, so that what is listed stays one range."""
        low, high = self._known.next, self._following - 1
        left = 0
        uids: list[int] = []
        if high - low >= self._limit:
            uids = self._lister.uids(low, high)
            left = max(len(uids) - self._limit, 0)
            if left:
                uids = uids[: self._limit]
                high = uids[-1]
            low = uids[0] if uids else self._following
        listings = self._headers(low, high, uids)
        behind = self._counted(listings, self._known.low, high + 1)
        if behind.has_backlog:
            left += len(self._backlog())
        return listings, behind, left

    def _older(self) -> tuple[dict[int, Listing], Cursor, int]:
        """The next page below what is listed."""
        if self._known.low - 1 <= self._limit:
            # As few numbers hold no more messages: there is nothing to search.
            listings = self._headers(1, self._known.low - 1)
            return listings, self._counted(listings, 1, self._known.next), 0
        backlog = self._backlog()
        page = backlog[-self._limit :]
        left = len(backlog) - len(page)
        listings = self._headers(page[0], page[-1], page) if page else {}
        low = page[0] if left else 1
        self._lister.listed_down_to(self._folder, self._known.validity, low)
        return listings, self._counted(listings, low, self._known.next), left

    def _rest(self, behind: Cursor) -> tuple[dict[int, frozenset[str]], list[int] | None, Cursor]:
        """Flags and deletions below what was listed before this page, and the cursor behind them."""
        high = self._known.next - 1
        status, modseq = self._status, self._status.modseq or 0
        flags: dict[int, frozenset[str]] = {}
        present: list[int] | None = None
        if modseq and behind.modseq:
            if modseq != behind.modseq:
                # A server that was restored counts from further back: then all flags are asked for.
                since = behind.modseq if modseq > behind.modseq else 0
                flags = self._lister.flags(1, high, since)
            if status.messages != behind.messages:
                present = self._lister.uids(1, None)
        elif status.messages != behind.messages or status.unseen not in (None, behind.unseen):
            # Without CONDSTORE one question tells both.
            flags = self._lister.flags(1, behind.next - 1)
            present = sorted(flags)
            if len(present) != status.messages:
                # What the answer left out is not gone for that.
                present = self._lister.uids(1, behind.next - 1)
            unseen = sum("\\Seen" not in value for value in flags.values())
            behind = replace(behind, unseen=unseen)
        if present is not None:
            behind = replace(behind, messages=sum(uid < behind.next for uid in present))
        return flags, present, replace(behind, modseq=modseq)

    def _headers(self, low: int, high: int, expected: Collection[int] = ()) -> dict[int, Listing]:
        if high < low:
            return {}
        return self._lister.headers(self._folder, self._known.validity, low, high, expected)

    def _backlog(self) -> array[int]:
        return self._lister.backlog(self._folder, self._known.validity, self._known.low)

    def _counted(self, listings: dict[int, Listing], low: int, following: int) -> Cursor:
        unseen = sum("\\Seen" not in listing.flags for listing in listings.values())
        return self._known.listed(low, following, len(listings), unseen)


def fetched_items(response: Response) -> dict[bytes, Item]:
    """What a FETCH response tells, by item; empty for any other response and for what breaks the syntax."""
    items = response.items()
    if items is None or len(items) != 3 or not isinstance(items[2], list):
        return {}
    word = items[1]
    return pairs(items[2]) if isinstance(word, bytes) and word.upper() == b"FETCH" else {}


def _listing(response: Response, folder: str, validity: int) -> tuple[int, Listing] | None:
    values = fetched_items(response)
    uid = number(values.get(b"UID"))
    if not uid or b"BODY" not in values:
        return None
    header = values[b"BODY"]
    if not isinstance(header, bytes):
        return uid, _unreadable(uid, folder, validity, "")
    return uid, Listing(
        remote_id=message_id(uid, validity, folder),
        head=read_head(header),
        size=number(values.get(b"RFC822.SIZE")) or 0,
        received=internal_date(values.get(b"INTERNALDATE")),
        flags=flag_set(values.get(b"FLAGS")),
    )


def _is_lost(response: Response) -> bool:
    """Whether a FETCH response hides of which message it tells, or that it tells of one at all."""
    values = fetched_items(response)
    if not values:
        return _FETCH.match(response.text) is not None
    return b"BODY" in values and not number(values.get(b"UID"))


def _unreadable(uid: int, folder: str, validity: int, text: str) -> Listing:
    """A message that is there and does not show itself: it is accounted for all the same."""
    error = MessageUnreadable(server_text=text)
    return Listing(message_id(uid, validity, folder), Head(), error=error)
