# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What stands for Google or Microsoft, in a process of its own, so that it does not take part in our CPU's time.

It speaks lines of JSON: facts when it is ready, then for each line that it reads the counts of all requests so far.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import google, microsoft

from .letters import OWNER, letters, small_letters

GMAIL_SCOPES = (
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/gmail.send",
)
GRAPH_SCOPES = ("openid", "profile", "offline_access", "User.Read", "Mail.Read", "Mail.Send")


@dataclass
class Standin:
    """A running stand-in; ``facts``: endpoints, CA file, app and tokens of the benchmark's account."""

    facts: dict[str, Any]
    _process: subprocess.Popen[str]

    def counts(self) -> dict[str, int]:
        """Requests, units of quota (parts of batches for Graph) and refusals since the start."""
        assert self._process.stdin is not None
        self._process.stdin.write("counts\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The stand-in has ended")
        return dict(json.loads(line))


@contextmanager
def standin(provider: str, count: int, *, small: bool = False, limits: bool = False) -> Iterator[Standin]:
    """A stand-in with ``count`` letters in the owner's inbox.

    :param small: letters of a kilobyte instead of those of the imports
    :param limits: whether the real provider's limits are on
    """
    with tempfile.TemporaryDirectory(prefix="standin-") as folder:
        words = [provider, str(count), "small" if small else "usual", "limits" if limits else "no-limits", folder]
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.standins", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            running = Standin({}, process)
            running.facts = running._read()
            yield running
        finally:
            process.communicate()


def _serve(provider: str, count: str, size: str, limits: str, folder: str) -> None:
    mail = (small_letters if size == "small" else letters)(int(count))
    serving = _google(Path(folder), mail) if provider == "gmail" else _microsoft(Path(folder), mail)
    with serving as (far, facts):
        if limits == "no-limits":
            far.limits.off()
        print(json.dumps(facts), flush=True)
        for _line in sys.stdin:
            print(json.dumps(_counts(far)), flush=True)


@contextmanager
def _google(folder: Path, mail: Iterator[bytes]) -> Iterator[tuple[google.Google, dict[str, Any]]]:
    with google.running(folder) as far:
        account = far.add_account(OWNER, "Owner")
        for content in mail:
            account.deliver(content)
        yield far, _facts(far, far.grant(OWNER, GMAIL_SCOPES))


@contextmanager
def _microsoft(folder: Path, mail: Iterator[bytes]) -> Iterator[tuple[microsoft.Microsoft, dict[str, Any]]]:
    with microsoft.running(folder) as far:
        account = far.add_account(OWNER, "Owner")
        for content in mail:
            account.deliver(content)
        yield far, {**_facts(far, far.grant(OWNER, GRAPH_SCOPES)), "tenant": far.tenant}


def _facts(far: google.Google | microsoft.Microsoft, tokens: dict[str, Any]) -> dict[str, Any]:
    return {
        "endpoints": far.endpoints,
        "ca_file": str(far.ca_file),
        "client_id": far.client_id,
        "client_secret": far.client_secret,
        "tokens": tokens,
    }


def _counts(far: google.Google | microsoft.Microsoft) -> dict[str, int]:
    records = list(far.requests)
    return {
        "requests": far.requests.round_trips(),
        "units": far.requests.units(),
        "three_minutes": _units_of_three_minutes(records),
        "refused": sum(record.status in (403, 429, 503) for record in records),
    }


def _units_of_three_minutes(records: Sequence[Any]) -> int:
    """What was spent in the three minutes from the first message on."""
    began = min((r.started for r in records if r.route == "messages.get"), default=0.0)
    return sum(r.units for r in records if began <= r.started < began + 180)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
