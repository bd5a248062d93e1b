# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""pymap, an IMAP server in pure Python: where Dovecot cannot be installed, and as a server without CONDSTORE.

It speaks plain text on loopback only and knows no special-use folders.
"""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pysasl.hashing import BuiltinHash

from . import maildir
from .process import free_ports, started


class Pymap:
    """A running server; it keeps the mail below its folder when it stops."""

    host = "127.0.0.1"

    def __init__(self, root: Path) -> None:
        self.root = root
        (self.imap_port,) = free_ports(1)
        self.log = root / "pymap.log"

    def set_users(self, users: Mapping[str, str]) -> None:
        """Who may sign in, with which password."""
        hashed = BuiltinHash(rounds=1000)  # of test passwords: the usual half a million takes 0.4 s each
        (self.root / "pymap-etc-passwd").write_text("".join(f"{name}:x::::{name}:\n" for name in users))
        (self.root / "pymap-etc-shadow").write_text(
            "".join(f"{name}:{hashed.hash(password)}:::::::\n" for name, password in users.items())
        )
        (self.root / "pymap-etc-shadow").chmod(0o600)

    def make_folder(self, user: str, folder: str) -> None:
        """Make a folder by its name, in ASCII, with / between the levels."""
        maildir.make_folder(self._folder(user, folder))

    def append(self, user: str, folder: str, mails: Iterable[maildir.Mail]) -> int:
        """Lay messages into a folder, in order; the folder is made if it is not there.

        :return: how many
        """
        return maildir.write(self._folder(user, folder), mails)

    def remove_folder(self, user: str, folder: str) -> None:
        shutil.rmtree(self._folder(user, folder))

    def answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.imap_port), timeout=2) as connection:
                return connection.recv(64).startswith(b"* OK")
        except OSError:
            return False

    def _folder(self, user: str, folder: str) -> Path:
        mailbox = self.root / user
        maildir.make_folder(mailbox)
        return mailbox if folder == "INBOX" else mailbox / folder


@contextmanager
def running(root: Path, users: Mapping[str, str]) -> Iterator[Pymap]:
    """pymap below a folder of ours.

    :raises ServiceError: it does not start
    """
    root.mkdir(parents=True, exist_ok=True)
    server = Pymap(root)
    server.set_users(users)
    listen = ["--host", server.host, "--port", str(server.imap_port), "--no-tls"]
    command = [str(Path(sys.executable).with_name("pymap")), *listen, "maildir", "--layout", "fs", str(root)]
    with started(command, log=server.log, ready=server.answers):
        yield server
