# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make shell``: Odoo's interactive shell on the demo database."""

from __future__ import annotations

import subprocess

from sandbox.services import postgres

from . import odoo_process
from .console import SetupError, main
from .paths import DEMO_DATABASE, LOCAL


def shell() -> int:
    with postgres.running(LOCAL / "pg") as server:
        if DEMO_DATABASE not in server.databases():
            raise SetupError("There is no demo database yet; `make demo-once` makes it.")
        configuration = odoo_process.write_configuration(server, DEMO_DATABASE)
        return subprocess.run(odoo_process.command(configuration, "shell", "--no-http"), check=False).returncode


if __name__ == "__main__":
    main(shell)
