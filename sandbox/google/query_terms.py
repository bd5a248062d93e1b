# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The single terms of Gmail's search language: what an operator looks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial

from .labels import Labels
from .mailbox import Message

Test = Callable[[Message], bool]

_SIZE = re.compile(r"(\d+)([kKmM]?)[bB]?$")
_AGE = re.compile(r"(\d+)([dmy])$")
_DAYS = {"d": 1, "m": 30, "y": 365}
_FLAGS = {
    "unread": ("UNREAD", True),
    "read": ("UNREAD", False),
    "starred": ("STARRED", True),
    "important": ("IMPORTANT", True),
    "sent": ("SENT", True),
    "draft": ("DRAFT", True),
}
_PLACES = {"drafts": "DRAFT"}


def term(name: str, value: str, labels: Labels, now: float) -> Test:
    """What ``name:value`` finds, or a bare word when there is no name. Nonsense finds nothing.

    :param now: seconds since 1970
    """
    if name in ("label", "in"):
        return _label(value, labels)
    if name in ("newer_than", "older_than"):
        return _age(name == "newer_than", value, now)
    if name in _TERMS:
        return _TERMS[name](value)
    return _words("", f"{name}:{value}" if name else value)


def _nothing(_message: Message) -> bool:
    return False


def _words(name: str, value: str) -> Test:
    """Whole words in one field of the header, or in text, subject and people."""
    pattern = re.compile(rf"(?i)(?<!\w){re.escape(value)}(?!\w)")
    if name == "to":
        return lambda message: any(pattern.search(message.content.header(field)) for field in ("To", "Cc", "Bcc"))
    if name:
        return lambda message: bool(pattern.search(message.content.header(name)))
    fields = ("Subject", "From", "To", "Cc")
    return lambda message: bool(
        pattern.search(message.content.text) or any(pattern.search(message.content.header(f)) for f in fields)
    )


def _date(after: bool, value: str) -> Test:
    """Seconds since 1970, or a day, which begins at midnight UTC here."""
    try:
        seconds = float(value) if value.isdigit() else _day(value)
    except ValueError:
        return _nothing
    return lambda message: (message.received >= seconds * 1000) == after


def _day(value: str) -> float:
    year, month, day = (int(number) for number in re.split(r"[/-]", value))
    return datetime(year, month, day, tzinfo=timezone.utc).timestamp()


def _age(newer: bool, value: str, now: float) -> Test:
    found = _AGE.match(value)
    if not found:
        return _nothing
    limit = (now - int(found[1]) * _DAYS[found[2]] * 86_400) * 1000
    return lambda message: (message.received >= limit) == newer


def _size(larger: bool, value: str) -> Test:
    found = _SIZE.match(value)
    if not found:
        return _nothing
    size = int(found[1]) * {"": 1, "k": 1024, "m": 1024 * 1024}[found[2].lower()]
    return lambda message: (len(message.content.raw) > size) == larger


def _label(value: str, labels: Labels) -> Test:
    name = value.lower()
    if name == "anywhere":
        return lambda message: True
    label_id = _PLACES.get(name, name.upper())
    label = labels.by_name(value)
    wanted = label.id if label else label_id
    return lambda message: wanted in message.labels


def _flag(value: str) -> Test:
    label, has = _FLAGS.get(value.lower(), ("", True))
    return lambda message: (label in message.labels) == has


def _has(value: str) -> Test:
    return (lambda message: bool(message.content.filenames)) if value.lower() == "attachment" else _nothing


def _filename(value: str) -> Test:
    return lambda message: any(value.lower() in filename.lower() for filename in message.content.filenames)


def _message_id(value: str) -> Test:
    wanted = value.strip("<>")
    return lambda message: message.content.header("Message-ID").strip("<> ") == wanted


_TERMS: dict[str, Callable[[str], Test]] = {
    **{name: partial(_words, name) for name in ("from", "to", "cc", "bcc", "subject")},
    "after": partial(_date, True),
    "newer": partial(_date, True),
    "before": partial(_date, False),
    "older": partial(_date, False),
    "larger": partial(_size, True),
    "size": partial(_size, True),
    "smaller": partial(_size, False),
    "is": _flag,
    "has": _has,
    "filename": _filename,
    "rfc822msgid": _message_id,
}
