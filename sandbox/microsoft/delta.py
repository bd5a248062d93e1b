# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delta queries on the messages of a folder (learn.microsoft.com/graph/api/message-delta).

A round begins with all messages, newest first if so ordered, and what changes meanwhile follows them. Links are opaque
and hold all that is needed to go on; whoever comes with one of an older generation is sent back to the start.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote

from . import ids, items
from .errors import GraphError
from .mailbox import Change, Folder, Mailbox, Message

_FILTER = re.compile(r"receivedDateTime (ge|gt) (\S+)")
_FILTERED_CAP = 5_000
_DEFAULT_PAGE = 10
_LARGEST_PAGE = 1_000


@dataclass(frozen=True)
class State:
    """What a link stands for. ``after``: the last message listed; ``seen``: the last change told."""

    folder: str
    generation: int
    select: str
    expand: str
    seen: int
    since: str = ""
    listing: bool = True
    after: tuple[float, str] | None = None
    listed: int = 0

    def text(self) -> str:
        return urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def read(cls, text: str) -> State:
        try:
            values = json.loads(urlsafe_b64decode(text))
            after = values.pop("after")
            return cls(**values, after=tuple(after) if after else None)
        except (ValueError, TypeError, KeyError) as error:
            raise GraphError(400, "ErrorInvalidSyncStateData", "The sync state data is invalid.") from error


@dataclass(frozen=True)
class Page:
    value: list[dict[str, Any]]
    state: State
    is_last: bool


def first(mailbox: Mailbox, folder: Folder, args: Mapping[str, str]) -> State:
    """The beginning of a round, from the options of the query, which are good in its first call only."""
    since = ""
    if text := args.get("$filter", ""):
        found = _FILTER.fullmatch(text)
        if not found:
            raise GraphError(400, message="Only receivedDateTime ge or gt can be filtered by.")
        since = found[2]
    if args.get("$orderby", "receivedDateTime desc") != "receivedDateTime desc" or "$search" in args:
        raise GraphError(400, message="The query is not supported for delta.")
    return State(folder.id, folder.generation, args.get("$select", ""), args.get("$expand", ""), mailbox.number, since)


def page(mailbox: Mailbox, state: State, size: int, *, immutable: bool) -> Page:
    """The next page; raises GraphError 410 or 404."""
    folder = mailbox.folder(state.folder)
    if state.generation != folder.generation:
        code, with_location = folder.expired
        raise GraphError(410, code, **({"Location": "restart"} if with_location else {}))
    size = max(1, min(size or _DEFAULT_PAGE, _LARGEST_PAGE))
    if state.listing:
        return _listed(mailbox, state, size, immutable=immutable)
    return _changed(mailbox, folder, state, size, immutable=immutable)


def _listed(mailbox: Mailbox, state: State, size: int, *, immutable: bool) -> Page:
    waiting = [m for m in mailbox.newest_first(state.folder) if _is_behind(m, state)]
    if state.since:
        waiting = waiting[: max(_FILTERED_CAP - state.listed, 0)]
    shown = [items.message(m, state.select, state.expand, immutable=immutable) for m in waiting[:size]]
    if len(waiting) > size:
        last = waiting[size - 1]
        behind = replace(state, after=(last.received, last.id), listed=state.listed + size)
        return Page(shown, behind, is_last=False)
    # Nothing has changed meanwhile in most cases: then the round ends here.
    behind = replace(state, listing=False, after=None)
    folder = mailbox.folder(state.folder)
    return Page(shown, behind, is_last=not any(change.number > state.seen for change in folder.changes))


def _is_behind(message: Message, state: State) -> bool:
    if state.since and items.iso(message.received) < state.since:
        return False
    if state.after is None:
        return True
    return (-message.received, message.id) > (-state.after[0], state.after[1])


def _changed(mailbox: Mailbox, folder: Folder, state: State, size: int, *, immutable: bool) -> Page:
    """What changed, each message once and in the order of its last change."""
    changes = folder.changes[bisect_right(folder.changes, state.seen, key=lambda change: change.number) :]
    told: dict[str, dict[str, Any]] = {}
    by_message: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_message[change.message_id].append(change)
    seen = state.seen
    for change in changes:
        if len(told) >= size and change.message_id not in told:
            return Page(list(told.values()), replace(state, seen=seen), is_last=False)
        mine = by_message[change.message_id]
        told[change.message_id] = _item(mailbox, folder, change.message_id, mine, state, immutable=immutable)
        seen = change.number
    return Page(list(told.values()), replace(state, seen=seen), is_last=True)


def _item(
    mailbox: Mailbox, folder: Folder, message_id: str, changes: list[Change], state: State, *, immutable: bool
) -> dict[str, Any]:
    message = mailbox.messages.get(message_id)
    if message is None or message.folder != folder.id:
        shown = message_id if immutable else ids.mutable(message_id, folder.id)
        return {"id": shown, "@removed": {"reason": "changed" if message else "deleted"}}
    if any(change.kind == "added" for change in changes):
        return items.message(message, state.select, state.expand, immutable=immutable)
    selected = set(filter(None, state.select.split(",")))
    names = sorted({name for change in changes for name in change.names if not selected or name in selected})
    return items.partial(message, names, immutable=immutable)


def link(root: str, path: str, state: State, *, is_last: bool) -> tuple[str, str]:
    """The annotation and the link to what follows; of two spellings the service uses either."""
    kind = "deltatoken" if is_last else "skiptoken"
    dollar = "$" if state.seen % 2 else "%24"
    name = "@odata.deltaLink" if is_last else "@odata.nextLink"
    return name, f"{root}{path}?{dollar}{kind}={quote(state.text(), safe='')}"
