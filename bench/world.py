# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where benchmarks happen: a fresh database, and a mail server whose mail lies in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry

from sandbox.services import dovecot, postgres
from sandbox.services.maildir import Mail
from tools import database, odoo_process
from tools.paths import LOCAL

from .letters import OWNER

PASSWORD = "bench-secret"


@dataclass
class World:
    """A database with the addon, and the means to fill a mailbox and scan it."""

    env: Any
    configuration: Path
    folder: Path
    _servers: list[dovecot.Dovecot] = field(default_factory=list)

    @contextmanager
    def mail_server(self, folders: dict[str, Iterable[bytes]], user: str = OWNER) -> Iterator[dovecot.Dovecot]:
        """Dovecot with these messages in the user's folders, reached over TLS that Odoo trusts."""
        with dovecot.running(self.folder / "mail", {user: PASSWORD}) as server:
            os.environ["SSL_CERT_FILE"] = str(server.ca_file)
            self._trust_anew()
            for name, contents in folders.items():
                server.append(user, name, (Mail(content) for content in contents))
            yield server
        shutil.rmtree(self.folder / "mail")

    @staticmethod
    def _trust_anew() -> None:
        """What is trusted is read once a process, and each mail server here has an authority of its own."""
        from odoo.addons.crm_mail_sync.mailsync import net

        net._tls_context.cache_clear()

    def mailbox(self, server: dovecot.Dovecot, *, scan_all: bool) -> Any:
        """A connected mailbox of the administrator at this server, all its folders picked."""
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("crm_mail_sync.scan_all", scan_all)
        parameters.set_param("crm_mail_sync.allowed_hosts", f"{server.host}:{server.imaps_port}")
        mailbox = self.env["crm.mail.mailbox"].create(
            {
                "user_id": self.env.ref("base.user_admin").id,
                "address": OWNER,
                "host": server.host,
                "port": server.imaps_port,
                "password": PASSWORD,
            }
        )
        return self._connected(mailbox)

    def _connected(self, mailbox: Any) -> Any:
        if not mailbox.action_test_connection():
            raise RuntimeError(mailbox.test_message)
        usable = mailbox.folder_ids.filtered(lambda f: f.selectable and f.role not in ("junk", "trash", "drafts"))
        usable.selected = True
        mailbox.action_submit()
        self.env.cr.commit()
        return mailbox

    def linked_mailbox(self, provider: str, facts: dict[str, Any]) -> Any:
        """A connected mailbox of the administrator at a stand-in for Google or Microsoft, see ``standins``."""
        # Importable only now, when Odoo knows where addons are.
        from odoo.addons.crm_mail_sync.mailsync.oauth import Account, Grant, Tokens

        service = "GOOGLE" if provider == "gmail" else "MICROSOFT"
        for name, place in facts["endpoints"].items():
            os.environ[f"CRM_MAIL_SYNC_{service}_{name.upper()}"] = place
        os.environ["SSL_CERT_FILE"] = facts["ca_file"]
        self.env["ir.config_parameter"].set_param("crm_mail_sync.scan_all", True)
        for name in ("client_id", "client_secret", "tenant"):
            if name in facts:
                self.env["crm.mail.app"]._store(f"{service.lower()}_{name}", facts[name])
        values = {"user_id": self.env.ref("base.user_admin").id, "provider": provider, "address": OWNER}
        mailbox = self.env["crm.mail.mailbox"].create(values)
        given = facts["tokens"]
        expires_at, scopes = time.time() + given["expires_in"], frozenset(given["scope"].split())
        tokens = Tokens(given["access_token"], expires_at, given["refresh_token"], scopes)
        mailbox._store_grant__(Grant(tokens, Account("benchmark", OWNER)))
        return self._connected(mailbox)

    def scan(self, mailbox: Any) -> Any:
        """Scan by one worker to the end."""
        # Importable only now, when Odoo knows where addons are.
        from odoo.addons.crm_mail_sync.scan.runner import Runner

        runs = self.env["crm.mail.run"]
        before = runs.search([])
        started = time.perf_counter()
        runner = Runner(self.env)
        while mailbox.state == "importing":
            if runner.unit.run(runner.lease.take):
                runner.scan(mailbox.id, time.monotonic() + 3600)
            mailbox.invalidate_recordset()
        seconds = time.perf_counter() - started
        if mailbox.state != "up_to_date":
            raise RuntimeError(f"The scan ended as {mailbox.state}: {mailbox.error_message}")
        new = runs.search([]) - before
        return Scanned(seconds, sum(new.mapped("kept")), sum(new.mapped("bytes_received")))

    def forget(self) -> None:
        """Remove the mailboxes and all they brought."""
        self.env["crm.mail.email"].search([]).unlink()
        self.env["crm.mail.mailbox"].search([]).unlink()
        self.env.cr.commit()


@dataclass(frozen=True)
class Scanned:
    """What a scan did."""

    seconds: float
    kept: int
    bytes_received: int


@contextmanager
def world() -> Iterator[World]:
    """A database of its own, dropped at the end."""
    in_memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="crm-mail-sync-", dir=in_memory))
    folder.chmod(0o755)
    try:
        with (
            postgres.running(LOCAL / "pg-bench", postgres.debian) as server,
            database.temporary(server, demo=False) as name,
        ):
            configuration = odoo_process.write_configuration(server, name)
            odoo.tools.config.parse_config(["-c", str(configuration), "--log-level=warn"], setup_logging=True)
            registry = Registry(name)
            with registry.cursor() as cursor:
                yield World(odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {}), configuration, folder)
            registry.delete(name)
            odoo.sql_db.close_db(name)
    finally:
        shutil.rmtree(folder)
