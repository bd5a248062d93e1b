# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages and folders as Graph writes them (learn.microsoft.com/graph/api/resources/message and mailfolder)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from . import ids
from .mailbox import Folder, Mailbox, Message

_DEFAULT = (
    *("subject", "bodyPreview", "internetMessageId", "conversationId", "parentFolderId", "sentDateTime"),
    *("receivedDateTime", "hasAttachments", "isRead", "isDraft", "flag", "sender", "from", "toRecipients"),
    *("ccRecipients", "bccRecipients", "replyTo", "importance", "changeKey", "body"),
)
# PidTagMessageSize, PidTagInReplyToId, PidTagInternetReferences, PidTagLastVerbExecuted
_EXTENDED = {("Integer", 0x0E08), ("String", 0x1042), ("String", 0x1039), ("Integer", 0x1081)}
_ASKED = re.compile(r"id eq '(\w+) 0x([0-9A-Fa-f]+)'")


def message(mail: Message, select: str, expand: str, *, immutable: bool) -> dict[str, Any]:
    """A message with the properties that were asked for."""
    names = [name.strip() for name in select.split(",") if name.strip()] or list(_DEFAULT)
    shown = partial(mail, names, immutable=immutable)
    extended = _extended(mail, expand)
    if extended:
        shown["singleValueExtendedProperties"] = extended
    return shown


def partial(mail: Message, names: Iterable[str], *, immutable: bool) -> dict[str, Any]:
    """These properties and no more, as in an update that says nothing but what has changed."""
    shown: dict[str, Any] = {"@odata.etag": f'W/"CQAAABYAAAA{mail.version}"'}
    shown["id"] = mail.id if immutable else ids.mutable(mail.id, mail.folder)
    return shown | {name: _PROPERTIES[name](mail) for name in names if name in _PROPERTIES}


def folder(mailbox: Mailbox, place: Folder) -> dict[str, Any]:
    inside = [m for m in mailbox.messages.values() if m.folder == place.id]
    return {
        "id": place.id,
        "displayName": place.name,
        "parentFolderId": place.parent or ids.folder(mailbox.address, 0),
        "childFolderCount": len([child for child in mailbox.children(place.id) if not child.is_hidden]),
        "unreadItemCount": sum(not m.is_read for m in inside),
        "totalItemCount": len(inside),
        "isHidden": place.is_hidden,
    }


def _extended(mail: Message, expand: str) -> list[dict[str, str]]:
    values = {
        0x0E08: str(len(mail.content.raw)),
        0x1042: mail.content.header("In-Reply-To"),
        0x1039: " ".join(mail.content.header("References").split()),
        0x1081: str(mail.last_verb) if mail.last_verb else "",
    }
    asked = [(kind, int(number, 16)) for kind, number in _ASKED.findall(expand)]
    # Exchange writes the number without leading zeros.
    return [
        {"id": f"{kind} 0x{number:x}", "value": values[number]}
        for kind, number in asked
        if (kind, number) in _EXTENDED and values[number]
    ]


def _people(mail: Message, name: str) -> list[dict[str, Any]]:
    return [
        {"emailAddress": {"name": person or address, "address": address}}
        for person, address in mail.content.people(name)
    ]


def _person(mail: Message, *names: str) -> dict[str, Any] | None:
    return next((found[0] for name in names if (found := _people(mail, name))), None)


def _sent(mail: Message) -> str:
    try:
        date = parsedate_to_datetime(mail.content.header("Date"))
    except (TypeError, ValueError):
        return iso(mail.received)
    return iso(date.replace(tzinfo=date.tzinfo or timezone.utc).timestamp())


def iso(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _conversation(mail: Message) -> str:
    references = mail.content.header("References").split()
    return ids.conversation(references[0] if references else mail.content.header("Message-ID") or mail.id)


_PROPERTIES: dict[str, Callable[[Message], Any]] = {
    "subject": lambda m: m.content.header("Subject") or None,
    "bodyPreview": lambda m: m.content.text[:255],
    "body": lambda m: {"contentType": "text", "content": m.content.text},
    "internetMessageId": lambda m: m.content.header("Message-ID") or None,
    "internetMessageHeaders": lambda m: m.content.headers,
    "conversationId": _conversation,
    "parentFolderId": lambda m: m.folder,
    "sentDateTime": _sent,
    "receivedDateTime": lambda m: iso(m.received),
    "lastModifiedDateTime": lambda m: iso(m.received),
    "hasAttachments": lambda m: bool(m.content.filenames),
    "isRead": lambda m: m.is_read,
    "isDraft": lambda m: m.is_draft,
    "flag": lambda m: {"flagStatus": "flagged" if m.flagged else "notFlagged"},
    "sender": lambda m: _person(m, "Sender", "From"),
    "from": lambda m: _person(m, "From", "Sender"),
    "toRecipients": lambda m: _people(m, "To"),
    "ccRecipients": lambda m: _people(m, "Cc"),
    "bccRecipients": lambda m: _people(m, "Bcc"),
    "replyTo": lambda m: _people(m, "Reply-To"),
    "importance": lambda m: "normal",
    "changeKey": lambda m: f"CQAAABYAAAA{m.version}",
}
