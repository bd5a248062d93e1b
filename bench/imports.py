# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The first import of a mailbox, against Odoo's own fetchmail and against mbsync's mere copying."""

from __future__ import annotations

import statistics
import subprocess
import time
from unittest.mock import patch

from odoo.api import Environment
from odoo.models import BaseModel

from sandbox.services.dovecot import Dovecot

from .figures import Figure
from .letters import OWNER, known_address, letters
from .world import PASSWORD, Scanned, World

COUNT = 5_000
CUSTOMERS = 200

# By name: mbsync does not find an address among the names of a certificate.
MBSYNC = """
IMAPAccount bench
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca_file}

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
"""


def run(world: World) -> list[Figure]:
    mail = list(letters(COUNT, customers=CUSTOMERS))
    world.env["res.partner"].create([{"name": f"Buyer {n}", "email": known_address(n)} for n in range(CUSTOMERS)])
    # Twice, with the slowest of the yardsticks between: the machine is not equally fast all the time.
    rounds = [_round(world, mail, "before")]
    with world.mail_server({"INBOX": mail}) as server:
        _mbsync(world, server, "known-index")
        known = world.scan(world.mailbox(server, scan_all=False))
        world.forget()
        # All of it, though it takes minutes: the more leads there are, the longer each of them takes.
        fetchmail = COUNT / _fetchmail(world, server)
    rounds.append(_round(world, mail, "after"))
    seconds = statistics.mean(everything.seconds for everything, _copying in rounds)
    copying = COUNT / statistics.mean(seconds for _everything, seconds in rounds)
    rate = COUNT / seconds
    received = rounds[0][0].bytes_received
    megabytes = 1_000_000
    return [
        Figure("import_vs_fetchmail", rate, "messages/s", "Odoo's fetchmail into leads", fetchmail),
        Figure("import_vs_mbsync", rate, "messages/s", "mbsync, TLS, tmpfs", copying),
        Figure("import_kept_only", known.seconds, "s", "everything kept", seconds),
        Figure(
            "import_kept_only_bytes",
            known.bytes_received / megabytes,
            "MB fetched",
            "everything kept",
            received / megabytes,
        ),
    ]


def _round(world: World, mail: list[bytes], name: str) -> tuple[Scanned, float]:
    """An import of everything, and the seconds in which mbsync copies the same."""
    with world.mail_server({"INBOX": mail}) as server:
        # Dovecot builds its index on first sight of a folder; nobody is to pay for that.
        _mbsync(world, server, f"{name}-index")
        copying = _mbsync(world, server, name)
        everything = world.scan(world.mailbox(server, scan_all=True))
    _require(everything.kept, COUNT)
    world.forget()
    return everything, copying


def _require(found: int, expected: int) -> None:
    if found != expected:
        raise RuntimeError(f"{found} letters were archived instead of {expected}: no figure is worth anything")


def _mbsync(world: World, server: Dovecot, name: str) -> float:
    """Seconds in which mbsync copies the inbox."""
    folder = world.folder / name
    folder.mkdir()
    configuration = folder.with_suffix(".rc")
    configuration.write_text(
        MBSYNC.format(
            port=server.imaps_port,
            user=OWNER,
            password=PASSWORD,
            ca_file=server.ca_file,
            folder=folder,
        )
    )
    started = time.perf_counter()
    subprocess.run(["mbsync", "-q", "-c", str(configuration), "bench"], check=True)
    seconds = time.perf_counter() - started
    _require(len(list((folder / "INBOX").glob("*/*"))), COUNT)
    return seconds


def _fetchmail(world: World, server: Dovecot) -> float:
    """Seconds in which Odoo's own fetchmail makes leads of the inbox."""
    env = world.env
    source = env["fetchmail.server"].create(
        {
            "name": "Benchmark",
            "server_type": "imap",
            "server": server.host,
            "port": server.imaps_port,
            "is_ssl": True,
            "user": OWNER,
            "password": PASSWORD,
            "object_id": env["ir.model"]._get_id("crm.lead"),
            "state": "done",
        }
    )
    env.cr.commit()
    before = env["crm.lead"].search([])
    # A new lead has its older letters looked for: our work, and none of fetchmail's.
    with patch.object(env.registry["crm.mail.rematch"], "_search_for", lambda _searches, _records: None):
        seconds = _seconds_until(env, source, len(before) + COUNT)
    # Or every sender would be known in the import that follows.
    (env["crm.lead"].search([]) - before).unlink()
    env.cr.commit()
    return seconds


def _seconds_until(env: Environment, source: BaseModel, wanted: int) -> float:
    """Seconds in which fetchmail brings the number of leads to what is wanted."""
    started = time.perf_counter()
    while env["crm.lead"].search_count([]) < wanted:
        before = env["crm.lead"].search_count([])
        source._fetch_mail()
        env.cr.commit()
        if env["crm.lead"].search_count([]) == before:
            raise RuntimeError("fetchmail brought no more mail")
    return time.perf_counter() - started
