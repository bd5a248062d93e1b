# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Running Odoo: its configuration file and its commands, always with the project's own environment."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.services.postgres import Postgres
from sandbox.services.process import end

from . import odoo_source
from .console import SetupError, say
from .paths import ADDONS, LOCAL, ODOO_DATA, PYTHON

MODULE = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
PROGRESS_SECONDS = 5
CONFIGURATIONS = LOCAL / "odoo-conf"


def our_modules() -> list[str]:
    return sorted(manifest.parent.name for manifest in ADDONS.glob("*/__manifest__.py"))


def modules_we_need() -> list[str]:
    """The modules of Odoo itself that ours depend on."""
    ours = our_modules()
    manifests = [ast.literal_eval((ADDONS / name / "__manifest__.py").read_text()) for name in ours]
    return sorted({need for manifest in manifests for need in manifest["depends"]} - set(ours))


def write_configuration(server: Postgres, database: str, **options: object) -> Path:
    """A configuration file for one database; options are those of Odoo's file, on top of ours."""
    paths = [*odoo_source.addons_paths(), ADDONS]
    settings: dict[str, object] = {
        **server.odoo_options(),
        "db_name": database,
        "addons_path": ",".join(map(str, paths)),
        "data_dir": ODOO_DATA,
        "http_interface": "127.0.0.1",
        "list_db": False,
        **options,
    }
    CONFIGURATIONS.mkdir(parents=True, exist_ok=True)
    file = CONFIGURATIONS / f"{database}.conf"
    file.touch(mode=0o600)
    file.write_text("[options]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
    return file


def command(configuration: Path, name: str, *words: str) -> list[str]:
    """The command line of an Odoo command, ``server`` or ``i18n export`` for instance."""
    return [str(PYTHON), "-m", "odoo", *name.split(), "-c", str(configuration), *words]


def run(configuration: Path, name: str, *words: str, why: str) -> None:
    """Run an Odoo command to its end, its log beside the configuration.

    :param why: the sentence the user reads if it fails
    :raises SetupError: it failed or logged an error
    """
    log = configuration.with_suffix(".log")
    process = subprocess.Popen(
        command(configuration, name, *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        _follow(process, log)
    finally:
        end(process)
    errors = _errors(log.read_text(errors="replace").splitlines())
    if process.returncode or errors:
        tail = errors or log.read_text(errors="replace").splitlines()[-30:]
        raise SetupError(f"{why} Odoo's log ({log}) says:\n" + "\n".join(tail[:40]))


def _follow(process: subprocess.Popen[str], log: Path) -> None:
    """Write the log until the process ends, and say now and then which module it has come to."""
    said = time.monotonic()
    with log.open("w") as file:
        for line in process.stdout or ():
            file.write(line)
            module = MODULE.search(line)
            if module and time.monotonic() - said > PROGRESS_SECONDS and not os.environ.get("CI"):
                said = time.monotonic()
                say(f"    module {module[2]} of {module[3]}: {module[1]}")
    process.wait()


def _errors(lines: Sequence[str]) -> list[str]:
    """From the first logged error on."""
    marks = (" ERROR ", " CRITICAL ")
    first = next((number for number, line in enumerate(lines) if any(mark in line for mark in marks)), None)
    return [] if first is None else list(lines[first:])
