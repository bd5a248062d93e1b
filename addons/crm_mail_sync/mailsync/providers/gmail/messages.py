# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages as Gmail answers them, one or a batch at a time.

messages.get costs the same whatever is asked of a message, so a message is asked for once, whole, wherever that fits
into memory.
"""

from __future__ import annotations

import io
import json
import re
from base64 import urlsafe_b64decode
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from typing import Any, Literal

from googleapiclient.errors import HttpError

from ...errors import (
    MessageError,
    MessageGone,
    MessageUnreadable,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TooSlow,
)
from ...letter import Head
from ...mime import HEAD_FIELDS, read_head
from ...mime.charset import one_line
from . import translate
from .api import UNITS, Api
from .labels import flags_of

Format = Literal["raw", "metadata", "minimal"]

# Parts of a batch. Gmail takes 100, and refuses some of them if it gets too many at once.
_MOST_PARTS, _FIRST_PARTS = 20, 5
# A batch's answer is held about four times over while the client reads it.
_BATCH_BYTES = 8 * 1024 * 1024
# Tries of a message that the server fails on, while it serves others.
_TRIES = 3
# base64url (RFC 4648 §5), with or without padding; JSON may write "=" as an escape.
_RAW = re.compile(rb'"raw"\s*:\s*"([\w-]*)(?:=|\\u003[dD])*"')
_STEP = 4 * 64 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is now. ``content`` is None, and ``head`` read already, if it was not asked for whole.

    ``snippet``: its beginning, as Gmail tells it of whatever is not asked for whole.
    """

    id: str
    thread_id: str
    labels: frozenset[str]
    received: float | None
    size: int
    content: bytes | None = field(default=None, repr=False)
    head: Head = Head()
    snippet: str = field(default="", repr=False)

    @property
    def flags(self) -> frozenset[str]:
        return flags_of(self.labels)


Answer = Message | MessageError


class Messages:
    """Gets messages, as many at once as memory, quota and server allow."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._parts = _FIRST_PARTS
        self._large: set[str] = set()

    def note_large(self, ids: Collection[str]) -> None:
        """These are listed by their headers, and asked for whole one by one: a batch is held several times over."""
        self._large.update(ids)

    def listed(self, ids: Iterable[str], *, urgent: bool) -> Iterator[tuple[str, Answer]]:
        """Each id with its message, whole unless it is large, or why there is none."""
        large: list[str] = []
        yield from self.get(_without(self._large, ids, large), "raw", urgent=urgent)
        yield from self.get(large, "metadata", urgent=urgent)

    def get(self, ids: Iterable[str], form: Format, *, urgent: bool = False) -> Iterator[tuple[str, Answer]]:
        """Each id with its message or why there is none, in any order.

        :param ids: are drawn when they are asked for, so that it can be the answers that end them.
        """
        source = iter(ids)
        waiting: deque[str] = deque()
        tries: Counter[str] = Counter()
        while True:
            room = min(self._parts, max(self._api.affordable(UNITS["get"], urgent=urgent), 1))
            waiting.extend(islice(source, max(room - len(waiting), 0)))
            if not waiting:
                return
            some = self._next(waiting, room, form)
            answers = self._ask(some, form, urgent)
            yield from self._settled(answers, form, waiting, tries)

    def _next(self, waiting: deque[str], room: int, form: Format) -> list[str]:
        """The ids to ask for at once: a large one is asked for alone."""
        some = [waiting.popleft()]
        if form != "raw" or some[0] not in self._large:
            while waiting and len(some) < room and (form != "raw" or waiting[0] not in self._large):
                some.append(waiting.popleft())
        return some

    def _ask(self, ids: Sequence[str], form: Format, urgent: bool) -> dict[str, Any]:
        requests = {id: self._request(id, form) for id in ids}
        if len(ids) > 1:
            return self._api.batch(requests, UNITS["get"], urgent=urgent)
        [(id, request)] = requests.items()
        try:
            return {id: self._api.call(request, UNITS["get"], urgent=urgent)}
        except HttpError as error:
            return {id: error}
        except TooSlow as error:
            error.remote_id = id
            raise

    def _request(self, id: str, form: Format) -> Any:
        arguments: dict[str, Any] = {"metadataHeaders": sorted(HEAD_FIELDS)} if form == "metadata" else {}
        request = self._api.messages.get(userId=self._api.user_id, id=id, format=form, **arguments)
        if form == "raw":
            request.postproc = _with_content
        return request

    def _settled(
        self, answers: dict[str, Any], form: Format, waiting: deque[str], tries: Counter[str]
    ) -> Iterator[tuple[str, Answer]]:
        """What is to be told of these answers; the others wait again, or end it all."""
        failed: dict[str, HttpError] = {}
        size = 0
        count = len(answers)
        for id in list(answers):
            answer = answers.pop(id)
            if isinstance(answer, HttpError):
                failed[id] = answer
                continue
            message = _message(id, answer, form)
            del answer
            size += len(getattr(message, "content", None) or b"")
            yield id, message
            del message
        self._adapt(count, size, any(int(error.resp.status) == 429 for error in failed.values()))
        gone = [id for id, error in failed.items() if _is_gone(error)]
        for id in gone:
            del failed[id]
            yield id, MessageGone()
        if failed:
            yield from self._again(failed, waiting, tries, is_all=len(failed) == count)

    def _again(
        self, failed: dict[str, HttpError], waiting: deque[str], tries: Counter[str], *, is_all: bool
    ) -> Iterator[tuple[str, Answer]]:
        """Refused parts wait for a smaller batch, unless all were refused, or it is the units that are used up."""
        is_probed = False
        for id, error in failed.items():
            told = translate.refusal(error)
            is_passing = isinstance(told, ServerUnavailable) and told.retry_after is None
            if not is_passing or translate.is_quota(error) or (is_all and isinstance(told, RateLimited)):
                raise told from error
            tries[id] += not isinstance(told, RateLimited)
            if (is_all or tries[id] >= _TRIES) and not is_probed:
                # A question that always has an answer tells a server in trouble from a message in trouble.
                self._probe()
                is_probed = True
            if tries[id] >= _TRIES:
                yield id, MessageUnreadable(server_text=told.server_text)
            else:
                waiting.append(id)

    def _probe(self) -> None:
        try:
            self._api.call(self._api.users.getProfile(userId=self._api.user_id), UNITS["profile"])
        except HttpError as error:
            raise translate.refusal(error) from error

    def _adapt(self, count: int, size: int, is_refused: bool) -> None:
        """The next batch's parts: fewer after a refusal, and as many as fit into memory if they are like these."""
        if is_refused:
            self._parts = max(min(count, self._parts) // 2, 1)
            return
        average = max(size // max(count, 1), 1)
        self._parts = max(1, min(self._parts * 2, _MOST_PARTS, _BATCH_BYTES // average))


def header_of(content: bytes) -> Head:
    """The head of a whole message."""
    return read_head(content)


def _without(large: Collection[str], ids: Iterable[str], put_by: list[str]) -> Iterator[str]:
    for id in ids:
        if id in large:
            put_by.append(id)
        else:
            yield id


def _is_gone(error: HttpError) -> bool:
    """An id that was never given to a message is one that no message has."""
    return isinstance(translate.refusal(error), MessageGone) or translate.is_bad_request(error)


def _message(id: str, answer: Any, form: Format) -> Answer:
    """An answer of another shape says something of this message only."""
    try:
        with translate.reading():
            content = answer["content"] if form == "raw" else None
            return Message(
                id=id,
                thread_id=str(answer.get("threadId", "")),
                labels=frozenset(map(str, answer.get("labelIds", ()))),
                received=int(answer["internalDate"]) / 1000 if "internalDate" in answer else None,
                size=int(answer.get("sizeEstimate", 0)) if content is None else len(content),
                content=content,
                head=_head(answer.get("payload", {}).get("headers", ())),
                snippet=_snippet(answer.get("snippet")),
            )
    except ProtocolError:
        return MessageUnreadable("Gmail's answer is not that of a message")


def _snippet(value: Any) -> str:
    """Gmail writes it as HTML."""
    text = unescape(value) if isinstance(value, str) else ""
    return one_line(text.encode("utf-8", "replace").decode())


def _head(headers: Sequence[dict[str, str]]) -> Head:
    if not headers:
        return Head()
    lines = (f"{header['name']}: {header['value']}".replace("\r", "").replace("\n", " ") for header in headers)
    return read_head("\r\n".join([*lines, "", ""]).encode("utf-8", "replace"))


def _with_content(response: Any, body: bytes) -> dict[str, Any]:
    """Reads an answer in the format "raw" past the JSON reader, which would hold a large message twice more.

    Raises HttpError, or ValueError for what is no JSON, as an answer that breaks off is not.
    """
    if response.status >= 300:
        raise HttpError(response, body)
    match = _RAW.search(body)
    start, end = match.span() if match else (0, 0)
    answer: dict[str, Any] = json.loads(body[:start] + b'"raw":""' + body[end:] if match else body)
    if match:
        answer["content"] = _decoded(body, *match.span(1))
    return answer


def _decoded(body: bytes, start: int, end: int) -> bytes:
    """Step by step, so that nothing of the message's size is made but the message."""
    content = io.BytesIO()
    for position in range(start, end, _STEP):
        piece = body[position : min(position + _STEP, end)]
        content.write(urlsafe_b64decode(piece + b"=" * (-len(piece) % 4)))
    return content.getvalue()
