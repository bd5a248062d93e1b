# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drafts. Each has an id of its own, and its message another one after every change; here the message's counts."""

from __future__ import annotations

from typing import Any

from googleapiclient.errors import HttpError

from ...errors import MessageGone, MessageTooLarge, ProtocolError
from . import translate
from .api import UNITS, Api
from .sending import MOST, request_with

_AT_ONCE = 500
# So many pages of drafts are looked through.
_PAGES = 20


class Drafts:
    """The drafts of a mailbox."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._drafts = api.users.drafts()

    def save(self, message: bytes, replacing: str, thread_id: str) -> str:
        """The id of the draft's message."""
        if len(message) > MOST:
            raise MessageTooLarge()
        draft_id = self._draft_of(replacing)
        try:
            return self._written(message, draft_id, thread_id)
        except MessageGone:
            # Either the draft went meanwhile, or the conversation did.
            return self._written(message, "", "")

    def discard(self, remote_id: str) -> None:
        if draft_id := self._draft_of(remote_id):
            request = self._drafts.delete(userId=self._api.user_id, id=draft_id)
            try:
                self._api.call_for_nothing(request, UNITS["discard"])
            except HttpError as error:
                told = translate.refusal(error)
                if not isinstance(told, MessageGone):
                    raise told from error

    def _written(self, message: bytes, draft_id: str, thread_id: str) -> str:
        method = self._drafts.update if draft_id else self._drafts.create
        names = {"id": draft_id} if draft_id else {}
        request = request_with(method, self._api.user_id, message, thread_id, "message", **names)
        with self._api.unrepeated():
            answer = self._ask(request, UNITS["draft"])
        with translate.reading():
            return str(answer["message"]["id"])

    def _draft_of(self, remote_id: str) -> str:
        """The id of the draft whose message this is, "" if there is none."""
        token = None
        for _ in range(_PAGES if remote_id else 0):
            request = self._drafts.list(
                userId=self._api.user_id, maxResults=_AT_ONCE, pageToken=token, includeSpamTrash=True
            )
            answer = self._ask(request, UNITS["drafts"])
            with translate.reading():
                for draft in answer.get("drafts", ()):
                    if draft["message"]["id"] == remote_id:
                        return str(draft["id"])
                token = answer.get("nextPageToken")
            if not token:
                break
        return ""

    def _ask(self, request: Any, units: int) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._api.call(request, units)
        except HttpError as error:
            if translate.is_bad_request(error):
                raise ProtocolError(server_text=translate.refusal(error).server_text) from error
            raise translate.refusal(error) from error
        return answer
