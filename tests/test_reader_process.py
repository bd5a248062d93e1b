# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from mailsync import reader_process
from mailsync.errors import ConnectionLost, MessageGone, MessageInterrupted
from mailsync.provider import Fetched
from mailsync.reader_process import ReaderProcess, read_here
from sandbox.services.process import poll

RECEIVED = {str(number): datetime(2025, 3, 1, 12, 30, number % 60) for number in range(100)} | {"0": None}
USER = """
import signal
from mailsync.provider import Fetched
from mailsync.reader_process import ReaderProcess
process = ReaderProcess()
list(process.read_all([Fetched("1", b"Subject: x")], {"1": None}))
print(process._process.pid, flush=True)
signal.pause()
"""
# A reader that dies of the seventh message.
DEADLY = """#!{python}
import os, sys
from multiprocessing.connection import Connection
from mailsync import reader_process

def read(content, received, read=reader_process.read):
    if b"Nr. 7" in content:
        os.kill(os.getpid(), 9)
    return read(content, received)

reader_process.read = read
requests, answers = map(int, sys.argv[-2:])
reader_process._serve(Connection(requests, writable=False), Connection(answers, readable=False))
"""


@pytest.fixture
def process() -> Iterator[ReaderProcess]:
    with closing(ReaderProcess()) as made:
        yield made


def message(number: int) -> Fetched:
    content = (
        f"From: Zoë <zoe{number}@example.test>\r\nTo: a@example.test, B <b@example.test>\r\nSubject: Nr. {number}\r\n"
        f"Message-ID: <{number}@example.test>\r\nReferences: <a@b> <c@d>\r\nDate: Mon, 06 Jan 2025 08:01:00 +0000\r\n"
        'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
        f'<p>Grüße {number} <img src="cid:pic"></p>\r\n--x\r\nContent-Type: image/png; name="a.png"\r\n'
        "Content-ID: <pic>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n"
    )
    return Fetched(str(number), content.encode())


def test_it_reads_as_the_caller_would(process: ReaderProcess) -> None:
    messages = [message(n) for n in range(60)]
    messages += [Fetched("60", b""), Fetched("61", b"\x00\xff\n\n\xed\xa0\x80"), Fetched("62", error=MessageGone())]
    assert sorted(process.read_all(messages, RECEIVED), key=repr) == sorted(read_here(messages, RECEIVED), key=repr)
    assert process._process


def test_a_message_on_which_it_dies_is_named_and_the_others_are_read(
    process: ReaderProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text(DEADLY.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    results = dict(process.read_all([message(n) for n in range(20)], RECEIVED))
    assert len(results) == 20
    assert [key for key, result in results.items() if isinstance(result, MessageInterrupted)] == ["7"]


@pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false"])
def test_where_it_cannot_be_started_the_caller_reads(
    process: ReaderProcess, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    messages = [message(n) for n in range(5)]
    assert list(process.read_all(messages, RECEIVED)) == list(read_here(messages, RECEIVED))


def test_it_runs_no_code_of_the_folder_where_odoo_was_started(
    process: ReaderProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("marshal", "fcntl", "email", "encodings", "mailsync", "html"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    assert list(process.read_all([message(1)], RECEIVED)) == list(read_here([message(1)], RECEIVED))
    assert process._process
    assert Path(f"/proc/{process._process.pid}/cwd").readlink() == reader_process._FOLDER.parent


def test_it_is_given_no_secrets_of_the_operator(process: ReaderProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret-canary")
    monkeypatch.setenv("LC_TIME", "C")
    list(process.read_all([message(1)], RECEIVED))
    assert process._process
    entries = Path(f"/proc/{process._process.pid}/environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0] for entry in entries if entry}
    assert b"LC_TIME" in names
    assert all(name in {b"PATH", b"PYTHONPATH", b"LANG"} or name.startswith(b"LC_") for name in names)


def test_what_came_before_a_connection_broke_is_read(process: ReaderProcess) -> None:
    def broken() -> Iterator[Fetched]:
        yield from (message(n) for n in range(10))
        raise ConnectionLost()

    got = []
    with pytest.raises(ConnectionLost):
        for remote_id, _reading in process.read_all(broken(), RECEIVED):
            got.append(remote_id)
    assert got == [str(n) for n in range(10)]


def test_who_stops_half_way_gets_no_answers_of_before(process: ReaderProcess) -> None:
    with closing(process.read_all((message(n) for n in range(80)), RECEIVED)) as results:
        next(results)
    [(remote_id, reading)] = process.read_all([message(90)], RECEIVED)
    assert remote_id == "90"
    assert not isinstance(reading, Exception)


def test_a_large_message_is_not_copied_to_it(process: ReaderProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_process, "LARGE", 100)
    assert len(list(process.read_all([message(1)], RECEIVED))) == 1
    assert not process._process


def test_it_ends_with_who_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": str(reader_process._FOLDER.parent)}
    user = subprocess.Popen([sys.executable, "-c", USER], stdout=subprocess.PIPE, text=True, env=environment)
    assert user.stdout
    pid = int(user.stdout.readline())
    os.kill(pid, 0)
    user.send_signal(signal.SIGKILL)
    user.communicate()
    assert poll(lambda: not _lives(pid), seconds=20)


def _lives(pid: int) -> bool:
    try:
        # Z: dead, and not yet collected by its new parent.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
