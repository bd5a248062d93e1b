# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Our own commands: several sent at once, answers read as they come, literals of any size.

What imaplib cannot do and what costs most with IMAPClient's parser (docs/adr: reading IMAP answers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...errors import ProtocolError, readable
from .grammar import Response
from .translate import farewell, refusal
from .transport import Connection

# The largest literal that is taken in (bytes); larger ones are passed over.
MAX_LITERAL = 300 * 2**20
# What an answer that is kept as a whole may hold: 100,000 folders have a tenth of it (bytes, responses).
_MAX_KEPT = 64 * 2**20
_MAX_RESPONSES = 1_000_000

_LITERAL = re.compile(rb"~?\{(\d{1,19})\+?\}\r\n$")
_PROSE = re.compile(rb"(OK|NO|BAD|BYE) ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Completion:
    """How a command ended: "OK", "NO" or "BAD", and the server's words with their response code.

    ``words``: all of them as they came, for codes that are read and not shown.
    """

    status: str
    text: str
    words: bytes = field(default=b"", repr=False)

    @property
    def is_ok(self) -> bool:
        return self.status == "OK"


class Wire:
    """The conversation of a signed-in session."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._count = 0
        self._unread: set[bytes] = set()
        # What the server may ask for by a line that begins with "+".
        self._literal: bytes | None = None
        # Bytes of a literal that was announced and not taken in.
        self._oversized = 0

    @property
    def is_idle(self) -> bool:
        """Whether every command was answered to its end, so that another may follow."""
        return not self._unread

    def run(self, command: bytes) -> tuple[list[Response], Completion]:
        """One command and all that is answered to it."""
        responses, completions = self.run_all([command])
        return responses, completions[0]

    def run_all(self, commands: Sequence[bytes]) -> tuple[list[Response], list[Completion]]:
        """Several commands in one round trip (RFC 3501 §5.5); they must not depend on each other."""
        tags = self._send(commands)
        completions: dict[bytes, Completion] = {}
        responses: list[Response] = []
        kept = 0
        while self._unread:
            answer = self._next()
            if isinstance(answer, Response):
                kept += len(answer.text) + sum(map(len, answer.literals)) + 100
                if kept > _MAX_KEPT:
                    raise ProtocolError("an answer out of all proportion")
                responses.append(answer)
            else:
                completions[answer[0]] = answer[1]
        return responses, [completions[tag] for tag in tags]

    def run_with(self, command: bytes, literal: bytes) -> tuple[list[Response], Completion]:
        """A command that ends in a literal, which is sent when the server asks for it (RFC 3501 §7.5)."""
        self._literal = literal
        try:
            return self.run(command + b" {%d}" % len(literal))
        finally:
            self._literal = None

    def stream(self, command: bytes) -> Iterator[Response | Completion]:
        """The responses to one command as they come, its completion last; one response is held at a time."""
        self._send([command])
        for _ in range(_MAX_RESPONSES):
            answer = self._next()
            if not isinstance(answer, Response):
                yield answer[1]
                return
            yield answer
            del answer
        raise ProtocolError("an answer that never ends")

    def _send(self, commands: Sequence[bytes]) -> list[bytes]:
        self._read_off()
        tags = []
        lines = []
        for command in commands:
            self._count += 1
            tags.append(b"C%d" % self._count)
            lines.append(tags[-1] + b" " + command + b"\r\n")
        self._unread.update(tags)
        self._connection.send(b"".join(lines))
        self._connection.expect_long_answer()
        return tags

    def _read_off(self) -> None:
        """Take in what is left of a stream that nobody wanted to the end."""
        while self._unread:
            self._next()

    def _next(self) -> Response | tuple[bytes, Completion]:
        self._pass_over()
        line = self._connection.readline()
        if self._literal is not None and line.startswith(b"+"):
            self._connection.send(self._literal + b"\r\n")
            self._literal = None
            line = self._connection.readline()
        if line.startswith(b"* "):
            if line[2:5].upper() == b"BYE" and line[5:6].isspace():
                raise farewell(readable(line[5:]))
            return self._response(line[2:])
        tag, _, rest = line.partition(b" ")
        status, _, words = rest.partition(b" ")
        status = status.strip().upper()
        if tag not in self._unread or status not in (b"OK", b"NO", b"BAD"):
            raise ProtocolError("an answer to nothing that was asked")
        self._unread.discard(tag)
        completion = Completion(status.decode(), readable(words), words)
        if not completion.is_ok and (error := refusal(completion.text)):
            raise error
        return tag, completion

    def _response(self, line: bytes) -> Response:
        parts = []
        literals: list[bytes] = []
        # In prose a number in braces is prose.
        while (match := _LITERAL.search(line)) and not _PROSE.match(line):
            parts.append(line[:-2])
            size = int(match[1])
            if size > MAX_LITERAL:
                self._oversized = size
                return Response(b"".join(parts), literals, size)
            literals.append(self._connection.read_literal(size))
            line = self._connection.readline()
        parts.append(line[:-2])
        return Response(b"".join(parts), literals)

    def _pass_over(self) -> None:
        """Pass over a literal that was too large, and over the rest of its response."""
        while self._oversized:
            size, self._oversized = self._oversized, 0
            self._connection.skip_literal(size)
            match = _LITERAL.search(self._connection.readline())
            self._oversized = int(match[1]) if match else 0
