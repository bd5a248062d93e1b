# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Several requests in one (learn.microsoft.com/graph/json-batching), answered in any order, each for itself."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.datastructures import Headers, MultiDict

from sandbox.cloud.call import Answer, Call

from .errors import GraphError
from .limits import Limits


def run(call: Call, limits: Limits, one: Callable[[Call], Answer]) -> Answer:
    """Answer each part; one that depends on a part that failed is answered by 424.

    Raises GraphError 400 for too many parts, and for ids that are not unique.
    """
    most = limits.batch_parts
    try:
        parts = list(json.loads(call.body)["requests"])
    except (ValueError, KeyError, TypeError) as error:
        raise GraphError(400, "BadRequest", "Invalid batch payload format.") from error
    names = [str(part.get("id", "")) for part in parts]
    if len(parts) > most:
        raise GraphError(400, "BadRequest", f"Number of batch request steps exceeds the maximum value of {most}.")
    if len(set(names)) < len(names) or not all(names):
        raise GraphError(400, "BadRequest", "Request Id has to be unique in a batch.")
    answers: dict[str, Answer] = {}
    with limits.batch(len(parts)):
        for part in parts:
            needed = [answers.get(name) for name in part.get("dependsOn", ())]
            failed = any(answer is None or answer.status >= 400 for answer in needed)
            refusal = GraphError(424, "FailedDependency")
            answers[str(part["id"])] = refusal.answer() if failed else one(_part(part, call))
    responses = [_written(name, answer) for name, answer in answers.items()]
    random.Random(len(call.body)).shuffle(responses)
    return Answer.json({"responses": responses})


def _part(part: dict[str, Any], outer: Call) -> Call:
    headers = Headers(list(part.get("headers", {}).items()))
    if "Authorization" not in headers and "Authorization" in outer.headers:
        headers["Authorization"] = outer.headers["Authorization"]
    url = urlsplit(part["url"])
    body = part.get("body", b"")
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    version = outer.raw_path.partition("/$batch")[0]
    raw_path = f"{version}{url.path}"
    args = MultiDict(parse_qsl(url.query, keep_blank_values=True))
    return Call(part["method"].upper(), unquote(raw_path), args, headers, content, outer.base, True, raw_path)


def _written(name: str, answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {"id": name, "status": answer.status, "headers": dict(answer.headers)}
    if answer.body:
        is_json = "json" in answer.headers.get("Content-Type", "")
        # What is no JSON comes as base64 text.
        content["body"] = json.loads(answer.body) if is_json else b64encode(answer.body).decode()
    return content
