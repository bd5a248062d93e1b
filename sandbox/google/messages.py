# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The methods under ``users.messages``."""

from __future__ import annotations

from datetime import datetime, timezone
from email import message_from_bytes
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from typing import Any

from sandbox.cloud.content import Content, decode, encode
from sandbox.cloud.mime import header_removed, header_set

from . import errors
from .context import Context, Handler
from .labels import FIXED
from .mailbox import Message
from .views import labelled, page, reference, shown


def list_messages(context: Context) -> dict[str, Any]:
    messages, more = page(context, "messages")
    return {**({"messages": [reference(message) for message in messages]} if messages else {}), **more}


def get(context: Context) -> dict[str, Any]:
    return shown(context.message(), context)


def modify(context: Context) -> dict[str, Any]:
    message = context.message()
    add, remove = context.strings("addLabelIds"), context.strings("removeLabelIds")
    if not add and not remove:
        raise errors.invalid("No label add or removes specified")
    context.mailbox.change_labels([message], add, remove)
    return labelled(message)


def batch_modify(context: Context) -> None:
    messages = list(context.many())
    context.mailbox.change_labels(messages, context.strings("addLabelIds"), context.strings("removeLabelIds"))


def trash(context: Context) -> dict[str, Any]:
    message = context.message()
    context.mailbox.trash([message])
    return labelled(message)


def untrash(context: Context) -> dict[str, Any]:
    message = context.message()
    context.mailbox.change_labels([message], remove=("TRASH",))
    return labelled(message)


def delete(context: Context) -> None:
    context.mailbox.delete([context.message()])


def batch_delete(context: Context) -> None:
    context.mailbox.delete(list(context.many()))


def attachment(context: Context) -> dict[str, Any]:
    content = context.find(context.values["messageId"]).content.attachment(context.values["id"])
    if content is None:
        raise errors.invalid("Invalid attachment token")
    return {"size": len(content), "data": encode(content)}


def take(context: Context) -> dict[str, Any]:
    """``import`` and ``insert``: a message comes in without being sent."""
    raw = raw_message(context.body, context.media)
    labels = context.strings("labelIds")
    if FIXED & set(labels) - {"SENT"}:
        raise errors.invalid(f"Invalid label: {min(FIXED & set(labels))}")
    message = context.mailbox.add(raw, labels, _received(raw, context), _thread(context, raw))
    return labelled(message)


def send(context: Context) -> dict[str, Any]:
    raw = raw_message(context.body, context.media)
    return labelled(sent(context, raw, _thread(context, raw)))


def sent(context: Context, raw: bytes, thread_id: str | None) -> Message:
    """Send a message as Gmail does: under one of the user's own addresses, with an id and a date, without Bcc.

    :raises ApiError: 400 when it is for nobody
    """
    content = Content(raw)
    recipients = [address for _name, address in content.people("To", "Cc", "Bcc")]
    if not recipients:
        raise errors.invalid("Recipient address required")
    account = context.account
    sender = content.people("From")[:1]
    if not sender or sender[0][1].lower() not in (account.address, *account.aliases):
        raw = header_set(raw, "From", account.address)
    if not content.header("Message-ID"):
        raw = header_set(raw, "Message-ID", make_msgid(domain="mail.gmail.com"))
    if not content.header("Date"):
        raw = header_set(raw, "Date", format_datetime(datetime.fromtimestamp(context.world.clock.now(), timezone.utc)))
    context.outgoing.append((header_removed(raw, "Bcc"), recipients))
    return context.mailbox.add(raw, ["SENT"], context.world.clock.now(), thread_id)


def raw_message(body: dict[str, Any], media: bytes | None) -> bytes:
    """The message of a request: uploaded, or ``raw`` in its body.

    :raises ApiError: 400 when there is none
    """
    if media is not None:
        return media
    try:
        raw = decode(body.get("raw") or "")
    except (ValueError, AttributeError):
        raise errors.invalid("Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed") from None
    if not raw:
        raise errors.invalid("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    return raw


def _thread(context: Context, raw: bytes) -> str | None:
    """The conversation that was asked for, if the message may join it: it must follow one of its messages."""
    thread_id = context.body.get("threadId")
    if not thread_id:
        return None
    known = {m.content.header("Message-ID") for m in context.mailbox.thread(thread_id)}
    content = Content(raw)
    ancestors = {*content.header("References").split(), *content.header("In-Reply-To").split()}
    return thread_id if ancestors & known else None


def _received(raw: bytes, context: Context) -> float:
    if context.args["internalDateSource"] == "dateHeader":
        try:
            return parsedate_to_datetime(str(message_from_bytes(raw)["Date"])).timestamp()
        except (ValueError, OverflowError):
            pass  # as documented: the date of the header only when it is valid
    return context.world.clock.now()


HANDLERS: dict[str, Handler] = {
    "messages.list": list_messages,
    "messages.get": get,
    "messages.modify": modify,
    "messages.batchModify": batch_modify,
    "messages.trash": trash,
    "messages.untrash": untrash,
    "messages.delete": delete,
    "messages.batchDelete": batch_delete,
    "messages.attachments.get": attachment,
    "messages.import": take,
    "messages.insert": take,
    "messages.send": send,
}
