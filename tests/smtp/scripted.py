# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A server that answers what a test says, line by line."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping

from mailsync.smtp import SmtpSettings

_USUAL = {b"EHLO": b"250 here", b"MAIL": b"250 ok", b"RCPT": b"250 ok", b"DATA": b"354 go on", b"RSET": b"250 ok"}


class Scripted:
    """``heard``: the commands that came, and the message."""

    def __init__(self, sock: socket.socket, answers: Mapping[bytes, bytes]) -> None:
        self.heard: list[bytes] = []
        self.message = b""
        self._answers = {b"": b"220 hello", b".": b"250 taken", b"QUIT": b"221 bye", **_USUAL, **answers}
        self._listening = sock
        self.settings = SmtpSettings(
            "127.0.0.1",
            sock.getsockname()[1],
            "none",
            timeout=5,
            allowed=(f"127.0.0.1:{sock.getsockname()[1]}",),
        )

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listening.accept()
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: socket.SocketIO) -> None:  # type: ignore[type-arg]
        self._say(stream, b"")
        for line in iter(stream.readline, b""):
            word = line.split()[0].upper() if line.strip() else b"EMPTY"
            self.heard.append(line.strip())
            self._say(stream, word)
            if word == b"DATA" and self._answers[word].startswith(b"354"):
                lines = list(iter(stream.readline, b".\r\n"))
                self.message = b"".join(lines)
                self._say(stream, b".")
            if word == b"QUIT":
                return

    def _say(self, stream: socket.SocketIO, word: bytes) -> None:
        answer = self._answers.get(word, b"502 what?")
        if answer == b"hang up":
            raise OSError("hung up")
        stream.write(answer + b"\r\n")
        stream.flush()


@contextlib.contextmanager
def scripted(answers: Mapping[bytes, bytes]) -> Iterator[Scripted]:
    """:param answers: by command; b"" is the greeting, b"." the answer to the message."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Scripted(listening, answers)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
