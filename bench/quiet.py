# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A scan that finds nothing new: ten folders, twenty thousand messages."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from odoo.addons.crm_mail_sync.mailsync.provider import Traffic

from .figures import Figure
from .world import World

FOLDERS = 10
MESSAGES = 2_000
MOST_ROUND_TRIPS = 4
MOST_CPU_MS = 5.0


def run(world: World) -> list[Figure]:
    folders = {name: _small(name) for name in ["INBOX", *(f"Project {n}" for n in range(1, FOLDERS))]}
    with world.mail_server(folders) as server:
        mailbox = world.mailbox(server, scan_all=False)
        world.scan(mailbox)
        connector = mailbox._connector__(mailbox._store_tokens__)
        cursors = {f.remote_id: f.cursor for f in mailbox.folder_ids if f.selected}
        asked = [_ask(connector, cursors) for _n in range(9)]
    requests = max(traffic.requests for traffic, _ms in asked)
    return [
        Figure("nothing_new", requests, "round trips", "at most", MOST_ROUND_TRIPS),
        Figure("nothing_new_cpu", statistics.median(ms for _t, ms in asked), "ms of CPU", "at most", MOST_CPU_MS),
    ]


def _ask(connector: Callable[[], Any], cursors: dict[str, str]) -> tuple[Traffic, float]:
    """Sign in, ask, sign out; what it cost."""
    started = time.process_time()
    with connector() as provider:
        changed = provider.changed(cursors)
        traffic = provider.traffic
    milliseconds = (time.process_time() - started) * 1000
    if changed:
        raise RuntimeError("The server names changes where there are none")
    return traffic, milliseconds


def _small(folder: str) -> Iterator[bytes]:
    for number in range(MESSAGES):
        yield (
            f"From: x{number}@unknown.bench.test\r\nTo: owner@bench-own.test\r\nSubject: {folder} {number}\r\n"
            f"Message-ID: <{number}@{folder.replace(' ', '-')}.bench.test>\r\n\r\nShort.\r\n"
        ).encode()
