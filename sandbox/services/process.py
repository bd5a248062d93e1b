# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Starting and stopping the servers' processes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Servers refuse to be root. This account exists everywhere and owns nothing.
UNPRIVILEGED = "nobody"
# An address of the family AF_UNIX has room for 107 bytes; servers add names such as "/.s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 75


class ServiceError(Exception):
    """A server is missing, did not start, or ended by itself."""


def account() -> pwd.struct_passwd:
    """The account that servers run as: the user's own, or `nobody` for root."""
    uid = os.geteuid()
    return pwd.getpwuid(uid) if uid else pwd.getpwnam(UNPRIVILEGED)


def as_account(command: Sequence[str]) -> list[str]:
    """The command, made to run as :func:`account`.

    For root the one capability that is kept lets the server reach folders below a home that is closed to others,
    so that no folder's rights have to be changed. The secure bit makes access(2) heed it too, with which initdb
    looks for its own files.
    """
    if os.geteuid():
        return list(command)
    who = account()
    keep = "+dac_override"
    ids = [f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
    return [
        "setpriv",
        *ids,
        "--securebits=+no_setuid_fixup",
        f"--inh-caps={keep}",
        f"--ambient-caps={keep}",
        "--",
        *command,
    ]


def hand_over(path: Path) -> None:
    """Give a file or a folder, without what is in it, to :func:`account`."""
    if os.geteuid() == 0:
        who = account()
        os.chown(path, who.pw_uid, who.pw_gid, follow_symlinks=False)


def socket_folder(folder: Path) -> Path:
    """A folder for a server's unix sockets, made with rights for its account only.

    It is `run` in the server's own folder, or lies in the system's folder for temporary files where that path would
    be too long for a socket's address.
    """
    ours = folder / "run"
    if len(str(ours)) > LONGEST_SOCKET_FOLDER:
        ours = Path(tempfile.gettempdir()) / f"crm-mail-sync-{os.getuid()}-{zlib.crc32(bytes(folder)):x}"
    ours.mkdir(mode=0o700, parents=True, exist_ok=True)
    hand_over(ours)
    return ours


def find_program(name: str, package: str) -> str:
    """Path of a server's program, which need not be on an ordinary user's PATH.

    :raises ServiceError: it is not installed; names the Debian package
    """
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=places)
    if not found:
        raise ServiceError(f"The program {name} is missing; `make setup` as root installs Debian's {package}.")
    return found


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on, chosen by the operating system."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def listens(port: int) -> bool:
    """Does somebody on loopback accept connections on this port?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def poll(condition: Callable[[], bool], seconds: float, every: float = 0.03) -> bool:
    """Wait until the condition holds, at most so many seconds; tells whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def wait_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, seconds: float) -> None:
    """Wait until a server answers.

    :raises ServiceError: it ended or did not answer in time, with the end of its log
    """
    poll(lambda: process.poll() is not None or ready(), seconds)
    if process.poll() is None and ready():
        return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    how = "did not answer in time" if process.poll() is None else f"ended with status {process.returncode}"
    raise ServiceError(f"{Path(str(log)).stem} {how}. The end of its log:\n{tail}")


def end(process: subprocess.Popen[Any], how: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
    """Stop a process of ours; one that does not heed the signal is killed."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def started(
    command: Sequence[str],
    *,
    log: Path,
    ready: Callable[[], bool],
    seconds: float = 30,
    environment: Mapping[str, str] | None = None,
    how_to_end: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server's process, from ready to stopped.

    It gets a session of its own, so that Ctrl-C reaches us alone and servers end in our order.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        wait_ready(process, ready, log, seconds)
        yield process
    finally:
        end(process, how_to_end)
