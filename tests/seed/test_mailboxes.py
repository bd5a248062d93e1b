# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The mailboxes as a real server shows them."""

from __future__ import annotations

import tempfile
from datetime import datetime, timezone
from pathlib import Path

from imapclient import IMAPClient

from sandbox.seed import lay_imap
from sandbox.seed.mailboxes import build
from sandbox.services import dovecot

NOW = datetime(2026, 3, 2, 15, 20, tzinfo=timezone.utc)
_ROLES = {"sent": b"\\Sent", "drafts": b"\\Drafts", "junk": b"\\Junk", "trash": b"\\Trash"}


def test_server_holds_every_message_with_date_and_flags():
    world = build(NOW)
    users = {mailbox.address: "secret" for mailbox in world.mailboxes}
    with tempfile.TemporaryDirectory(prefix="seed-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with dovecot.running(root, users) as server:
            for mailbox in world.mailboxes:
                lay_imap(mailbox, server)
                with IMAPClient(server.host, server.imap_port, ssl=False) as client:
                    client.login(mailbox.address, "secret")
                    _same(client, mailbox)


def _same(client, mailbox) -> None:
    client.normalise_times = False
    listed = {name: flags for flags, _delimiter, name in client.list_folders()}
    for folder in mailbox.folders:
        name = "/".join(folder.path)
        assert _ROLES.get(folder.role, b"") in (*listed[name], b"")
        client.select_folder(name, readonly=True)
        held = client.fetch(client.search("ALL"), ["RFC822.SIZE", "INTERNALDATE", "FLAGS"])
        assert len(held) == len(folder.messages)
        for message, (_uid, data) in zip(folder.messages, sorted(held.items()), strict=True):
            assert data[b"RFC822.SIZE"] == len(message.content)
            assert data[b"INTERNALDATE"] == message.received.astimezone(data[b"INTERNALDATE"].tzinfo)
            assert {flag.decode() for flag in data[b"FLAGS"]} - {"\\Recent"} == message.flags
