# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages: listed, read, changed, moved, and as MIME (learn.microsoft.com/graph/api/resources/message)."""

from __future__ import annotations

import json
import operator
import re
from base64 import b64encode
from datetime import datetime, timezone
from email import message_from_bytes
from typing import Any

from sandbox.cloud.call import Answer

from . import delta, ids, items
from .errors import GraphError
from .folders import paged
from .mailbox import Message
from .rebuilt import rebuild
from .routes import Asked, Route
from .searching import search

_PAGE_SIZE = re.compile(r"odata\.maxpagesize=(\d+)")
_RECEIVED = re.compile(r"receivedDateTime (ge|gt|le|lt) (\S+)")
# PidTagLastVerbExecuted
_LAST_VERB = 0x1081
_COMPARE = {"ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt}


def _found(asked: Asked) -> Message:
    message = asked.account.mailbox.find(asked.values["message"])
    if "folder" in asked.values and asked.account.mailbox.folder(asked.values["folder"]).id != message.folder:
        raise GraphError(404)
    return message


def _shown(asked: Asked, message: Message) -> dict[str, Any]:
    args = asked.args
    return items.message(message, args.get("$select", ""), args.get("$expand", ""), immutable=asked.is_immutable)


def _list(asked: Asked) -> Answer:
    mailbox = asked.account.mailbox
    folder = mailbox.folder(asked.values["folder"]).id if "folder" in asked.values else None
    wanted = asked.args.get("$filter", "")
    found = mailbox.newest_first(folder)
    if question := asked.args.get("$search", ""):
        if wanted or "$orderby" in asked.args:
            raise GraphError(400, "BadRequest", "$search cannot be used with $filter or $orderby.")
        found = search(found, question)
    elif match := re.fullmatch(r"internetMessageId eq '(.*)'", wanted):
        found = [m for m in found if m.content.header("Message-ID") == match[1].replace("''", "'")]
    elif match := _RECEIVED.fullmatch(wanted):
        compare, moment = _COMPARE[match[1]], _moment(match[2])
        found = [m for m in found if compare(int(m.received), moment)]
    return paged(asked, [_shown(asked, message) for message in found])


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise GraphError(400, "BadRequest", "Invalid filter clause.") from error
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()


def _get(asked: Asked) -> Answer:
    return Answer.json(_shown(asked, _found(asked)))


def _value(asked: Asked) -> Answer:
    return Answer(200, rebuild(_found(asked).content.raw), {"Content-Type": "text/plain"})


def _attachments(asked: Asked) -> Answer:
    found = []
    for number, part in enumerate(message_from_bytes(_found(asked).content.raw).walk()):
        if part.get_filename():
            content = part.get_payload(decode=True)
            found.append(
                {
                    "@odata.type": "#microsoft.graph.fileAttachment",
                    "id": f"{asked.values['message']}-{number}",
                    "name": part.get_filename(),
                    "contentType": part.get_content_type(),
                    "contentBytes": b64encode(content if isinstance(content, bytes) else b"").decode(),
                }
            )
    return Answer.json({"value": found})


def _change(asked: Asked) -> Answer:
    message = _found(asked)
    etag = asked.call.headers.get("If-Match")
    if etag and etag != items.message(message, "id", "", immutable=True)["@odata.etag"]:
        raise GraphError(412)
    body = _body(asked)
    flag = body.get("flag", {}).get("flagStatus")
    extended = {int(p["id"].split()[-1], 16): p["value"] for p in body.get("singleValueExtendedProperties", ())}
    asked.account.mailbox.update(
        message,
        is_read=body.get("isRead"),
        flagged=flag and flag == "flagged",
        last_verb=int(extended[_LAST_VERB]) if _LAST_VERB in extended else None,
    )
    return Answer.json(_shown(asked, message))


def _move(asked: Asked) -> Answer:
    message = _found(asked)
    asked.account.mailbox.move(message, _body(asked)["destinationId"])
    return Answer.json(_shown(asked, message), 201)


def _copy(asked: Asked) -> Answer:
    message = _found(asked)
    copied = asked.account.mailbox.add(message.content.raw, _body(asked)["destinationId"], message.received)
    return Answer.json(_shown(asked, copied), 201)


def _delete(asked: Asked) -> Answer:
    """Into the deleted items; from there for good."""
    message, mailbox = _found(asked), asked.account.mailbox
    if message.folder == mailbox.folder("deleteditems").id:
        mailbox.delete(message)
    else:
        mailbox.move(message, "deleteditems")
    return Answer(204)


def _delta(asked: Asked) -> Answer:
    mailbox, args = asked.account.mailbox, asked.args
    folder = mailbox.folder(asked.values["folder"])
    token = args.get("$skiptoken") or args.get("$deltatoken")
    state = delta.State.read(token) if token else delta.first(mailbox, folder, args)
    size = _PAGE_SIZE.search(asked.preferences)
    try:
        page = delta.page(
            mailbox, state, int(size[1]) if size else int(args.get("$top", 0)), immutable=asked.is_immutable
        )
    except GraphError as error:
        if error.headers.get("Location"):
            error.headers["Location"] = f"{asked.world.root}{asked.call.raw_path}?$deltatoken=latest"
        raise
    name, link = delta.link(asked.world.root, asked.call.raw_path, page.state, is_last=page.is_last)
    applied = [word for word in (size and size[0], asked.is_immutable and 'IdType="ImmutableId"') if word]
    headers = {"Preference-Applied": ", ".join(applied)} if applied else {}
    return Answer.json({"@odata.context": f"{asked.world.root}/v1.0/$metadata#messages", name: link,
                        "value": page.value}, 200, **headers)  # fmt: skip


def _translate(asked: Asked) -> Answer:
    """Between the two kinds of ids, a thousand at a time."""
    body = _body(asked)
    if len(body["inputIds"]) > 1_000:
        raise GraphError(400)
    wanted = body["targetIdType"].lower()
    found = []
    for given in body["inputIds"]:
        message = asked.account.mailbox.find(given)
        immutable = wanted == "restimmutableentryid"
        found.append(
            {"sourceId": given, "targetId": message.id if immutable else ids.mutable(message.id, message.folder)}
        )
    return Answer.json({"value": found})


def _body(asked: Asked) -> dict[str, Any]:
    try:
        return dict(json.loads(asked.call.body))
    except (ValueError, TypeError) as error:
        raise GraphError(400) from error


_DELTA = "delta|delta()|microsoft.graph.delta()"
_ONE = ("messages", "{message}")
_IN = ("mailfolders", "{folder}")
ROUTES = (
    Route("messages.delta", "GET", (*_IN, "messages", _DELTA), "list", _delta),
    Route("messages.list", "GET", ("messages",), "list", _list),
    Route("messages.list", "GET", (*_IN, "messages"), "list", _list),
    Route("messages.value", "GET", (*_ONE, "$value"), "read", _value),
    Route("messages.value", "GET", (*_IN, *_ONE, "$value"), "read", _value),
    Route("messages.get", "GET", _ONE, "list", _get),
    Route("messages.get", "GET", (*_IN, *_ONE), "list", _get),
    Route("messages.attachments", "GET", (*_ONE, "attachments"), "read", _attachments),
    Route("messages.update", "PATCH", _ONE, "write", _change),
    Route("messages.delete", "DELETE", _ONE, "write", _delete),
    Route("messages.move", "POST", (*_ONE, "move|microsoft.graph.move"), "write", _move),
    Route("messages.copy", "POST", (*_ONE, "copy|microsoft.graph.copy"), "write", _copy),
    Route(
        "translateExchangeIds",
        "POST",
        ("translateexchangeids|microsoft.graph.translateexchangeids",),
        "user",
        _translate,
    ),
)
