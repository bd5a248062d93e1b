# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make test``: the tests that need no database first, then those inside Odoo on a copy of a template database.

Arguments are pytest's; a path below ``addons/`` runs inside Odoo, any other one without.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.services import postgres

from . import database, debian, odoo_process
from .console import SetupError, main, say
from .paths import LOCAL, PYTHON, ROOT

PURE = ("tests",)


def test() -> int:
    os.chdir(ROOT)
    paths = [word for word in sys.argv[1:] if (ROOT / word.split("::")[0]).exists()]
    options = [word for word in sys.argv[1:] if word not in paths]
    inside = [path for path in paths if path.startswith("addons/")]
    outside = [path for path in paths if path not in inside]
    if os.environ.get("CI"):
        options += ["-o", "console_output_style=classic"]
    statuses = []
    if outside or not paths:
        statuses.append(pure(outside or PURE, options))
    if inside or not paths:
        statuses.append(within_odoo(inside or sorted(map(str, Path("addons").glob("*/tests"))), options))
    return max(statuses)


def pure(paths: Sequence[str], options: Sequence[str]) -> int:
    """Tests without Odoo: its pytest plugin is off, so that nothing of it is even imported."""
    say("==> Tests without a database")
    return subprocess.run([str(PYTHON), "-m", "pytest", "-p", "no:odoo", *options, *paths], check=False).returncode


def within_odoo(paths: Sequence[str], options: Sequence[str]) -> int:
    missing = [need.package for need in (debian.DOVECOT, debian.CHROMIUM) if not need.present()]
    if missing:
        raise SetupError(f"The tests need the Debian packages {', '.join(missing)}: run `make setup` as root.")
    with postgres.running(LOCAL / "pg") as server, database.temporary(server, demo=False) as name:
        say("==> Tests inside Odoo")
        configuration = odoo_process.write_configuration(server, name)
        chosen = [f"--odoo-config={configuration}", f"--odoo-database={name}", "--odoo-http"]
        command = [str(PYTHON), "-m", "pytest", "-o", "pythonpath=.", *chosen, *options, *paths]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    main(test)
