# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message resource (https://learn.microsoft.com/graph/api/resources/message) as a listing of the contract."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ...letter import Address, Head, Role
from ...mime.charset import one_line
from ...mime.head import build_head
from ...mime.limits import MAX_ADDRESSES
from ...provider import Listing
from .http import query

# MAPI properties that the resource lacks ([MS-OXPROPS]): PidTagMessageSize, PidTagInReplyToId,
# PidTagInternetReferences, PidTagLastVerbExecuted. The service may write their numbers without leading zeros.
_SIZE = ("integer", 0x0E08)
_IN_REPLY_TO = ("string", 0x1042)
_REFERENCES = ("string", 0x1039)
_LAST_VERB = ("integer", 0x1081)
# [MS-OXOMSG] §2.2.1.21: reply to sender, reply to all
_REPLIES = frozenset({"102", "103"})

_ROLES: tuple[tuple[str, Role], ...] = (
    ("from", "from"),
    ("sender", "sender"),
    ("replyTo", "reply_to"),
    ("toRecipients", "to"),
    ("ccRecipients", "cc"),
    ("bccRecipients", "bcc"),
)
_PROPERTIES = (
    *(name for name, _role in _ROLES),
    *("subject", "internetMessageId", "sentDateTime", "receivedDateTime"),
    *("isRead", "isDraft", "flag", "conversationId", "bodyPreview", "hasAttachments"),
)
# What every whole resource has, be it empty; of an update only what has changed is sure to be there.
_ALWAYS = ("toRecipients", "receivedDateTime", "internetMessageId", "isRead", "isDraft", "flag")

_EXTENDED = (_SIZE, _IN_REPLY_TO, _REFERENCES, _LAST_VERB)
_FILTER = " or ".join(f"id eq '{kind.title()} 0x{number:04X}'" for kind, number in _EXTENDED)
# What is asked for of each message.
OPTIONS = {
    "select": ",".join(_PROPERTIES),
    "expand": f"singleValueExtendedProperties($filter={_FILTER})",
}
WANTED = query(**OPTIONS)
SIZE_ONLY = query(select="id", expand=f"singleValueExtendedProperties($filter=id eq 'Integer 0x{_SIZE[1]:04X}')")


def is_whole(item: Mapping[str, Any]) -> bool:
    """Whether an item says all that a listing needs."""
    return all(name in item for name in _ALWAYS)


def listing_of(item: Mapping[str, Any]) -> Listing:
    """A whole item as a listing."""
    return Listing(
        remote_id=str(item["id"]),
        head=_head(item),
        size=size_of(item),
        received=_moment(item.get("receivedDateTime")),
        flags=flags_of(item),
        thread_id=str(item.get("conversationId") or ""),
        snippet=_line(item.get("bodyPreview")),
    )


def flags_of(item: Mapping[str, Any]) -> frozenset[str]:
    """In the words of IMAP (RFC 9051 §2.3.2)."""
    flag = item.get("flag")
    is_flagged = isinstance(flag, Mapping) and flag.get("flagStatus") == "flagged"
    marks = {
        "\\Seen": item.get("isRead"),
        "\\Draft": item.get("isDraft"),
        "\\Flagged": is_flagged,
        "\\Answered": _extended(item).get(_LAST_VERB) in _REPLIES,
    }
    return frozenset(mark for mark, is_set in marks.items() if is_set)


def size_of(item: Mapping[str, Any]) -> int:
    """Bytes in Exchange's store, about those of the message; 0 if unknown."""
    value = _extended(item).get(_SIZE, "")
    return int(value) if value.isascii() and value.isdecimal() else 0


def _head(item: Mapping[str, Any]) -> Head:
    extended = _extended(item)
    # Message-IDs come as they stand in the header, so they are read by the header's reader.
    ids = {
        "message-id": item.get("internetMessageId"),
        "in-reply-to": extended.get(_IN_REPLY_TO),
        "references": extended.get(_REFERENCES),
    }
    fields = {name: [_as_field(value)] for name, value in ids.items() if isinstance(value, str) and value}
    return replace(
        build_head(fields),
        subject=_line(item.get("subject")),
        date=_moment(item.get("sentDateTime")),
        addresses=tuple(address for name, role in _ROLES for address in _addresses(item.get(name), role)),
        has_files=item.get("hasAttachments") is True,
    )


def _addresses(value: Any, role: Role) -> list[Address]:
    found = []
    for one in value[:MAX_ADDRESSES] if isinstance(value, list) else [value]:
        told = one.get("emailAddress") if isinstance(one, Mapping) else None
        if not isinstance(told, Mapping):
            continue
        address, name = "".join(_line(told.get("address")).split()), _line(told.get("name"))
        if address:
            # Where the header has no name Exchange gives the address for one.
            found.append(Address("" if name.lower() == address.lower() else name, address, role))
    return found


def _extended(item: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """The MAPI properties of an item: (kind, number) → value."""
    found: dict[tuple[str, int], str] = {}
    values = item.get("singleValueExtendedProperties")
    for one in values if isinstance(values, list) else ():
        if isinstance(one, Mapping):
            kind, _, number = str(one.get("id", "")).partition(" ")
            with contextlib.suppress(ValueError):
                found[kind.lower(), int(number, 16)] = str(one.get("value") or "")
    return found


def _moment(value: Any) -> float | None:
    """Seconds since the epoch of an ISO 8601 time in UTC, which may have seven decimals; the year 1 stands for none."""
    if not isinstance(value, str) or len(value) < 19:
        return None
    try:
        moment = datetime.fromisoformat(value[:19]).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return moment.timestamp() if moment.year > 1 else None


def _line(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return one_line(text.encode("utf-8", "replace").decode("utf-8"))


def _as_field(value: str) -> str:
    """As the header's reader wants it: bytes, one character each."""
    return value.encode("utf-8", "replace").decode("latin-1")
