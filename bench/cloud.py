# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail and Outlook: what an import and a scan without news cost of the providers' quotas, how fast.

The stand-ins of the sandbox count as the real ones do. Their speed is theirs, so messages a second are compared
with the IMAP path on the same mail in the same run.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from odoo.addons.crm_mail_sync.mailsync.pace import Budget

from .figures import Figure
from .letters import known_address, letters
from .standins import Standin, standin
from .world import World

COUNT = 2_000
CUSTOMERS = 200
MOST_UNITS = 21.0
MOST_UNITS_NOTHING_NEW = 2
MOST_REQUESTS = 0.15
MOST_REQUESTS_A_FOLDER = 1


def run(world: World) -> list[Figure]:
    world.env["res.partner"].create([{"name": f"Buyer {n}", "email": known_address(n)} for n in range(CUSTOMERS)])
    imap = _imap(world)
    found = []
    for provider in ("gmail", "outlook"):
        # Neither side keeps to a quota here: it is the way of a message that is measured.
        with standin(provider, COUNT) as far, patch.object(Budget, "_wait", return_value=0.0):
            found += _import(world, provider, far, imap)
    return found


def _imap(world: World) -> float:
    """Messages a second of the IMAP path with the same mail."""
    with world.mail_server({"INBOX": letters(COUNT, customers=CUSTOMERS)}) as server:
        scanned = world.scan(world.mailbox(server, scan_all=True))
    world.forget()
    return COUNT / scanned.seconds


def _import(world: World, provider: str, far: Standin, imap: float) -> list[Figure]:
    mailbox = world.linked_mailbox(provider, far.facts)
    before = far.counts()
    scanned = world.scan(mailbox)
    after = far.counts()
    if scanned.kept != COUNT:
        raise RuntimeError(f"{scanned.kept} letters were archived instead of {COUNT}: no figure is worth anything")
    _ask(mailbox)
    first = far.counts()
    folders = _ask(mailbox)
    last = far.counts()
    name = "graph" if provider == "outlook" else provider
    rate = Figure(f"{name}_import_vs_imap", COUNT / scanned.seconds, "messages/s", "the IMAP path", imap)
    world.forget()
    if provider == "gmail":
        units = (after["units"] - before["units"]) / COUNT
        asked = last["units"] - first["units"]
        return [
            Figure("gmail_units_per_message", units, "quota units", "at most", MOST_UNITS),
            Figure("gmail_nothing_new", asked, "quota units a scan", "at most", MOST_UNITS_NOTHING_NEW),
            rate,
        ]
    requests = (after["requests"] - before["requests"]) / COUNT
    asked = (last["units"] - first["units"]) / folders
    return [
        Figure("graph_requests_per_message", requests, "round trips", "at most", MOST_REQUESTS),
        Figure("graph_nothing_new", asked, "requests a folder", "at most", MOST_REQUESTS_A_FOLDER),
        rate,
    ]


def _ask(mailbox: Any) -> int:
    """Ask for news where there is none; the number of folders."""
    cursors = {f.remote_id: f.cursor for f in mailbox.folder_ids if f.selected}
    with mailbox._connector__(mailbox._store_tokens__)() as provider:
        if changed := provider.changed(cursors):
            raise RuntimeError(f"{len(changed)} folders are said to have changed where nothing has")
    return len(cursors)
