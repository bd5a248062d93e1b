# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The methods under ``users.drafts``. A draft keeps its id; its message is another one after every change."""

from __future__ import annotations

from typing import Any

from . import errors
from .context import Context, Handler
from .mailbox import Message
from .messages import raw_message, sent
from .views import labelled, page, reference, shown

_OWN_ID = "r"


def create(context: Context) -> dict[str, Any]:
    message = _written(context)
    draft_id = f"{_OWN_ID}{int(message.id, 16)}"
    context.mailbox.drafts[draft_id] = message.id
    return {"id": draft_id, "message": labelled(message)}


def get(context: Context) -> dict[str, Any]:
    return {"id": context.values["id"], "message": shown(_message(context, context.values["id"]), context)}


def list_drafts(context: Context) -> dict[str, Any]:
    context.args["labelIds"] = ["DRAFT"]
    messages, more = page(context, "drafts")
    ids = {message_id: draft_id for draft_id, message_id in context.mailbox.drafts.items()}
    for message in messages:
        # One that was there from the beginning was never created through here.
        if message.id not in ids:
            ids[message.id] = f"{_OWN_ID}{int(message.id, 16)}"
            context.mailbox.drafts[ids[message.id]] = message.id
    drafts = [{"id": ids[message.id], "message": reference(message)} for message in messages]
    return {**({"drafts": drafts} if drafts else {}), **more}


def update(context: Context) -> dict[str, Any]:
    draft_id = context.values["id"]
    old = _message(context, draft_id)
    message = _written(context, old.thread_id)
    context.mailbox.delete([old])
    context.mailbox.drafts[draft_id] = message.id
    return {"id": draft_id, "message": labelled(message)}


def delete(context: Context) -> None:
    context.mailbox.delete([_message(context, context.values["id"])])
    del context.mailbox.drafts[context.values["id"]]


def send(context: Context) -> dict[str, Any]:
    draft_id = context.body.get("id") or ""
    old = _message(context, draft_id)
    message = sent(context, old.content.raw, old.thread_id)
    context.mailbox.delete([old])
    del context.mailbox.drafts[draft_id]
    return labelled(message)


def _message(context: Context, draft_id: str) -> Message:
    message_id = context.mailbox.drafts.get(draft_id)
    if message_id is None:
        raise errors.not_found()
    return context.mailbox.get(message_id, context.until)


def _written(context: Context, thread_id: str | None = None) -> Message:
    body = context.body.get("message", {})
    if not isinstance(body, dict):
        raise errors.invalid("Invalid value at 'draft.message'")
    raw = raw_message(body, context.media)
    return context.mailbox.add(raw, ["DRAFT"], context.world.clock.now(), thread_id or body.get("threadId"))


HANDLERS: dict[str, Handler] = {
    "drafts.create": create,
    "drafts.get": get,
    "drafts.list": list_drafts,
    "drafts.update": update,
    "drafts.delete": delete,
    "drafts.send": send,
}
