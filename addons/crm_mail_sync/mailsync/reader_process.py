# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading in a process of its own: beside the network and the database, and apart from what may break it.

It imports this package alone, gets messages and gives readings through two pipes, and ends when their other ends are
closed, however its user ended. Readings travel as ``marshal`` writes them: both ends are the same Python, and what
comes back makes no objects but plain ones.
"""

from __future__ import annotations

import fcntl
import marshal
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from .errors import MailSyncError, MessageError, MessageInterrupted
from .letter import Address, File, Head
from .provider import Fetched
from .reading import Reading, date_of, read

Result = tuple[str, Reading | MessageError]

# A larger message is read by the caller: with the copies on the way it would be held several times (bytes).
LARGE = 4 * 2**20
# Room in the pipe to the process (bytes); an ordinary user may have as much on Linux.
_ROOM = 2**20
_PAGE = 4096
# After so long without an answer a message counts as one that breaks its reader (seconds).
_PATIENCE = 60.0
_FOLDER = Path(__file__).resolve().parent
# Keeps the working directory off sys.path; older Pythons do not know it.
_SAFE_PATH = ("-P",) if sys.version_info >= (3, 11) else ()


def read_here(messages: Iterable[Fetched], received: Mapping[str, datetime | None]) -> Iterator[Result]:
    """The readings of these messages, or why they were not to be had, one held at a time.

    :param received: by remote id, when the provider took the message in, naive, UTC
    """
    for fetched in messages:
        remote_id = fetched.remote_id
        result = fetched.error or _read(fetched.content, received[remote_id])
        # Or the last message's bytes would stay until the next one's have come.
        del fetched
        yield remote_id, result


class ReaderProcess:
    """The process and what was given to it. It is started when it is first used; of one thread at a time.

    Where it cannot be started messages are read by the caller.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_usable = True
        self._has_greeted = False
        self._room = 0
        # What was sent and not answered, in the order of the answers.
        self._sent: deque[Fetched] = deque()

    def read_all(self, messages: Iterable[Fetched], received: Mapping[str, datetime | None]) -> Iterator[Result]:
        """As ``read_here``; a message on which the process dies gives MessageInterrupted, and the others go on."""
        try:
            for fetched in messages:
                if fetched.content is None or len(fetched.content) > LARGE or not self.start():
                    yield from read_here([fetched], received)
                else:
                    # Sending never waits while an answer does: then each side would wait for the other.
                    while self._sent and not self._has_room(fetched.content):
                        yield from self._take(received)
                    self._send(fetched)
                del fetched
            while self._sent:
                yield from self._take(received)
        except MailSyncError:
            # What came before the connection broke is as good as ever.
            while self._sent:
                yield from self._take(received)
            raise
        finally:
            if self._sent:
                # Nobody wants the answers any more.
                self.close()

    def close(self) -> None:
        """End the process."""
        self._sent.clear()
        if self._process:
            self._requests.close()
            self._answers.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def start(self) -> bool:
        """Start the process if it does not run; whether it can be used. Its beginning is not waited for."""
        if self._is_usable and not self._process:
            try:
                self._start()
            except OSError:
                self._is_usable = False
        return self._is_usable

    def _start(self) -> None:
        requests, self._requests = Pipe(duplex=False)
        self._answers, answers = Pipe(duplex=False)
        self._has_greeted = False
        with requests, answers:
            self._room = _widened(self._requests.fileno())
            _widened(answers.fileno())
            theirs = [requests.fileno(), answers.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, *_SAFE_PATH, "-m", f"{_FOLDER.name}.{Path(__file__).stem}", *map(str, theirs)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Python would look for modules where Odoo was started first, which may be anybody's folder.
                cwd=_FOLDER.parent,
                env=_environment(),
                pass_fds=theirs,
                # What ends Odoo by a key is not meant for it: it ends by the closed pipe.
                start_new_session=True,
            )

    def _has_room(self, content: bytes) -> bool:
        """Whether all that is not answered fits into the pipe, where a message begins on a page of its own."""
        lengths = [len(content), *(len(fetched.content or b"") for fetched in self._sent)]
        return sum(lengths) + 2 * _PAGE * len(lengths) <= self._room

    def _send(self, fetched: Fetched) -> None:
        self._sent.append(fetched)
        # If it is dead, the answers that are missing show on which message.
        with suppress(OSError):
            self._requests.send_bytes(fetched.content or b"")

    def _take(self, received: Mapping[str, datetime | None]) -> Iterator[Result]:
        """The next answer; if there is none, what becomes of all that was sent."""
        answer = self._answer()
        if answer is not None:
            remote_id = self._sent.popleft().remote_id
            yield remote_id, _reading(answer, received[remote_id])
            return
        # One that never greeted was not brought down by a message.
        self._is_usable = self._has_greeted
        unread = list(self._sent)
        self.close()
        if self._is_usable:
            yield unread.pop(0).remote_id, MessageInterrupted()
        yield from self.read_all(unread, received)

    def _answer(self) -> Any:
        """What the process says next, None if it is dead or says nothing."""
        if not self._has_greeted:
            self._has_greeted = self._heard() is not None
        return self._heard() if self._has_greeted else None

    def _heard(self) -> Any:
        try:
            if self._answers.poll(_PATIENCE):
                return marshal.loads(self._answers.recv_bytes())
        except (EOFError, OSError):
            pass
        return None


def _environment() -> dict[str, str]:
    """What it needs to run. The operator's secrets are not for a process that reads what strangers wrote."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG") or name.startswith("LC_")}
    paths = [str(_FOLDER.parent), os.environ.get("PYTHONPATH", "")]
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _widened(pipe: int) -> int:
    """Make a pipe as wide as is allowed; how wide it is."""
    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _ROOM)
    return fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)


def _read(content: bytes | None, received: datetime | None) -> Reading:
    assert content is not None
    return read(content, received)


_HEAD = [f.name for f in fields(Head)]
_READING = [f.name for f in fields(Reading)]


def _plain(reading: Reading) -> list[Any]:
    values = {name: getattr(reading, name) for name in _READING}
    head = {name: getattr(reading.head, name) for name in _HEAD}
    head["addresses"] = [(a.name, a.address, a.role) for a in reading.head.addresses]
    values["head"] = list(head.values())
    # The other side knows when the message was received.
    values["date"] = None
    values["files"] = [(f.name, f.content_type, f.content, f.content_id, f.inline) for f in reading.files]
    return list(values.values())


def _reading(plain: list[Any], received: datetime | None) -> Reading:
    values = dict(zip(_READING, plain, strict=True))
    head = dict(zip(_HEAD, values["head"], strict=True))
    head["addresses"] = tuple(Address(*address) for address in head["addresses"])
    values["head"] = Head(**head)
    values["date"] = date_of(values["head"], received)
    values["files"] = tuple(File(*file) for file in values["files"])
    return Reading(**values)


def _serve(requests: Connection, answers: Connection) -> None:
    """Answer every message in its turn, until nobody is there any more."""
    answers.send_bytes(marshal.dumps("ready"))
    with suppress(EOFError, BrokenPipeError):
        while True:
            answers.send_bytes(marshal.dumps(_plain(read(requests.recv_bytes(), None))))


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1]), writable=False), Connection(int(sys.argv[2]), readable=False))
