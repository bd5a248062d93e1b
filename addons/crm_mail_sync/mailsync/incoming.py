# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a mail server sends, under watch: counted, bounded in time, every failure one of ours."""

from __future__ import annotations

import io
import socket
import time
from typing import Any

from .errors import ConnectionTimedOut, TooSlow
from .net import translate
from .provider import Traffic

# A server that is slower than this while we wait is as good as silent (bytes a second).
_LEAST_RATE = 10


class Incoming(io.RawIOBase):
    """What the server sends, counted, with every failure as one of ours."""

    def __init__(self, sock: socket.socket, traffic: Traffic, timeout: float, ends: float) -> None:
        super().__init__()
        self._sock = sock
        self._traffic = traffic
        self._timeout = timeout
        self._ends = ends
        self._asked = False
        self._waited = 0.0
        self._got = 0

    def readable(self) -> bool:
        return True

    def asked(self) -> None:
        """Something was sent: the next bytes come from a further round trip."""
        self._asked = True

    def readinto(self, buffer: Any) -> int:
        if self._asked:
            self._traffic.requests += 1
            self._asked = False
        start = time.monotonic()
        try:
            count = self._receive(buffer, self._ends - start)
        except OSError as error:
            if time.monotonic() >= self._ends:
                raise TooSlow() from error
            raise translate(error) from error
        self._traffic.bytes_received += count
        self._watch_rate(time.monotonic() - start, count)
        return count

    def _receive(self, buffer: Any, left: float) -> int:
        if left <= 0:
            raise TooSlow()
        if left < self._timeout:
            self._sock.settimeout(left)
        return self._sock.recv_into(buffer)

    def _watch_rate(self, waited: float, count: int) -> None:
        """A server that drips a byte now and then would never be silent, and never done."""
        self._waited += waited
        self._got += count
        if self._waited > self._timeout:
            if self._got < self._waited * _LEAST_RATE:
                raise ConnectionTimedOut("the server answers too slowly")
            self._waited, self._got = 0.0, 0
