# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The language of $search, as far as mail programs use it (learn.microsoft.com/graph/search-query-parameter)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

from .errors import GraphError
from .mailbox import Message

_TERM = re.compile(r"(\w+):(.+)")
_PEOPLE = ("From", "To", "Cc", "Bcc")


def search(messages: Sequence[Message], question: str) -> list[Message]:
    """Those for which all terms hold, joined by AND, as the whole stands in double quotes."""
    if len(question) < 2 or question[0] != '"' or question[-1] != '"':
        raise GraphError(400, "BadRequest", "The search stands in double quotes.")
    tests = [_term(term) for term in question[1:-1].split(" AND ")]
    return [message for message in messages if all(test(message) for test in tests)]


def _term(text: str) -> Callable[[Message], bool]:
    match = _TERM.fullmatch(text.strip())
    if match is None:
        raise GraphError(400, "BadRequest", "Syntax error in the search.")
    name, value = match[1], match[2].strip()
    if name == "subject":
        # Words are found by their beginnings.
        pattern = re.compile(rf"(?i)(?<!\w){re.escape(value)}")
        return lambda message: bool(pattern.search(message.content.header("Subject")))
    if name == "participants":
        return lambda message: any(value.lower() in message.content.header(f).lower() for f in _PEOPLE)
    if name == "received":
        return _received(value)
    raise GraphError(400, "BadRequest", f"Unknown property {name}.")


def _received(value: str) -> Callable[[Message], bool]:
    """From one day to another, both of them included."""
    first, _, last = value.partition("..")
    start = _day(first)
    end = _day(last or first) + timedelta(days=1).total_seconds()
    return lambda message: start <= message.received < end


def _day(text: str) -> float:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()
    except ValueError as error:
        raise GraphError(400, "BadRequest", "Not a day.") from error
