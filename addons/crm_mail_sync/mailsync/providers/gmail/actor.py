# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session with a Gmail mailbox that changes what lies in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import final

from ... import html
from ...acting import Actor, Placed, sending
from ...errors import NotPermitted
from ...provider import Traffic
from .api import Api
from .changing import Changer
from .drafts import Drafts
from .labels import ALL_MAIL
from .mailbox import Mailbox
from .messages import Message, Messages
from .sending import send
from .settings import GmailSettings

_TRASH = "TRASH"


def connect_to_act(settings: GmailSettings, clock: Callable[[], float] = time.time) -> GmailActor:
    """Sign in; raises ConnectionFailed, SignInFailed or ServerUnavailable."""
    return GmailActor(Api(settings, clock))


@final
class GmailActor(Actor):
    """Gives and takes labels; a message keeps its id whatever becomes of it, but for a draft."""

    def __init__(self, api: Api) -> None:
        self.traffic: Traffic = api.traffic
        self._api = api
        self._messages = Messages(api)
        self._changer = Changer(api, Mailbox(api))
        self._drafts = Drafts(api)

    def set_flags(
        self, folder: str, remote_ids: Sequence[str], add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        self._changer.set_flags(remote_ids, add, remove)

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        self._changer.move(folder, remote_ids, target)
        return Placed(target)

    def archive(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        self._changer.archive(folder, remote_ids)
        return Placed(ALL_MAIL)

    def delete(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        if folder == _TRASH and remote_ids:
            # It takes the whole of https://mail.google.com/, for which nobody is asked.
            raise NotPermitted(server_text="Gmail removes what lies in the trash by itself after 30 days.")
        self._changer.throw_away(folder, remote_ids)
        return Placed(_TRASH)

    def save_draft(self, message: bytes, replacing: str = "", thread_id: str = "") -> str:
        return self._drafts.save(message, replacing, thread_id)

    def discard_draft(self, remote_id: str) -> None:
        self._drafts.discard(remote_id)

    def send(self, message: bytes, thread_id: str = "") -> str:
        with sending():
            return send(self._api, message, thread_id)

    def keep_sent(self, message: bytes) -> str:
        """Gmail keeps what it sends."""
        return ""

    def snippets(self, folder: str, remote_ids: Sequence[str]) -> Mapping[str, str]:
        answers = self._messages.get(dict.fromkeys(remote_ids), "minimal", urgent=True)
        return {remote_id: html.snippet(answer.snippet) for remote_id, answer in answers if isinstance(answer, Message)}

    def close(self) -> None:
        self._api.close()
