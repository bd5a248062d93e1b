# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from typing import Any

from mailsync.provider import Page
from mailsync.providers.graph import GraphProvider
from mailsync.providers.graph.cursor import Cursor

from .scripted_graph import Reply, ScriptedGraph


def message(remote_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": remote_id,
        "subject": f"Offer {remote_id}",
        "internetMessageId": f"<{remote_id}@example.com>",
        "sentDateTime": "2026-11-23T10:01:00Z",
        "receivedDateTime": "2026-11-23T10:01:00Z",
        "isRead": False,
        "isDraft": False,
        "flag": {"flagStatus": "notFlagged"},
        "from": {"emailAddress": {"address": "anna@example.com"}},
        "toRecipients": [{"emailAddress": {"address": "bert@example.org"}}],
        "singleValueExtendedProperties": [{"id": "Integer 0xe08", "value": "1000"}],
        **changes,
    }


def removed(remote_id: str, reason: str = "deleted") -> dict[str, Any]:
    return {"id": remote_id, "@removed": {"reason": reason}}


def delta(graph: ScriptedGraph, *items: Any, following: str = "", final: str = "d1") -> Reply:
    """A page; ``following`` and ``final`` name the links."""
    if following:
        return Reply({"value": list(items), "@odata.nextLink": graph.link(f"/me/{following}?%24skiptoken=a%2Fb")})
    return Reply({"value": list(items), "@odata.deltaLink": graph.link(f"/me/{final}?$deltatoken=x")})


def cursor(graph: ScriptedGraph, name: str = "d1") -> str:
    return Cursor(graph.link(f"/me/{name}?$deltatoken=x")).text()


def ids(page: Page) -> list[str]:
    return [listing.remote_id for listing in page.listings]


def read_on(provider: GraphProvider, text: str = "", known: tuple[str, ...] = ()) -> list[Page]:
    pages = [provider.changes("F", text, known=lambda asked: set(asked) & set(known))]
    while pages[-1].more:
        pages.append(provider.changes("F", pages[-1].cursor, known=lambda asked: set(asked) & set(known)))
    return pages
