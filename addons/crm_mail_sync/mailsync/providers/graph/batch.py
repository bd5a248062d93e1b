# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Several requests in one round trip (https://learn.microsoft.com/graph/json-batching).

A mailbox is asked by one batch at a time, of which Outlook works at four parts at once: never more than its limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import ProtocolError
from .http import Client, preferences
from .translate import PASSING, Answer, error_of, longest

_MOST_PARTS = 20
_FEWEST_PARTS = 4
# Seconds that a worker may stand still because parts were refused. Who asks for more is asked by the next scan.
_SHORT_WAIT = 5.0
_FIRST_WAIT = 0.5
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A request of a batch: its method, its path below the version, and the JSON that goes with it."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None


class Batcher:
    """Asks in batches, in smaller ones after the service has refused parts of one."""

    def __init__(self, client: Client) -> None:
        self.size = _MOST_PARTS
        self._client = client

    def ask(self, paths: Mapping[str, str], prefer: str = "", *, urgent: bool = False) -> dict[str, Answer]:
        """An answer for each path (below the version, GET), as ``run`` gives it."""
        return self.run({key: Part("GET", path) for key, path in paths.items()}, prefer, urgent=urgent)

    def run(self, parts: Mapping[str, Part], prefer: str = "", *, urgent: bool = False) -> dict[str, Answer]:
        """An answer for each part.

        Parts that the service was too busy for are asked again, if a short wait will do. If not, they and those
        that were not asked yet have its refusal for an answer.
        """
        answers: dict[str, Answer] = {}
        waiting = list(parts)
        tries = 0
        while waiting:
            some = waiting[: self.size]
            came = self._once([parts[key] for key in some], prefer, urgent=urgent)
            answers.update(zip(some, came, strict=True))
            refused = [key for key in some if answers[key].status in PASSING]
            waiting = refused + waiting[len(some) :]
            if not refused:
                tries = 0
                self.size = min(self.size + 1, _MOST_PARTS)
                continue
            tries += 1
            self.size = max(self.size // 2, _FEWEST_PARTS)
            wait = max(answers[key].retry_after or _FIRST_WAIT * 2**tries for key in refused)
            if wait > _SHORT_WAIT or tries >= _TRIES:
                refusal = longest(answers[key] for key in refused)
                answers.update({key: refusal for key in waiting if key not in answers})
                break
            self._client.sleep(wait)
        return answers

    def _once(self, parts: Sequence[Part], prefer: str, *, urgent: bool) -> list[Answer]:
        answers = self._post(parts, prefer, urgent=urgent)
        if any(answer.status == 401 for answer in answers):
            self._client.renew()
            answers = self._post(parts, prefer, urgent=urgent)
            for answer in answers:
                if answer.status == 401:
                    raise error_of(answer)
        if any(answer.is_ok for answer in answers):
            self._client.has_read = True
        return answers

    def _post(self, asked: Sequence[Part], prefer: str, *, urgent: bool) -> list[Answer]:
        parts = [_written(str(number), part, prefer) for number, part in enumerate(asked)]
        content = json.dumps({"requests": parts}).encode()
        answer = self._client.post("/$batch", content, "application/json", units=len(parts), urgent=urgent)
        if not answer.is_ok:
            raise error_of(answer)
        body = answer.body if isinstance(answer.body, dict) else {}
        found = dict(_parts(body.get("responses")))
        try:
            return [found[str(number)] for number in range(len(asked))]
        except KeyError as error:
            raise ProtocolError("a batch of which parts were not answered") from error


def _written(name: str, part: Part, prefer: str) -> dict[str, Any]:
    # The outer request's headers are not those of its parts.
    headers = {"Prefer": preferences(prefer)}
    written = {"id": name, "method": part.method, "url": part.path, "headers": headers}
    if part.body is not None:
        headers["Content-Type"] = "application/json"
        written["body"] = part.body
    return written


def _parts(responses: Any) -> Iterable[tuple[str, Answer]]:
    """The answers by the ids of their parts; they come in any order."""
    for part in responses if isinstance(responses, list) else ():
        if isinstance(part, dict) and isinstance(part.get("status"), int):
            headers = part.get("headers")
            told = {str(name): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
            yield str(part.get("id")), Answer(part["status"], told, part.get("body"))
