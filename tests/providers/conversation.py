# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the tests of a faulty IMAP server say to it."""

from __future__ import annotations

from mailsync.provider import Fetched, Page
from mailsync.providers.imap import connect

from .scripted import MESSAGES, Answer, ScriptedServer

LISTING = b"UID FETCH 11:15 (UID FLAGS INTERNALDATE"
# Below the range that a page holds, the server is not searched first.
LIMIT = 10
BODIES = b"UID FETCH 11:12,15 (UID BODY"
IDS = [f"{uid}.7@INBOX" for uid in MESSAGES]
CURSOR = "[1,7,1,16,3,0,40]"


def session(server: ScriptedServer, received: list[Fetched], **changes: object) -> Page:
    """A whole session: log-in, folders, the question for news, a listing, the bodies."""
    with connect(server.settings(**changes)) as provider:
        folders = provider.folders()
        assert folders[0].remote_id == "INBOX"
        assert provider.changed({"INBOX": CURSOR}) in ([], ["INBOX"])
        page = provider.changes("INBOX", "", LIMIT)
        received.extend(provider.fetch("INBOX", [listing.remote_id for listing in page.listings]))
        return page


def listed(answers: dict[bytes, Answer], cursor: str = "") -> Page:
    with ScriptedServer(answers).running() as server, connect(server.settings(timeout=1)) as provider:
        return provider.changes("INBOX", cursor, LIMIT)


def fetched(answers: dict[bytes, Answer], ids: list[str] = IDS, timeout: float = 1) -> dict[str, Fetched]:
    with ScriptedServer(answers).running() as server, connect(server.settings(timeout=timeout)) as provider:
        answered = list(provider.fetch("INBOX", ids))
    assert len(answered) == len({item.remote_id for item in answered}), "answered twice"
    return {item.remote_id: item for item in answered}


def contents(answered: dict[str, Fetched]) -> dict[str, bytes | None]:
    return {remote_id: item.content for remote_id, item in answered.items()}


WHOLE = dict(zip(IDS, MESSAGES.values(), strict=True))
