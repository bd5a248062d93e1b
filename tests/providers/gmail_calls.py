# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Callable

from mailsync.errors import (
    MailSyncError,
)
from mailsync.providers.gmail import GmailProvider

from .gmail_server import GmailServer, Scan

CALLS: dict[str, Callable[[GmailProvider, str], object]] = {
    "labels.list": lambda provider, cursor: provider.folders(),
    "history.list": lambda provider, cursor: provider.changed({"INBOX": cursor}),
    "getProfile": lambda provider, cursor: provider.changes("INBOX", ""),
    "labels.get": lambda provider, cursor: provider.changes("INBOX", ""),
    "messages.list": lambda provider, cursor: provider.changes("INBOX", ""),
    "messages.get": lambda provider, cursor: list(provider.fetch("INBOX", ["18f0000001"])),
    "batch": lambda provider, cursor: list(provider.fetch("INBOX", ["18f0000001", "18f0000002"])),
}


def cursor_of(gmail: GmailServer) -> str:
    scan = Scan("INBOX")
    with gmail.session() as provider:
        scan.run(provider)
    return scan.cursors["INBOX"]


def scanned(gmail: GmailServer, folders: tuple[str, ...] = ("INBOX",), tries: int = 200) -> Scan:
    """Scans until one gets through, as a worker does; the clock goes on in between."""
    scan = Scan(*folders)
    for _ in range(tries):
        try:
            with gmail.session() as provider:
                gmail.pace = provider.traffic.pace
                scan.run(provider)
        except MailSyncError as error:
            gmail.pace = provider.traffic.pace
            gmail.google.clock.advance(error.retry_after or 30)
        else:
            return scan
    raise AssertionError("no scan got through")
