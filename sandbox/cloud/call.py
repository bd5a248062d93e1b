# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A call and its answer, whether it came by itself or as a part of a batch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import Headers, MultiDict

from .faults import Fault

JSON = "application/json; charset=UTF-8"


@dataclass
class Call:
    """What was asked.

    :param base: scheme, host and port under which the caller reaches us
    :param raw_path: the path before %2F and the like were read
    :param part: within a batch
    """

    method: str
    path: str
    args: MultiDict[str, str]
    headers: Headers
    body: bytes
    base: str
    part: bool = False
    raw_path: str = ""

    @property
    def bearer(self) -> str | None:
        """The access token (RFC 6750), from the header or, as Google also takes it, from the query."""
        kind, _space, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else self.args.get("access_token")


@dataclass
class Answer:
    """What is said back; ``fault`` spoils it on its way to the caller."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None

    @classmethod
    def json(cls, content: Any, status: int = 200, **headers: str) -> Answer:
        return cls(status, json.dumps(content).encode(), {"Content-Type": JSON, **headers})
