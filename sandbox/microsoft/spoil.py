# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers that are valid and awkward: Graph gives such ones out of itself, here they come on order.

Items may come again, once or many pages later, a page may be empty though there are more, and a replica may not have
caught up yet (learn.microsoft.com/graph/delta-query-overview, "Replays" and "Synchronization delays").
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from sandbox.cloud.call import Answer, Call

_LINKS = ("@odata.nextLink", "@odata.deltaLink")


class Spoiler:
    """Spoils answers by what it remembers of the ones before: of each user and path, the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str], tuple[str, Answer]] = {}
        self._ways: dict[str, Callable[[Call, str, Answer], Answer]] = {
            "duplicate": self._duplicate,
            "replay": self._replay,
            "empty": self._empty,
            "stale": self._stale,
        }

    def spoilt(self, kind: str, call: Call, user: str, answer: Answer) -> Answer:
        """The answer after a fault of this kind; one that is no success stays as it is."""
        way = self._ways.get(kind)
        return way(call, user, answer) if way and answer.status == 200 else answer

    def remember(self, call: Call, user: str, answer: Answer) -> None:
        """Keep an answer as it was before it was spoilt."""
        if call.method == "GET" and answer.status == 200:
            with self._lock:
                self._last[user, call.raw_path] = (_url(call), answer)

    def _before(self, call: Call, user: str) -> tuple[str, Answer | None]:
        with self._lock:
            return self._last.get((user, call.raw_path), ("", None))

    def _duplicate(self, _call: Call, _user: str, answer: Answer) -> Answer:
        content = json.loads(answer.body)
        return _with(answer, value=[item for item in content.get("value", ()) for _twice in range(2)])

    def _replay(self, call: Call, user: str, answer: Answer) -> Answer:
        _url_before, before = self._before(call, user)
        again = json.loads(before.body).get("value", []) if before else []
        return _with(answer, value=[*again, *json.loads(answer.body).get("value", ())])

    def _empty(self, call: Call, _user: str, answer: Answer) -> Answer:
        """Nothing yet, and a link to where one is already."""
        content = {name: value for name, value in json.loads(answer.body).items() if name not in _LINKS}
        return Answer.json({**content, "value": [], _LINKS[0]: _url(call)}, 200, **_preference(answer))

    def _stale(self, call: Call, user: str, answer: Answer) -> Answer:
        """As it was when the same was asked before; a round of delta queries finds nothing new."""
        if "deltatoken" in "".join(call.args):
            content = {name: value for name, value in json.loads(answer.body).items() if name not in _LINKS}
            return Answer.json({**content, "value": [], _LINKS[1]: _url(call)}, 200, **_preference(answer))
        url, before = self._before(call, user)
        return before if before and url == _url(call) else answer


def _with(answer: Answer, **values: Any) -> Answer:
    content = {**json.loads(answer.body), **values}
    return Answer(answer.status, json.dumps(content).encode(), answer.headers)


def _preference(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name == "Preference-Applied"}


def _url(call: Call) -> str:
    query = urlencode(list(call.args.items(multi=True)))
    return f"{call.base}{call.raw_path}{f'?{query}' if query else ''}"
