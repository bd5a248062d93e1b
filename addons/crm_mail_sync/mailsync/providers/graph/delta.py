# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What has changed in folders: delta queries (https://learn.microsoft.com/graph/delta-query-messages).

A round is a chain of pages, each with the link to the next one (nextLink), the last one with the link to all that
will have changed by then (deltaLink). Items repeat, come unordered, may be told again in a later round, and an update
may hold nothing but what it updates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from ...errors import (
    ConsentMissing,
    CursorExpired,
    FolderGone,
    FolderUnreadable,
    MailboxDisabled,
    MailSyncError,
    MessageGone,
    MessageUnreadable,
    ProtocolError,
    ServerUnavailable,
    SignInFailed,
)
from ...letter import Head
from ...provider import Known, Listing, Page
from .batch import Batcher
from .cursor import Cursor
from .http import Client, query
from .listing import OPTIONS, WANTED, flags_of, is_whole, listing_of
from .translate import PASSING, Answer, error_of, longest

# Items of a page that is asked for in a batch, where twenty of them are held at once.
_FEW = 100
_MOST = 500

# Told of every message that is listed, and whether it is new mail, which goes before all else.
Noted = Callable[[Listing, bool], None]


class _Endless(Exception):
    """The links lead in a circle."""


@dataclass(slots=True)
class _Items:
    """A page's items: the last word about each message."""

    whole: dict[str, dict[str, Any]] = field(default_factory=dict)
    partial: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def add(self, remote_id: str, item: Mapping[str, Any]) -> None:
        if "@removed" in item:
            self.whole.pop(remote_id, None)
            self.partial.pop(remote_id, None)
            self.gone.add(remote_id)
            return
        self.gone.discard(remote_id)
        if is_whole(item):
            self.partial.pop(remote_id, None)
            self.whole[remote_id] = dict(item)
        else:
            so_far = self.whole if remote_id in self.whole else self.partial
            told = {name: value for name, value in item.items() if value is not None}
            so_far[remote_id] = {**so_far.get(remote_id, {}), **told}


class Lister:
    """Lists folders page by page. What ``changed`` was told is kept for ``page``, so that it is asked once."""

    def __init__(self, client: Client, batcher: Batcher, noted: Noted) -> None:
        self._client = client
        self._batcher = batcher
        self._noted = noted
        # folder → what was asked, and the answer
        self._kept: dict[str, tuple[str, Answer]] = {}

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        """A listing that is not at its end is named without being asked, and so is a cursor that is none of ours."""
        known = {folder: Cursor.read(text) for folder, text in cursors.items()}
        asked = {f: self._client.relative(c.link) for f, c in known.items() if c and not c.is_listing}
        answers = self._batcher.ask(asked, f"odata.maxpagesize={_FEW}", urgent=True)
        self._raise_common(answers.values())
        self._kept = {f: (asked[f], answer) for f, answer in answers.items() if answer.is_ok and _tells(answer)}
        quiet = {f for f, answer in answers.items() if answer.is_ok and f not in self._kept}
        return [folder for folder in cursors if folder not in quiet]

    def page(self, folder: str, text: str, limit: int, known: Known) -> Page:
        cursor = Cursor.read(text)
        if cursor is None:
            return self._listed(folder, Cursor(""), limit, known, reset=bool(text))
        try:
            return self._listed(folder, cursor, limit, known)
        except CursorExpired:
            # Wherever a Location may lead: a listing of our own making asks for all that we need.
            anew = Cursor("")
        except _Endless:
            if cursor.restarts:
                raise FolderUnreadable("a listing that leads in a circle") from None
            anew = Cursor("", restarts=1)
        return self._listed(folder, anew, limit, known, reset=True)

    def _listed(self, folder: str, cursor: Cursor, limit: int, known: Known, *, reset: bool = False) -> Page:
        if not cursor.link:
            cursor = replace(cursor, is_listing=True, is_first=True)
        is_new_mail = not cursor.is_first
        body = self._ask(folder, cursor, limit, urgent=is_new_mail)
        behind = self._behind(cursor, body)
        items = _sorted_out(body["value"])
        listings, flags, met = self._told(items, known, urgent=is_new_mail)
        for listing in listings:
            self._noted(listing, is_new_mail)
        return Page(
            cursor=behind.text(),
            listings=tuple(listings),
            flags=flags,
            met=met,
            gone=frozenset(items.gone),
            more=behind.is_listing,
            reset=reset,
        )

    def _ask(self, folder: str, cursor: Cursor, limit: int, *, urgent: bool) -> dict[str, Any]:
        path = self._client.relative(cursor.link) if cursor.link else self._beginning(folder)
        asked, answer = self._kept.pop(folder, ("", Answer(0)))
        if asked != path or len(_value(answer)) > limit:
            answer = self._client.get(path, f"odata.maxpagesize={min(limit, _MOST)}", urgent=urgent)
            # What is kept is older than this page: the place that it tells of a message may be the one before.
            self._kept.clear()
        if not answer.is_ok:
            raise self.refusal(answer, is_beginning=not cursor.link, urgent=urgent)
        if not isinstance(answer.body, dict) or not isinstance(answer.body.get("value"), list):
            raise ProtocolError("a listing without a value")
        return answer.body

    def _beginning(self, folder: str) -> str:
        options = query(**OPTIONS, orderby="receivedDateTime desc")
        return f"{self._client.mailbox}/mailFolders/{quote(folder, safe='')}/messages/delta{options}"

    def refusal(self, answer: Answer, *, is_beginning: bool, urgent: bool) -> MailSyncError:
        """What it means that a folder's listing was refused."""
        error = error_of(answer, FolderGone)
        if is_beginning and isinstance(error, CursorExpired):
            return ServerUnavailable(server_text=error.server_text, retry_after=error.retry_after)
        if isinstance(error, SignInFailed) and not isinstance(error, ConsentMissing):
            return error
        if answer.is_passing or isinstance(error, (FolderGone, CursorExpired)):
            return error
        if answer.status >= 500 and not answer.has_code:
            return error
        # Where others can be read it is this folder: one that was not shared, or that the service stumbles over.
        if not self._client.has_read:
            self._client.make_sure(urgent=urgent)
        return FolderUnreadable(server_text=error.server_text)

    def _behind(self, cursor: Cursor, body: Mapping[str, Any]) -> Cursor:
        following, final = body.get("@odata.nextLink"), body.get("@odata.deltaLink")
        if isinstance(following, str):
            self._client.relative(following)
            behind = replace(cursor, is_listing=True).followed(following, is_empty=not body["value"])
            if behind.is_endless:
                raise _Endless()
            return behind
        if isinstance(final, str):
            self._client.relative(final)
            return Cursor(final)
        raise ProtocolError("a listing that does not say how to go on")

    def _raise_common(self, answers: Collection[Answer]) -> None:
        """What is wrong with the whole mailbox is said at once; what with a folder, when that has its turn."""
        if busy := [answer for answer in answers if answer.status in PASSING]:
            raise error_of(longest(busy))
        for answer in answers:
            error = error_of(answer, FolderGone)
            if answer.is_ok or not isinstance(error, SignInFailed):
                continue
            if not isinstance(error, ConsentMissing):
                raise error
            if not self._client.has_read:
                self._client.make_sure(urgent=True)

    def _told(
        self, items: _Items, known: Known, *, urgent: bool
    ) -> tuple[list[Listing], dict[str, frozenset[str]], frozenset[str]]:
        """New messages, the flags of others, and those of which no more can be said than that they are here.

        A whole item is listed though it may be known: a draft that was sent keeps its id and is a letter now.
        """
        completed, unreadable = self._completed(items.partial, urgent=urgent)
        updated = [*completed, *unreadable]
        listed_before = set(known(updated)) if updated else set()
        met = {i for i in updated if i in listed_before and "isDraft" not in items.partial[i]}
        flags = {remote_id: flags_of(item) for remote_id, item in completed.items() if remote_id in met}
        whole = [*items.whole.values(), *(item for remote_id, item in completed.items() if remote_id not in met)]
        new = [listing_of(item) for item in whole]
        new += [listing for remote_id, listing in unreadable.items() if remote_id not in met]
        return new, flags, frozenset(met.intersection(unreadable))

    def _completed(
        self, partial: Collection[str], *, urgent: bool
    ) -> tuple[dict[str, dict[str, Any]], dict[str, Listing]]:
        """The whole of what was updated in part: an update does not say which other flags a message has.

        Beside it those that cannot be read. What is in neither is gone by now, which the folder's next round will tell.
        """
        paths = {i: f"{self._client.mailbox}/messages/{quote(i, safe='')}{WANTED}" for i in partial}
        answers = self._batcher.ask(paths, urgent=urgent)
        self._raise_unanswered(answers.values(), urgent=urgent)
        found: dict[str, dict[str, Any]] = {}
        unreadable: dict[str, Listing] = {}
        for remote_id, answer in answers.items():
            if answer.is_ok and isinstance(answer.body, dict) and is_whole(answer.body):
                found[remote_id] = {**answer.body, "id": remote_id}
            elif not isinstance(error := error_of(answer, MessageGone), MessageGone):
                reason = MessageUnreadable(server_text=error.server_text)
                unreadable[remote_id] = Listing(remote_id, Head(), error=reason)
        return found, unreadable

    def _raise_unanswered(self, answers: Collection[Answer], *, urgent: bool) -> None:
        """Raise what says nothing of the message: the page is asked again then, and no update is lost."""
        refused = [answer for answer in answers if not answer.is_ok]
        if waiting := [
            answer for answer in refused if answer.status >= 500 or answer.is_passing or not answer.has_code
        ]:
            raise error_of(longest(waiting), MessageGone)
        errors = [error_of(answer, MessageGone) for answer in refused]
        for error in errors:
            if isinstance(error, SignInFailed) and not isinstance(error, (ConsentMissing, MailboxDisabled)):
                raise error
        if any(isinstance(error, MailboxDisabled) for error in errors):
            # A message has been seen to be refused so.
            self._client.make_sure(urgent=urgent)


def _sorted_out(value: list[Any]) -> _Items:
    items = _Items()
    for item in value:
        remote_id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(remote_id, str) or not remote_id:
            raise ProtocolError("an item without an id")
        items.add(remote_id, item)
    return items


def _value(answer: Answer) -> list[Any]:
    value = answer.body.get("value") if isinstance(answer.body, dict) else None
    return value if isinstance(value, list) else []


def _tells(answer: Answer) -> bool:
    """Whether there is anything, or anything to come, behind the link that was asked."""
    return bool(_value(answer)) or not isinstance(answer.body, dict) or "@odata.deltaLink" not in answer.body
