# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A page while it is being made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...errors import MessageError
from ...letter import Head
from ...provider import Listing, Page
from .cursor import Cursor
from .labels import holds
from .messages import Answer, Message, header_of

# A page's messages are kept in memory until they are archived, and lost with the session if there is no time for that.
_PAGE_MESSAGES = 100
_PAGE_BYTES = 8 * 1024 * 1024
# Ids in a page that are known and cost nothing.
_PAGE_MET = 5_000


@dataclass(slots=True)
class Draft:
    """What a page holds so far. ``is_cut``: something went wrong, and what there is goes out first."""

    folder: str
    limit: int
    listings: list[Listing] = field(default_factory=list)
    flags: dict[str, frozenset[str]] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    size: int = 0
    is_cut: bool = False

    @property
    def room(self) -> int:
        """Messages that may still be listed."""
        if self.is_cut or self.size >= _PAGE_BYTES or len(self.met) >= _PAGE_MET:
            return 0
        return min(self.limit, _PAGE_MESSAGES) - len(self.listings)

    def while_room(self, ids: Iterable[str]) -> Iterator[str]:
        """These ids until the page is full."""
        for remote_id in ids:
            if self.room <= 0:
                return
            yield remote_id

    @property
    def is_empty(self) -> bool:
        return not (self.listings or self.flags or self.met or self.gone)

    def take(self, remote_id: str, answer: Answer) -> None:
        """List a message as it turned out to be."""
        if isinstance(answer, MessageError):
            if answer.code != "message_gone":
                self.listings.append(Listing(remote_id, Head(), error=answer))
        elif holds(self.folder, answer.labels):
            self.listings.append(listing_of(answer))
            self.size += len(answer.content or b"")

    def page(self, cursor: Cursor, *, more: bool, reset: bool) -> Page:
        listed = {listing.remote_id for listing in self.listings}
        return Page(
            cursor=cursor.text(),
            listings=tuple(self.listings),
            flags={key: flags for key, flags in self.flags.items() if key not in listed},
            met=frozenset(self.met - self.flags.keys() - listed - self.gone),
            gone=frozenset(self.gone),
            more=more,
            reset=reset,
            remaining=cursor.remaining,
        )


def listing_of(message: Message) -> Listing:
    """A message as a listing of the contract."""
    return Listing(
        remote_id=message.id,
        head=message.head if message.content is None else header_of(message.content),
        size=message.size,
        received=message.received,
        flags=message.flags,
        thread_id=message.thread_id,
        snippet=message.snippet,
    )
