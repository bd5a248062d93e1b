# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages and conversations as answers show them, and pages of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sandbox.cloud.content import encode

from . import errors, query
from .context import Context
from .mailbox import HIDDEN, Message

_DEFAULT_PAGE = 100
_LARGEST_PAGE = 500
# What the real API says too, whatever there is.
_ESTIMATE = 201


def reference(message: Message) -> dict[str, Any]:
    """All that lists tell about a message."""
    return {"id": message.id, "threadId": message.thread_id}


def labelled(message: Message) -> dict[str, Any]:
    """What changes are answered with."""
    return {**reference(message), **({"labelIds": list(message.label_ids)} if message.labels else {})}


def shown(message: Message, context: Context) -> dict[str, Any]:
    """A message in the format that was asked for.

    :raises ApiError: 403 when the token is for metadata only
    """
    form = context.args.get("format") or "full"
    if context.metadata_only and form in ("full", "raw"):
        raise errors.metadata_only(f"format {form.upper()}")
    content = message.content
    answer = {
        **labelled(message),
        "snippet": message.snippet,
        "sizeEstimate": len(content.raw),
        "historyId": str(message.history),
        "internalDate": str(message.received),
    }
    if form == "full":
        answer["payload"] = content.full()
    elif form == "metadata":
        answer["payload"] = content.metadata(context.args.get("metadataHeaders") or ())
    elif form == "raw":
        answer["raw"] = encode(content.raw)
    return answer


def matching(context: Context, after: tuple[int, str] | None = None) -> Iterator[Message]:
    """The messages that a list asks for, newest first.

    :raises ApiError: 400 for an unknown label, 403 for a search with a token for metadata only
    """
    args, mailbox = context.args, context.mailbox
    if args["q"] and context.metadata_only:
        raise errors.metadata_only("'q' parameter")
    mailbox.labels.check(args["labelIds"])
    wanted = set(args["labelIds"])
    search = query.parse(args["q"] or "", mailbox.labels, context.world.clock.now())
    hidden = HIDDEN - wanted if not (args["includeSpamTrash"] or search.everywhere) else frozenset()
    return (
        message
        for message in mailbox.newest_first(after)
        if message.born <= context.until
        and wanted <= message.labels
        and not hidden & message.labels
        and search.matches(message)
    )


def page(context: Context, items: str) -> tuple[list[Message], dict[str, Any]]:
    """A page of messages, or of the newest message of each conversation, and the token and estimate that go with it.

    :param items: ``messages``, ``drafts`` or ``threads``
    """
    args, pages = context.args, context.mailbox.pages
    key = (items, args["q"], tuple(args["labelIds"]), args["includeSpamTrash"])
    size = page_size(args["maxResults"])
    place, told = pages.place(args["pageToken"], key) if args["pageToken"] else (None, frozenset())
    found = matching(context, place)
    if items == "threads":
        found = _first_of_each(found, set(told))
    messages = list(islice(found, size + 1))
    more: dict[str, Any] = {"resultSizeEstimate": _ESTIMATE if messages else 0}
    if len(messages) > size:
        messages.pop()
        if items == "threads":
            told = told | {message.thread_id for message in messages}
        more["nextPageToken"] = pages.make(key, (context.mailbox.place(messages[-1]), told))
    return messages, more


def page_size(asked: int | None) -> int:
    """How much a page holds: 100 when nothing is asked for, 500 at most."""
    return min(asked or _DEFAULT_PAGE, _LARGEST_PAGE)


def _first_of_each(messages: Iterator[Message], told: set[str]) -> Iterator[Message]:
    for message in messages:
        if message.thread_id not in told:
            told.add(message.thread_id)
            yield message
