# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make demo`` and ``make demo-once``: Odoo with demo data, a mail server full of letters, mailboxes scanned.

What happens inside Odoo (connecting, scanning, counting) is in :mod:`tools.demo_odoo`.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sandbox.services import odoo_server, postgres, process
from sandbox.services.postgres import Postgres

from . import database, demo_mail, odoo_process, web_client
from .console import SetupError, main, say, step
from .demo_facts import Facts
from .paths import DEMO_DATABASE, LOCAL, PYTHON

HOME = LOCAL / "demo"
PORT = 8069

LOG_INS = """
Odoo runs on {address}
  sign in as admin (password admin) or demo (password demo); Ctrl-C stops everything.
  To link a mailbox yourself: Email → My mailboxes → New, then
    Gmail with {gmail}, or Outlook with {outlook}
  The pages that open then stand for those of Google and Microsoft; no password is asked for.
"""


def demo() -> int:
    once = "--once" in sys.argv
    port = process.free_ports(1)[0] if once else _demo_port()
    with ExitStack() as services:
        services.enter_context(_only_one())
        server = services.enter_context(postgres.running(LOCAL / "pg"))
        with step("Demo database"):
            database.make(server, DEMO_DATABASE, demo=True)
        mail = demo_mail.start(services, HOME, f"http://localhost:{port}")
        configuration = _configure(server, port)
        status = _inside_odoo(configuration, mail.facts, mail.environment)
        if status:
            return status
        with step("Odoo's web server"):
            command = odoo_process.command(configuration, "server", f"--http-port={port}")
            log = HOME / "odoo.log"
            address = services.enter_context(odoo_server.running(command, port, log, mail.environment))
            loaded = web_client.check(address, DEMO_DATABASE, "admin", "admin")
        say(f"    the web client loads whole: {loaded} scripts, style sheets and pictures")
        if not once:
            say(LOG_INS.format(address=address, **demo_mail.TO_LINK))
            _wait_for_the_end()
    return 0


def _demo_port() -> int:
    port = int(os.environ.get("CRM_MAIL_SYNC_PORT", PORT))
    if process.listens(port):
        raise SetupError(f"Port {port} is in use. Name another one: CRM_MAIL_SYNC_PORT={port + 1} make demo")
    return port


@contextmanager
def _only_one() -> Iterator[None]:
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise SetupError("A demo of this project is already running; stop it first.") from exc
        yield


def _configure(server: Postgres, port: int) -> Path:
    return odoo_process.write_configuration(server, DEMO_DATABASE, http_port=port)


def _inside_odoo(configuration: Path, facts: Facts, environment: dict[str, str]) -> int:
    """Connect the mailboxes, scan and count; the lines it prints are the demo's summary."""
    file = HOME / "facts.pickle"
    file.touch(mode=0o600)
    file.write_bytes(pickle.dumps(facts))
    command = [str(PYTHON), "-m", "tools.inside_odoo", str(configuration), "tools.demo_odoo", str(file)]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def _wait_for_the_end() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("\nStopping Odoo, the mail server and PostgreSQL.")


if __name__ == "__main__":
    main(demo)
