# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The contract of writing to a mailbox, for its owner who asks for it in the app Email.

A scan never acts: what it is given is a :class:`~.provider.Provider`, and that only reads. A session that acts is
asked for one thing at a time. It either does all of that, or raises a :class:`~.errors.MailSyncError`; after
ConnectionFailed it is not known what was done, and the next scan tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from .errors import MailSyncError
from .provider import Sender, Session

SEEN, FLAGGED, ANSWERED = "\\Seen", "\\Flagged", "\\Answered"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where messages lie after they were moved.

    ``folder``: its remote id, "" if they are in no folder that is listed or nowhere at all.
    ``remote_ids``: old id → new id, of those that have another one now and whose new one the provider told.
    """

    folder: str = ""
    remote_ids: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def sending() -> Iterator[None]:
    """Around what sends: its failures say so, for they tell nothing of what else may be done."""
    try:
        yield
    except MailSyncError as error:
        error.is_about_sending = True
        raise


class Actor(Session, Sender, Protocol):
    """A signed-in session that may change what lies in the mailbox. Ids and folders are those of ``Provider``.

    Messages that have gone meanwhile are passed over. Raises FolderGone, FolderUnreadable, and what the account may
    not do: ConsentMissing if its owner could grant it, else NotPermitted.
    """

    def set_flags(
        self, folder: str, remote_ids: Sequence[str], add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        """Set and clear flags (SEEN, FLAGGED, ANSWERED); one that the provider does not have is passed over."""

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        """Take messages out of one folder and put them into another."""

    def archive(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        """Take messages out of the inbox and keep them, as the provider's own programs do it."""

    def delete(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        """Put messages into the trash; those that lie there already are removed for good."""

    def save_draft(self, message: bytes, replacing: str = "", thread_id: str = "") -> str:
        """Keep a message (RFC 5322) among the drafts, instead of an earlier version of it; its id.

        :param replacing: the id that the earlier version has
        """

    def discard_draft(self, remote_id: str) -> None:
        """Remove a draft for good."""

    def keep_sent(self, message: bytes) -> str:
        """Make sure of the copy of what was sent, in a session that may be another one; its id, "" if that is not told.

        It is looked for by its Message-ID and put there only if nobody has done that: asked again, it is there once.
        """

    def snippets(self, folder: str, remote_ids: Sequence[str]) -> Mapping[str, str]:
        """The beginning of each message's text, as one line of some 200 characters, without fetching all of it."""
