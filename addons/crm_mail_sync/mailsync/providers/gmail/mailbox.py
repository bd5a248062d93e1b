# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The questions that are asked of a mailbox besides its messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from googleapiclient.errors import HttpError

from ...errors import CursorExpired, MessageGone, ProtocolError
from ...provider import Folder
from . import translate
from .api import UNITS, Api
from .history import Snapshot
from .labels import ALL_MAIL, Labels, folders_of, list_arguments

_IDS_AT_ONCE = 500
# Messages above this (bytes) are not asked for whole before it is known that they are wanted.
LARGE = 4 * 1024 * 1024
# Pages of ids of large messages. Those that are not found beforehand only cost more memory.
_LARGE_PAGES = 4
# A history that never ends is none.
_MOST_PAGES = 2_000


@dataclass(frozen=True, slots=True)
class Ids:
    """A page of ids, and the token of the next one; "" behind the last."""

    ids: tuple[str, ...]
    following: str


class PageExpired(Exception):
    """The token of a page of ids is not good any more."""


class Mailbox:
    """Labels, profile, history and lists of ids."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.labels = Labels()

    def folders(self) -> list[Folder]:
        answer = self._ask(self._api.users.labels().list(userId=self._api.user_id), "labels")
        with translate.reading():
            folders = folders_of(answer.get("labels", ()))
        self.labels.note(folders)
        return folders

    def require(self, folder: str) -> None:
        """Raises FolderGone if there is no such label, as the session's first look at them says."""
        if not self.labels.is_known:
            self.folders()
        self.labels.require(folder)

    def now(self) -> tuple[int, int]:
        """The number of what happened last, and how many messages there are."""
        answer = self._ask(self._api.users.getProfile(userId=self._api.user_id), "profile")
        with translate.reading():
            return int(answer["historyId"]), int(answer.get("messagesTotal", 0))

    def count(self, folder: str, of_all: int) -> int:
        """How many messages a folder holds; ``of_all`` is what the profile says."""
        if folder == ALL_MAIL:
            return of_all
        answer = self._ask(self._api.users.labels().get(userId=self._api.user_id, id=folder), "label")
        with translate.reading():
            return int(answer.get("messagesTotal", 0))

    def history(self, start: int) -> Snapshot:
        """Everything behind the record ``start``; raises CursorExpired if Gmail has forgotten where that was."""
        pages = list(self._history_pages(start))
        with translate.reading():
            # What happens while the pages are turned is in a later answer's number and may not be in its records.
            end = int(pages[0]["historyId"])
            records = [record for page in pages for record in page.get("history", ())]
            return Snapshot.of(start, end, (record for record in records if int(record["id"]) <= end))

    def _history_pages(self, start: int) -> Iterator[dict[str, Any]]:
        token = None
        for _ in range(_MOST_PAGES):
            request = self._api.users.history().list(
                userId=self._api.user_id, startHistoryId=str(start), maxResults=_IDS_AT_ONCE, pageToken=token
            )
            try:
                page = self._api.call(request, UNITS["history"])
            except HttpError as error:
                told = translate.refusal(error)
                if isinstance(told, MessageGone) or translate.is_bad_request(error):
                    raise CursorExpired() from error
                raise told from error
            yield page
            with translate.reading():
                token = page.get("nextPageToken")
            if not token:
                return
        raise ProtocolError("a history without an end")

    def ids(self, folder: str, token: str) -> Ids:
        """A page of the folder's ids, mostly the newest first; raises PageExpired or FolderGone."""
        return self._ids(folder, token, urgent=False)

    def large(self, folder: str) -> frozenset[str]:
        """Ids of the folder's large messages, as far as they are found cheaply."""
        found: set[str] = set()
        token = ""
        for _ in range(_LARGE_PAGES):
            page = self._ids(folder, token, urgent=True, search=f"larger:{LARGE}")
            found.update(page.ids)
            token = page.following
            if not token:
                break
        return frozenset(found)

    def search(self, question: str, limit: int) -> tuple[str, ...]:
        """Ids of what is found in the whole mailbox, spam and trash as well, newest first."""
        request = self._api.messages.list(userId=self._api.user_id, maxResults=limit, q=question, includeSpamTrash=True)
        answer = self._ask(request, "list")
        with translate.reading():
            return tuple(dict.fromkeys(str(message["id"]) for message in answer.get("messages", ())))

    def _ids(self, folder: str, token: str, *, urgent: bool, search: str = "") -> Ids:
        arguments = list_arguments(folder)
        if search:
            arguments["q"] = f"{arguments.get('q', '')} {search}".strip()
        request = self._api.messages.list(
            userId=self._api.user_id,
            maxResults=_IDS_AT_ONCE,
            pageToken=token or None,
            **arguments,
        )
        try:
            answer = self._api.call(request, UNITS["list"], urgent=urgent)
        except HttpError as error:
            told = translate.refusal(error)
            if not (isinstance(told, MessageGone) or translate.is_bad_request(error)):
                raise told from error
            if token:
                raise PageExpired() from error
            # Either the label went while we looked, or the question is one that Gmail does not understand.
            self.folders()
            self.labels.require(folder)
            raise translate.broken_answer() from error
        with translate.reading():
            ids = dict.fromkeys(str(message["id"]) for message in answer.get("messages", ()))
            return Ids(tuple(ids), str(answer.get("nextPageToken", "")))

    def _ask(self, request: Any, name: str) -> Any:
        try:
            return self._api.call(request, UNITS[name])
        except HttpError as error:
            told = translate.refusal(error)
            # Of what is no message a 404 says that there is no mailbox, or no such label, where we looked.
            raise (ProtocolError() if isinstance(told, MessageGone) else told) from error
