# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Labels that are given and taken: read, starred, moved, archived, thrown away."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from googleapiclient.errors import HttpError

from ...acting import FLAGGED, SEEN
from ...errors import MessageGone, NotPermitted
from . import translate
from .api import UNITS, Api
from .labels import ALL_MAIL, PUT_AWAY
from .mailbox import Mailbox

# Ids of one request.
_MOST = 1_000
_ID = re.compile(r"[0-9a-f]{1,32}")
# Only Gmail itself gives and takes these.
_FIXED = frozenset({"SENT", "DRAFT"})


class Changer:
    """Changes the messages of a mailbox."""

    def __init__(self, api: Api, mailbox: Mailbox) -> None:
        self._api = api
        self._mailbox = mailbox

    def set_flags(self, remote_ids: Sequence[str], add: Collection[str], remove: Collection[str]) -> None:
        """Gmail knows no \\Answered."""
        given = {"STARRED"} & _labels(add) | {"UNREAD"} & _labels(remove)
        taken = {"STARRED"} & _labels(remove) | {"UNREAD"} & _labels(add)
        self._change(remote_ids, given, taken)

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> None:
        """All Mail holds what has no place, and so takes away those that a letter has here."""
        if target in _FIXED:
            raise NotPermitted(server_text=f"Gmail alone puts messages into {target.lower()}")
        if folder == target:
            return
        given = set() if target == ALL_MAIL else {target}
        taken = {"INBOX"} if folder == ALL_MAIL or target in PUT_AWAY | {ALL_MAIL} else set()
        taken |= {folder} - _FIXED - {ALL_MAIL}
        self._change(remote_ids, given, taken - given, places=(folder, target))

    def archive(self, folder: str, remote_ids: Sequence[str]) -> None:
        """It keeps its other labels."""
        self._change(remote_ids, (), {"INBOX"} | ({folder} & PUT_AWAY))

    def throw_away(self, folder: str, remote_ids: Sequence[str]) -> None:
        self._change(remote_ids, {"TRASH"}, {"INBOX"} | ({folder} & PUT_AWAY), places=(folder,))

    def _change(
        self,
        remote_ids: Sequence[str],
        add: Collection[str],
        remove: Collection[str],
        places: Sequence[str] = (),
    ) -> None:
        ids = [remote_id for remote_id in dict.fromkeys(remote_ids) if _ID.fullmatch(remote_id)]
        body = {"addLabelIds": sorted(add), "removeLabelIds": sorted(remove)}
        if not (add or remove):
            return
        for start in range(0, len(ids), _MOST):
            self._ask(ids[start : start + _MOST], body, places)

    def _ask(self, ids: Sequence[str], body: dict[str, Any], places: Sequence[str]) -> None:
        try:
            if len(ids) == 1:
                request = self._api.messages.modify(userId=self._api.user_id, id=ids[0], body=body)
                self._api.call(request, UNITS["modify"])
            else:
                request = self._api.messages.batchModify(userId=self._api.user_id, body={"ids": list(ids), **body})
                self._api.call_for_nothing(request, UNITS["modify_many"])
        except HttpError as error:
            told = translate.refusal(error)
            if not (isinstance(told, MessageGone) or translate.is_bad_request(error)):
                raise told from error
            # Of one message a 404 says that it has gone; else a label may have.
            self._mailbox.folders()
            for place in places:
                self._mailbox.labels.require(place)
            if not isinstance(told, MessageGone):
                raise NotPermitted(server_text=told.server_text) from error


def _labels(flags: Collection[str]) -> set[str]:
    """What these flags are called as labels, or as the lack of one."""
    return {label for flag, label in ((FLAGGED, "STARRED"), (SEEN, "UNREAD")) if flag in flags}
