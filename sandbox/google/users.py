# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The methods on the mailbox as a whole: profile, labels, history, watch, conversations, sender addresses."""

from __future__ import annotations

from typing import Any

from . import errors
from .context import Context, Handler
from .history import KINDS
from .labels import Label
from .mailbox import Message
from .views import labelled, page, page_size, shown


def profile(context: Context) -> dict[str, Any]:
    messages = [message for message in context.mailbox.all() if message.born <= context.until]
    return {
        "emailAddress": context.account.address,
        "messagesTotal": len(messages),
        "threadsTotal": len({message.thread_id for message in messages}),
        "historyId": str(context.until),
    }


def history(context: Context) -> dict[str, Any]:
    """Pages hold records; the answer's own number is the mailbox's, which is newer than the last record's."""
    args, mailbox = context.args, context.mailbox
    if args["startHistoryId"] is None:
        raise errors.invalid("Missing required parameter: startHistoryId")
    if args["labelId"] is not None:
        mailbox.labels.check([args["labelId"]])
    kinds = [KINDS[kind] for kind in args["historyTypes"]]
    key = ("history", args["startHistoryId"], args["labelId"], *kinds)
    start = mailbox.pages.place(args["pageToken"], key) if args["pageToken"] else args["startHistoryId"]
    size = page_size(args["maxResults"])
    records: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"historyId": str(context.until)}
    for record in mailbox.history.since(start, context.until):
        shown_record = record.shown(args["labelId"], kinds)
        if shown_record and len(records) == size:
            answer["nextPageToken"] = mailbox.pages.make(key, int(records[-1]["id"]))
            break
        if shown_record:
            records.append(shown_record)
    return {**({"history": records} if records else {}), **answer}


def list_labels(context: Context) -> dict[str, Any]:
    return {"labels": [label.shown() for label in context.mailbox.labels.all()]}


def get_label(context: Context) -> dict[str, Any]:
    label = context.mailbox.labels.get(context.values["id"])
    messages = [message for message in context.mailbox.all() if label.id in message.labels]
    unread = [message for message in messages if "UNREAD" in message.labels]
    return {
        **label.shown(),
        "messagesTotal": len(messages),
        "messagesUnread": len(unread),
        "threadsTotal": len({message.thread_id for message in messages}),
        "threadsUnread": len({message.thread_id for message in unread}),
    }


def create_label(context: Context) -> dict[str, Any]:
    body = context.body
    label = context.mailbox.labels.create(
        str(body.get("name") or ""), body.get("messageListVisibility"), body.get("labelListVisibility")
    )
    return label.shown()


def change_label(context: Context) -> dict[str, Any]:
    label: Label = context.mailbox.labels.change(context.values["id"], context.body)
    return label.shown()


def delete_label(context: Context) -> None:
    context.mailbox.remove_label(context.values["id"])


def watch(context: Context) -> dict[str, Any]:
    """Whatever its name, there is one topic (see :class:`~sandbox.google.push.Push`).

    :raises ApiError: 400 when no topic of Pub/Sub is named
    """
    topic = context.body.get("topicName")
    if not isinstance(topic, str) or not topic.startswith("projects/") or "/topics/" not in topic:
        raise errors.invalid("Invalid topicName does not match projects/*/topics/*")
    labels = context.strings("labelIds")
    context.mailbox.labels.check(labels)
    behavior = str(context.body.get("labelFilterBehavior", "include")).lower()
    if behavior not in ("include", "exclude"):
        raise errors.invalid("Invalid value at 'labelFilterBehavior'")
    expires = context.world.push.watch(context.account.address, frozenset(labels), behavior == "exclude")
    return {"historyId": str(context.until), "expiration": str(int(expires * 1000))}


def stop(context: Context) -> None:
    context.world.push.stop(context.account.address)


def list_threads(context: Context) -> dict[str, Any]:
    newest, more = page(context, "threads")
    threads = [
        {"id": m.thread_id, "snippet": m.snippet, "historyId": str(_newest_change(context, m.thread_id))}
        for m in newest
    ]
    return {**({"threads": threads} if threads else {}), **more}


def get_thread(context: Context) -> dict[str, Any]:
    messages = _thread(context)
    shown_messages = [shown(message, context) for message in messages]
    return {
        "id": messages[0].thread_id,
        "historyId": str(max(message.history for message in messages)),
        "messages": shown_messages,
    }


def modify_thread(context: Context) -> dict[str, Any]:
    messages = _thread(context)
    context.mailbox.change_labels(messages, context.strings("addLabelIds"), context.strings("removeLabelIds"))
    return _changed(messages)


def trash_thread(context: Context) -> dict[str, Any]:
    messages = _thread(context)
    context.mailbox.trash(messages)
    return _changed(messages)


def untrash_thread(context: Context) -> dict[str, Any]:
    messages = _thread(context)
    context.mailbox.change_labels(messages, remove=("TRASH",))
    return _changed(messages)


def delete_thread(context: Context) -> None:
    context.mailbox.delete(_thread(context))


def senders(context: Context) -> dict[str, Any]:
    return {"sendAs": _senders(context)}


def sender(context: Context) -> dict[str, Any]:
    address = context.values["sendAsEmail"].lower()
    found = next((own for own in _senders(context) if own["sendAsEmail"] == address), None)
    if found is None:
        raise errors.not_found()
    return found


def _senders(context: Context) -> list[dict[str, Any]]:
    account = context.account
    own = {"sendAsEmail": account.address, "displayName": account.name, "isPrimary": True, "isDefault": True}
    others = [
        {"sendAsEmail": alias, "displayName": account.name, "treatAsAlias": True, "verificationStatus": "accepted"}
        for alias in account.aliases
    ]
    return [own, *others]


def _thread(context: Context) -> list[Message]:
    return context.mailbox.thread(context.values["id"], context.until)


def _changed(messages: list[Message]) -> dict[str, Any]:
    return {"id": messages[0].thread_id, "messages": [labelled(message) for message in messages]}


def _newest_change(context: Context, thread_id: str) -> int:
    return max(message.history for message in context.mailbox.thread(thread_id))


HANDLERS: dict[str, Handler] = {
    "getProfile": profile,
    "history.list": history,
    "labels.list": list_labels,
    "labels.get": get_label,
    "labels.create": create_label,
    "labels.patch": change_label,
    "labels.update": change_label,
    "labels.delete": delete_label,
    "watch": watch,
    "stop": stop,
    "threads.list": list_threads,
    "threads.get": get_thread,
    "threads.modify": modify_thread,
    "threads.trash": trash_thread,
    "threads.untrash": untrash_thread,
    "threads.delete": delete_thread,
    "settings.sendAs.list": senders,
    "settings.sendAs.get": sender,
}
