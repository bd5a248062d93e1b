# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Peak memory while a message of 50 MB is archived, in a process of its own."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from sandbox.services.maildir import Mail
from tools.paths import PYTHON

from .figures import Figure
from .letters import OWNER, known_address, letters
from .world import World

SIZE = 50_000_000
MEGABYTE = 1_000_000


def run(world: World) -> list[Figure]:
    world.env["res.partner"].create({"name": "Buyer", "email": known_address(0)})
    with world.mail_server({"INBOX": letters(20)}) as server:
        mailbox = world.mailbox(server, scan_all=True)
        world.scan(mailbox)
        size = len(_large())
        server.append(OWNER, "INBOX", [Mail(_large())])
        mailbox._set_due()
        world.env.cr.commit()
        command = [str(PYTHON), "-m", "bench.memory", str(world.configuration), str(mailbox.id)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = int(done.stdout.split()[-1])
    return [Figure("peak_memory_50mb", peak / MEGABYTE, "MB above idle", "the message's size", size / MEGABYTE)]


def _large() -> bytes:
    """A message of about SIZE bytes: some text and one file."""
    head = (
        f"From: {known_address(0)}\r\nTo: {OWNER}\r\nSubject: Drawings\r\nMessage-ID: <large@bench.test>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'
        "Content-Type: text/plain\r\n\r\nThe drawings.\r\n--x\r\nContent-Type: application/octet-stream\r\n"
        'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="drawings.bin"\r\n\r\n'
    )
    content = bytes(range(256)) * (SIZE * 3 // 4 // 256)
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return head.encode() + encoded + b"--x--\r\n"


def _status(field: str) -> int:
    """A memory figure of this process in bytes, see proc(5)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def _scan(configuration: str, mailbox_id: int) -> None:
    """Scan the mailbox in this process; print the bytes of its peak above what it took before."""
    import time

    import odoo.api
    import odoo.tools
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", configuration, "--log-level=warn"], setup_logging=True)
    (name,) = odoo.tools.config["db_name"]
    with Registry(name).cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
        from odoo.addons.crm_mail_sync.scan.runner import Runner

        runner = Runner(env)
        runner.unit.run(runner.lease.take)
        Path("/proc/self/clear_refs").write_text("5")
        idle = _status("VmRSS")
        runner.scan(mailbox_id, time.monotonic() + 600)
        if env["crm.mail.email"].search_count([("size", ">", SIZE // 2)]) != 1:
            raise RuntimeError("The large message was not archived")
    print(_status("VmHWM") - idle)


if __name__ == "__main__":
    _scan(sys.argv[1], int(sys.argv[2]))
