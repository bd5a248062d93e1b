# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An IMAP server that says what a test wants it to say: lies, cuts and silence, byte for byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Union

from mailsync.providers.imap import ImapSettings

# What follows a command: bytes with %T for its tag, or what makes them of the command (of the line, if it has no
# command: the response to a challenge); None closes.
Answer = Union[bytes, None, Callable[[bytes], "bytes | None"]]  # noqa: UP007

OK = b"%T OK done\r\n"
SILENCE = b""

MESSAGES = {
    uid: b"Message-ID: <%d@example.com>\r\nSubject: S%d\r\n\r\nBody ) {3} of %d\r\n" % (uid, uid, uid)
    for uid in (11, 12, 15)
}
HEADERS = {uid: content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for uid, content in MESSAGES.items()}

EXAMINED = (
    b"* FLAGS (\\Answered \\Seen)\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n"
    b"* OK [UIDNEXT 16] ok\r\n* OK [HIGHESTMODSEQ 40] ok\r\n%T OK [READ-ONLY] done\r\n"
)


def header_line(number: int, uid: int) -> bytes:
    header = HEADERS[uid]
    return (
        b'* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE "23-Nov-2026 10:00:00 +0100" RFC822.SIZE %d '
        b"BODY[HEADER.FIELDS (MESSAGE-ID SUBJECT)] {%d}\r\n%s)\r\n"
        % (number, uid, len(MESSAGES[uid]), len(header), header)
    )


def body_line(number: int, uid: int) -> bytes:
    return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (number, uid, len(MESSAGES[uid]), MESSAGES[uid])


def lines(make: Callable[[int, int], bytes]) -> bytes:
    return b"".join(make(number, uid) for number, uid in enumerate(MESSAGES, 1)) + OK


CAPABILITY = b"IMAP4rev1 CONDSTORE ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE AUTH=PLAIN"
GREETING = b"* OK [CAPABILITY " + CAPABILITY + b"] ready\r\n"
ANSWERS: dict[bytes, Answer] = {
    b"CAPABILITY": b"* CAPABILITY " + CAPABILITY + b"\r\n" + OK,
    b"LOGIN": b"%T OK [CAPABILITY " + CAPABILITY + b"] in\r\n",
    b"LOGOUT": b"* BYE bye\r\n" + OK,
    b'LIST "" "*" RETURN (SPECIAL-USE)': b'* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" "Sent Items"\r\n' + OK,
    b'LIST "" (': b'* LIST () "/" INBOX\r\n'
    b"* STATUS INBOX (MESSAGES 3 UIDNEXT 16 UIDVALIDITY 7 UNSEEN 0 HIGHESTMODSEQ 40)\r\n" + OK,
    b"STATUS": b"* STATUS INBOX (MESSAGES 3 UIDNEXT 16 UIDVALIDITY 7 UNSEEN 0)\r\n" + OK,
    b"EXAMINE": EXAMINED,
    b"UID SEARCH": b'* ESEARCH (TAG "%T") UID ALL 11:12,15\r\n' + OK,
    b"UID FETCH 1:15 (UID FLAGS INTERNALDATE": lines(header_line),
    b"UID FETCH 11:15 (UID FLAGS INTERNALDATE": lines(header_line),
    b"UID FETCH 11:12,15 (UID BODY": lines(body_line),
    **{b"UID FETCH %d (UID BODY" % uid: body_line(n, uid) + OK for n, uid in enumerate(MESSAGES, 1)},
}


@dataclass
class ScriptedServer:
    """The longest beginning of a command that ``answers`` knows decides what is answered.

    ``cut``: the connection ends after so many bytes; ``segment``: bytes are sent in pieces of this size.
    """

    answers: Mapping[bytes, Answer] = field(default_factory=dict)
    greeting: bytes = GREETING
    cut: int | None = None
    segment: int | None = None
    port: int = 0
    commands: list[bytes] = field(default_factory=list)
    sent: int = 0
    tag: bytes = b""

    def settings(self, **changes: object) -> ImapSettings:
        given = {
            "host": "127.0.0.1",
            "port": self.port,
            "security": "none",
            "username": "anna@example.com",
            "password": "secret-canary",
            "timeout": 5.0,
            "allowed": (f"127.0.0.1:{self.port}",),
        }
        return ImapSettings(**{**given, **changes})  # type: ignore[arg-type]

    @contextlib.contextmanager
    def running(self) -> Iterator[ScriptedServer]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            thread = threading.Thread(target=self._serve, args=[listener], daemon=True)
            thread.start()
            try:
                yield self
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(10)
                assert not thread.is_alive(), "a client holds its connection"

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                self.sent = 0
                self._converse(client)

    def _converse(self, client: socket.socket) -> None:
        if not self._send(client, self.greeting):
            return
        stream = client.makefile("rb")
        for line in stream:
            tag, _, command = line.rstrip(b"\r\n").partition(b" ")
            self.commands.append(command or tag)
            # The response to a challenge carries no tag: it belongs to the command before it.
            self.tag = tag if command else self.tag
            answer = self._answer(command, tag)
            if answer is None or not self._send(client, answer):
                return

    def _answer(self, command: bytes, tag: bytes) -> bytes | None:
        known = {**ANSWERS, **self.answers}
        fitting = [key for key in known if (command.startswith(key) if key else not command)]
        answer = known[max(fitting, key=len)] if fitting else b"%T BAD what?\r\n"
        if callable(answer):
            answer = answer(command or tag)
        return None if answer is None else answer.replace(b"%T", self.tag)

    def _send(self, client: socket.socket, content: bytes) -> bool:
        """False if this was the last that the server says."""
        if self.cut is not None:
            content = content[: max(self.cut - self.sent, 0)]
        step = self.segment or max(len(content), 1)
        for start in range(0, len(content), step):
            client.sendall(content[start : start + step])
        self.sent += len(content)
        return self.cut is None or self.sent < self.cut
