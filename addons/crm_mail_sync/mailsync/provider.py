# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The contract between the scan and a mail provider.

- *folder*: where messages lie at the provider (IMAP mailbox, Gmail label, Graph mailFolder).
- *listing*: one message as a folder's listing shows it: id, size, flags, header; no body.
- *cursor*: the provider's own bookmark in a folder, opaque text for everybody else. "" is the beginning.

A provider only ever reads (IMAP EXAMINE and PEEK, read scopes). It keeps no state that a cursor does not hold,
so that a process can die at any moment. Every failure is a :class:`~.errors.MailSyncError`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Protocol, TypeVar

from .errors import MessageError
from .letter import Head

# Which of these ids were listed before, in whatever folder of the mailbox.
Known = Callable[[Sequence[str]], Collection[str]]


def nothing_known(_remote_ids: Sequence[str]) -> Collection[str]:
    """For a mailbox that nothing was listed of yet."""
    return ()


FolderRole = Literal["", "inbox", "sent", "drafts", "junk", "trash", "archive", "all", "flagged"]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as the provider lists it.

    ``remote_id`` is how the provider knows it, ``path`` its names from the root as a person reads them.
    """

    remote_id: str
    path: tuple[str, ...]
    role: FolderRole = ""
    selectable: bool = True

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Listing:
    """A message as it lies in a folder.

    ``remote_id`` is unique in the mailbox and never given to another message. ``size`` in bytes, 0 if unknown.
    ``thread_id``: the provider's own name for the conversation, good in this mailbox only.
    ``received``: seconds since the epoch when the provider took the message in (INTERNALDATE).
    ``error``: why the provider could not show the message's header; ``head`` is empty then and decides nothing.
    ``snippet``: the beginning of its text on one line, "" where the provider does not tell it with its listing.
    """

    remote_id: str
    head: Head
    size: int = 0
    received: float | None = None
    flags: frozenset[str] = frozenset()
    thread_id: str = ""
    error: MessageError | None = None
    snippet: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """A step through a folder's changes; ``cursor`` stands behind exactly what this page and those before it hold.

    ``reset``: what was known of this folder is void (UIDVALIDITY, 410, 404): the folder is listed from its beginning
    with this page, and what is not met again by the last page is gone. Unless the provider's ids are stable, those
    seen before are dead, and messages are recognised by their heads.
    ``flags``: new flags of messages listed before. ``met``: messages listed before of which nothing is new but that
    the folder holds them. Either says that the message lies here now, wherever it lay before.
    ``gone``: ids that are no longer in the folder.
    ``present``: if not None, every id the folder holds now; what is known and not in it is gone.
    ``remaining``: messages still to be listed behind this page, None if the provider cannot tell.
    """

    cursor: str
    listings: tuple[Listing, ...] = ()
    flags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    met: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    present: frozenset[str] | None = None
    more: bool = False
    reset: bool = False
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """A part of what a folder holds; ``following`` is the place where the next part begins, "" behind the last."""

    remote_ids: tuple[str, ...]
    following: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What a message is looked for by; all that is given must hold.

    ``message_id`` without angle brackets. ``address`` in any of the header's fields. ``words`` of the subject.
    ``between``: seconds since the epoch, when the provider took the message in.
    """

    message_id: str = ""
    address: str = ""
    words: tuple[str, ...] = ()
    between: tuple[float, float] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing; then nothing is found."""
        return not (self.message_id or self.address or self.words)


@dataclass(frozen=True, slots=True)
class Found:
    """A message that was looked for, and a folder that holds it."""

    folder: str
    listing: Listing


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message's bytes, or why it was not to be had."""

    remote_id: str
    content: bytes | None = field(default=None, repr=False)
    error: MessageError | None = None


@dataclass(slots=True)
class Traffic:
    """What a session cost so far.

    ``requests``: round trips. ``bytes_received``: of messages and listings. ``units``: of the provider's quota.
    ``pace``: what was used of the quota lately, the provider's own text (``pace.Budget``). It is kept with the
    mailbox and given to the next session, so that one keeps within the same limits as the other.
    """

    requests: int = 0
    bytes_received: int = 0
    units: int = 0
    pace: str = ""


_Session = TypeVar("_Session", bound="Session")


class Session(Protocol):
    """A signed-in session with one mailbox; a context manager that signs out."""

    traffic: Traffic

    def close(self) -> None:
        """Sign out; never raises."""

    def __enter__(self: _Session) -> _Session:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Sender(Protocol):
    """A session that sends mail as the mailbox's owner."""

    def send(self, message: bytes, thread_id: str = "") -> str:
        """Send a whole message (RFC 5322) to all whom To, Cc and Bcc name; Bcc is shown to none of them.

        The id under which the mailbox keeps it, "" if the provider does not tell.

        :param thread_id: the conversation that it belongs to (``Listing.thread_id``); "" begins one.
        Raises MessageTooLarge, MessageRefused or RecipientsRefused, and then nobody gets it. After a ConnectionFailed
        it is not known whether the message was sent.
        """


class Provider(Session, Protocol):
    """A session that reads.

    ``stable_ids``: a message keeps its remote id wherever it is moved and whatever becomes of a bookmark; it may
    lie in several folders at once, under the one id. Else an id is good for one folder until that is reset.
    ``asks_known``: what ``changes`` tells depends on ``known``.
    Any call may raise Paced, and leaves what it gave before valid.
    """

    stable_ids: bool
    asks_known: bool

    def folders(self) -> list[Folder]:
        """All folders, parents before children."""

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        """Which of these folders (remote id → cursor) may hold something behind their cursor.

        The cheapest question that the provider knows. It may name a folder in vain, never leave one out.
        """

    def changes(self, folder: str, cursor: str, limit: int = 500, known: Known = nothing_known) -> Page:
        """The next page behind ``cursor``, newest messages first on the first listing; at most ``limit`` listings.

        A provider that pays for every header asks ``known`` first, and tells of these messages as ``met``.
        Raises FolderGone or FolderUnreadable. An expired cursor is no error: the page says ``reset``.
        """

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        """The messages' bytes, in any order, each id answered exactly once; the flags stay as they are.

        The caller keeps a call's total within its memory (``plan.batches``). An error raised on the way leaves
        what was yielded before valid. To hold one message at a time the caller lets go of it before the next.
        """

    def inventory(self, folder: str, place: str = "") -> Inventory:
        """The ids of what a folder holds, part by part; no headers, and no cursor moves.

        What comes or goes meanwhile may be in it or not; all else is in it. Raises CursorExpired if ``place`` is not
        good any more, FolderGone or FolderUnreadable.
        """

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        """Those of these messages that the folder holds, in any order, as ``changes`` would list them."""

    def search(self, query: Query, limit: int = 20) -> Iterator[Found]:
        """Ask the server for messages in all folders, newest first in each; at most ``limit`` of them, each once.

        What it finds depends on how the server searches; what is yielded does match the query.
        """
