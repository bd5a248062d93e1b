# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a folder holds, and where a message is: questions beside the scan, which move no bookmark.

They go past the delta queries that the scan lives by, so that they can show what one of these has left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from ...errors import CursorExpired, MessageGone, MessageUnreadable, ProtocolError
from ...letter import Head
from ...looking import matches
from ...provider import Found, Inventory, Listing, Query
from .batch import Batcher
from .delta import Lister
from .http import Client, query
from .listing import OPTIONS, is_whole, listing_of
from .translate import Answer, error_of

# The most that Graph gives at once.
_PART = 1_000
_OPTIONS = {**OPTIONS, "select": f"{OPTIONS['select']},parentFolderId"}
_WANTED = query(**_OPTIONS)
_ISO = "%Y-%m-%dT%H:%M:%SZ"


class Looker:
    """Looks into folders of the mailbox."""

    def __init__(self, client: Client, batcher: Batcher, lister: Lister) -> None:
        self._client = client
        self._batcher = batcher
        self._lister = lister

    def inventory(self, folder: str, place: str) -> Inventory:
        """By the time of arrival, not by Graph's own pages: these count, and what is deleted meanwhile shifts them."""
        before, link = json.loads(place) if place else ("", "")
        answer = self._client.get(link or self._part(folder, before))
        if not answer.is_ok:
            error = self._lister.refusal(answer, is_beginning=not link, urgent=False)
            raise error if not link or answer.is_passing else CursorExpired()
        items, body = _items(answer)
        ids = tuple(str(item.get("id") or "") for item in items)
        following = body.get("@odata.nextLink")
        if not isinstance(following, str) or not ids:
            return Inventory(ids)
        # Of one second there may be more, so it is asked for again.
        last = _second_after(items[-1].get("receivedDateTime"))
        if last and (not before or last < before):
            return Inventory(ids, json.dumps([last, ""]))
        return Inventory(ids, json.dumps([before, self._client.relative(following)]))

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        paths = {i: f"{self._client.mailbox}/messages/{quote(i, safe='')}{_WANTED}" for i in remote_ids}
        for remote_id, answer in self._batcher.ask(paths).items():
            if answer.is_ok and isinstance(answer.body, dict) and is_whole(answer.body):
                if answer.body.get("parentFolderId") == folder:
                    yield listing_of({**answer.body, "id": remote_id})
            elif answer.is_passing or not answer.has_code:
                raise error_of(answer)
            elif not isinstance(error := error_of(answer, MessageGone), MessageGone):
                yield Listing(remote_id, Head(), error=MessageUnreadable(server_text=error.server_text))

    def search(self, wanted: Query, limit: int) -> Iterator[Found]:
        options = _question(wanted)
        if not options:
            return
        answer = self._client.get(
            f"{self._client.mailbox}/messages{query(**_OPTIONS, **options, top=limit)}", urgent=True
        )
        if not answer.is_ok:
            raise error_of(answer)
        for item in _items(answer)[0][:limit]:
            if is_whole(item) and matches(listing := listing_of(item), wanted):
                yield Found(str(item.get("parentFolderId") or ""), listing)

    def _part(self, folder: str, before: str) -> str:
        options = {"filter": f"receivedDateTime lt {before}"} if before else {}
        asked = query(select="receivedDateTime", orderby="receivedDateTime desc", top=_PART, **options)
        return f"{self._client.mailbox}/mailFolders/{quote(folder, safe='')}/messages{asked}"


def _items(answer: Answer) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]]:
    body = answer.body if isinstance(answer.body, dict) else {}
    value = body.get("value")
    if not isinstance(value, list) or not all(isinstance(item, dict) and item.get("id") for item in value):
        raise ProtocolError("a listing without a value")
    return value, body


def _second_after(told: Any) -> str:
    """The second behind a time of Graph's, in the same form; "" for what is no time."""
    try:
        moment = datetime.fromisoformat(str(told)[:19])
    except ValueError:
        return ""
    return (moment + timedelta(seconds=1)).strftime(_ISO)


def _question(wanted: Query) -> dict[str, str]:
    """A filter for the Message-ID, else words in the language of searches (KQL); a question may have one of the two."""
    if wanted.message_id:
        literal = wanted.message_id.replace("'", "''")
        return {"filter": f"internetMessageId eq '<{literal}>'"}
    named = [("participants", _plain(wanted.address)), *(("subject", _plain(word)) for word in wanted.words)]
    terms = [f"{name}:{text}" for name, text in named if text]
    if terms and wanted.between:
        first, last = (datetime.fromtimestamp(moment, tz=timezone.utc) for moment in wanted.between)
        terms.append(f"received:{first - timedelta(days=1):%Y-%m-%d}..{last + timedelta(days=1):%Y-%m-%d}")
    return {"search": '"' + " AND ".join(terms) + '"'} if terms else {}


def _plain(text: str) -> str:
    """Without what ends a word or the question."""
    return "".join(" " if c in '"\\():*' else c for c in text).strip()
