# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers that fail at log-in in their own words, as the big providers do."""

import socket
import threading
from contextlib import contextmanager, suppress

GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"


@contextmanager
def answering(login=b"", greeting=GREETING):
    """A port of this machine on which somebody greets, and answers every log-in with ``login``.

    :param greeting: empty for a server that accepts the connection and never says a word
    """
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, greeting, login, stop))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def closed_port():
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _serve(listener, greeting, login, stop):
    while not stop.is_set():
        with suppress(OSError):
            client, _ = listener.accept()
            with client, client.makefile("rb") as lines:
                client.sendall(greeting)
                for line in lines:
                    client.sendall(_answer(line, login))


def _answer(line, login):
    tag, _, command = line.strip().partition(b" ")
    word = command.split(b" ")[0].upper()
    if word == b"LOGIN":
        return tag + b" " + login + b"\r\n"
    if word == b"CAPABILITY":
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n"
    return tag + b" OK done\r\n"
