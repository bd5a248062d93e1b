# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases from templates: installing modules takes most of a minute, copying a database a second.

Two templates are kept for each purpose: one with the modules of Odoo that ours depend on, and a copy of it in which
ours are installed. Each name carries a hash of what went into it, so that a change makes a new one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.services.postgres import Postgres

from . import odoo_process, odoo_source, stamps
from .console import step
from .paths import ADDONS, LOCAL, ODOO_DATA, PYTHON

PREFIX = "crm_mail_sync"
FILESTORE = ODOO_DATA / "filestore"
# What an installed database does not depend on.
NOT_INSTALLED = {"tests", "static", "readme", "i18n", "README.rst", "__pycache__"}


@contextmanager
def temporary(server: Postgres, *, demo: bool) -> Iterator[str]:
    """A database for one run, dropped at its end; those of runs that were killed are dropped as well."""
    _remove_orphans(server)
    name = f"{PREFIX}_run_{os.getpid()}"
    make(server, name, demo=demo)
    try:
        yield name
    finally:
        drop(server, name)


def prepare(server: Postgres, *, demo: bool) -> None:
    """Have the templates ready, so that the next :func:`make` takes a second."""
    with _templates_locked():
        _template(server, demo)


def make(server: Postgres, name: str, *, demo: bool) -> None:
    """A new database with Odoo's and our modules; one of that name is replaced.

    :param demo: with the demo data of Odoo and of ours
    :raises SetupError: a module cannot be installed
    """
    # Held until the copy is made: another command may see changed sources and replace the template.
    with _templates_locked():
        _copy(server, _template(server, demo), name)


@contextmanager
def _templates_locked() -> Iterator[None]:
    with (LOCAL / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy(server: Postgres, source: str, name: str) -> None:
    """A database and its files, as a copy of another. Odoo never changes a stored file: links are enough."""
    drop(server, name)
    server.create(name, source)
    if (FILESTORE / source).is_dir():
        shutil.copytree(FILESTORE / source, FILESTORE / name, copy_function=os.link)


def drop(server: Postgres, name: str) -> None:
    server.drop(name)
    shutil.rmtree(FILESTORE / name, ignore_errors=True)


def _template(server: Postgres, demo: bool) -> str:
    """Name of the template database, made if it is not there."""
    kind = "demo" if demo else "plain"
    base = f"{PREFIX}_base_{kind}_{_base_hash(server)}"
    ours = f"{PREFIX}_ours_{kind}_{_ours_hash(base)}"
    existing = server.databases()
    if ours not in existing:
        if base not in existing:
            _remove_old(server, f"{PREFIX}_base_{kind}_")
            _install(server, "template0", base, odoo_process.modules_we_need(), demo)
        _remove_old(server, f"{PREFIX}_ours_{kind}_")
        _install(server, base, ours, odoo_process.our_modules(), demo)
    return ours


def _install(server: Postgres, source: str, name: str, modules: list[str], demo: bool) -> None:
    """Install modules into a copy of a database. It gets its name last, so that a half-made one is never used."""
    part = f"{name}_part"
    with step(f"Odoo database with {', '.join(modules)}{' and demo data' if demo else ''}"):
        _copy(server, source, part)
        configuration = odoo_process.write_configuration(server, part)
        words = ["-i", ",".join(modules), "--stop-after-init", "--no-http", "--max-cron-threads=0"]
        why = f"The modules {', '.join(modules)} could not be installed."
        odoo_process.run(configuration, "server", *words, *(["--with-demo"] if demo else []), why=why)
        shutil.rmtree(FILESTORE / name, ignore_errors=True)
        if (FILESTORE / part).is_dir():
            (FILESTORE / part).rename(FILESTORE / name)
        server.rename(part, name)


def _base_hash(server: Postgres) -> str:
    # With the server's address: templates of several servers lay their files side by side.
    release = odoo_source.import_root() / "odoo" / "release.py"
    place = f"{server.host}:{server.port}"
    return stamps.digest_of([release], place, str(odoo_source.import_root()), *odoo_process.modules_we_need())


def _ours_hash(base: str) -> str:
    files = [file for name in odoo_process.our_modules() for file in _sources(ADDONS / name)]
    return stamps.digest_of(files, base, str(PYTHON))


def _sources(addon: Path) -> Iterator[Path]:
    for entry in addon.iterdir():
        if entry.name in NOT_INSTALLED:
            continue
        yield from [entry] if entry.is_file() else (file for file in entry.rglob("*") if _counts(file))


def _counts(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts


def _remove_old(server: Postgres, prefix: str) -> None:
    for name in server.databases():
        if name.startswith(prefix):
            drop(server, name)


def _remove_orphans(server: Postgres) -> None:
    prefix = f"{PREFIX}_run_"
    for name in server.databases():
        # Copies for workers have their names behind the number of the process.
        process = name.removeprefix(prefix).partition("-")[0]
        if name.startswith(prefix) and not Path(f"/proc/{process}").exists():
            drop(server, name)
