# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which handler answers a path. Ids hold slashes, so paths are cut before what is quoted in them is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.cloud.call import Answer, Call

from .account import OutlookAccount
from .world import World


@dataclass(frozen=True)
class Asked:
    """A call to a mailbox with all that its handler needs."""

    world: World
    call: Call
    account: OutlookAccount
    values: Mapping[str, str]

    @property
    def args(self) -> dict[str, str]:
        """Options of the query; OData allows leaving out the dollar sign."""
        options = {"select", "expand", "top", "skip", "filter", "orderby", "search", "deltatoken", "skiptoken"}
        return {f"${k}" if k.lower() in options else k: v for k, v in self.call.args.items()}

    @property
    def preferences(self) -> str:
        return ", ".join(self.call.headers.getlist("Prefer"))

    @property
    def is_immutable(self) -> bool:
        return 'IdType="ImmutableId"' in self.preferences


@dataclass(frozen=True)
class Route:
    """``name`` is what the log and faults call it, ``need`` the permission, see ``access``."""

    name: str
    method: str
    pattern: tuple[str, ...]
    need: str
    handler: Callable[[Asked], Answer]

    def match(self, method: str, segments: list[str]) -> dict[str, str] | None:
        if method != self.method or len(segments) != len(self.pattern):
            return None
        values = {}
        for wanted, found in zip(self.pattern, segments, strict=True):
            if wanted.startswith("{"):
                values[wanted[1:-1]] = found
            elif found.lower() not in wanted.split("|"):
                return None
        return values


def segments_of(raw_path: str) -> list[str]:
    """The parts of a path behind the version, each read by itself."""
    return [unquote(part) for part in raw_path.split("/") if part][1:]
