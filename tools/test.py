# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make test``: the tests that need no database first, then those inside Odoo on a copy of a template database.

The template is made meanwhile, and what is said of that is shown between the two.

Arguments are pytest's; a path below ``addons/`` runs inside Odoo, any other one without.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.services import postgres
from sandbox.services.process import end

from . import database, debian, odoo_process
from .console import SetupError, main, say
from .paths import LOCAL, PYTHON, ROOT

PURE = ("tests",)
PREPARATION = (str(PYTHON), "-m", "tools.template")
# A worker for each core, with a copy of the database; a class or module stays together, for it shares what it set up.
SIDE_BY_SIDE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadscope")


def test() -> int:
    os.chdir(ROOT)
    paths = [word for word in sys.argv[1:] if (ROOT / word.split("::")[0]).exists()]
    options = [word for word in sys.argv[1:] if word not in paths]
    inside = [path for path in paths if path.startswith("addons/")]
    outside = [path for path in paths if path not in inside]
    if os.environ.get("CI"):
        options += ["-o", "console_output_style=classic"]
    if inside and not outside:
        return within_odoo(inside, options)
    if outside and not inside:
        return pure(outside, options)
    with beside(PREPARATION):
        status = pure(outside or PURE, [*SIDE_BY_SIDE, *options])
    every = sorted(map(str, Path("addons").glob("*/tests")))
    return max(status, within_odoo(inside or every, [*SIDE_BY_SIDE, *options]))


@contextmanager
def beside(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the background; at the end it is waited for, and all that it has said is shown.

    :raises SetupError: it failed, and has said why
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        try:
            yield process
            process.wait()
        finally:
            end(process)
        said.seek(0)
        print(said.read(), end="", flush=True)
        if process.returncode:
            raise SetupError("The tests inside Odoo were not run, for what is said above.")


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
        command = [str(PYTHON), "-m", "pytest", "-p", "tools.workers", "-o", "pythonpath=.", *chosen, *options, *paths]
        return subprocess.run(command, check=False, env=_environment(server)).returncode


def _environment(server: postgres.Postgres) -> dict[str, str]:
    # The database goes when the tests end: nothing of it has to outlive a power cut.
    options = f"{os.environ.get('PGOPTIONS', '')} -c synchronous_commit=off"
    # Each worker copies the database with PostgreSQL's own programs.
    path = f"{postgres.embedded().folder}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, **server.libpq_variables(), "PGOPTIONS": options, "PATH": path}


if __name__ == "__main__":
    main(test)
