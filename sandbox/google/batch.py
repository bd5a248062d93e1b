# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Batches: many calls in one request (developers.google.com/workspace/gmail/api/guides/batch)."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.datastructures import Headers, MultiDict

from sandbox.cloud.call import Answer, Call

from . import errors

PATHS = ("/batch", "/batch/gmail/v1")
MOST_PARTS = 100
_BLANK = re.compile(rb"\r?\n\r?\n")


def run(call: Call, one: Callable[[Call], Answer]) -> Answer:
    """Answer each part for itself, in any order; the whole is a success even if every part fails.

    :param one: answers a part
    :raises ApiError: 400 when it is no batch, or too large
    """
    parts = _split(call)
    if len(parts) > MOST_PARTS:
        raise errors.invalid(f"The batch request has too many parts: {MOST_PARTS} are allowed.")
    answers = [(name, one(part)) for name, part in parts]
    random.Random(len(call.body)).shuffle(answers)
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    body = b"".join(_written(name, answer, boundary) for name, answer in answers) + f"--{boundary}--\r\n".encode()
    return Answer(200, body, {"Content-Type": f"multipart/mixed; boundary={boundary}"})


def _split(call: Call) -> list[tuple[str, Call]]:
    boundary = re.search(r'boundary="?([^";]+)"?', call.headers.get("Content-Type", ""))
    if call.method != "POST" or not boundary:
        raise errors.invalid("Failed to parse batch request, error: missing boundary")
    pieces = re.split(rb"(?:\A|\r?\n)--%s(?:--)?[ \t]*(?:\r?\n|\Z)" % re.escape(boundary[1].encode()), call.body)
    parts = [piece for piece in pieces if piece.strip()]
    if not parts:
        raise errors.invalid("Failed to parse batch request, error: 0 items")
    return [_part(piece, call) for piece in parts]


def _part(piece: bytes, outer: Call) -> tuple[str, Call]:
    """The part's Content-ID and its call; what the part does not say itself, above all who calls, the batch says."""
    envelope, _blank, request = _cut(piece)
    head, _blank, body = _cut(request)
    line, _newline, rest = head.partition(b"\n")
    words = line.decode("latin-1").split()
    if len(words) < 2:
        raise errors.invalid("Failed to parse batch request, error: bad request line")
    headers = _headers(rest)
    if "Authorization" not in headers and "Authorization" in outer.headers:
        headers["Authorization"] = outer.headers["Authorization"]
    url = urlsplit(words[1])
    args = MultiDict(parse_qsl(url.query, keep_blank_values=True))
    call = Call(words[0], unquote(url.path), args, headers, body.rstrip(b"\r\n"), outer.base, part=True)
    return _headers(envelope).get("Content-ID", ""), call


def _cut(text: bytes) -> tuple[bytes, bytes, bytes]:
    blank = _BLANK.search(text)
    return (text[: blank.start()], blank[0], text[blank.end() :]) if blank else (text, b"", b"")


def _headers(text: bytes) -> Headers:
    headers = Headers()
    for line in text.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers.add(name.strip(), value.strip())
    return headers


def _written(name: str, answer: Answer, boundary: str) -> bytes:
    lines = [f"--{boundary}", "Content-Type: application/http"]
    if name:
        lines.append(f"Content-ID: <response-{name.lstrip('<')}")
    lines += ["", f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{key}: {value}" for key, value in answer.headers.items()]
    lines += [f"Content-Length: {len(answer.body)}", "", ""]
    return "\r\n".join(lines).encode() + answer.body + b"\r\n"
