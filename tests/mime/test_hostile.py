# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Hostile messages cost a bounded share of time and memory, and are read like any other."""

from __future__ import annotations

import multiprocessing
import resource
import time
import tracemalloc
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from mailsync import identity
from mailsync.mime import read_head, read_letter

from .checks import assert_sound, assert_sound_head
from .hostile import HOSTILE, MEGA

CPU_SECONDS = 10
MEMORY = 512 * MEGA


def _read(name: str, answer: Connection) -> None:
    raw = HOSTILE[name]()
    # What the limit counts is address space, of which a test run that has loaded large libraries has taken much.
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MEMORY + len(raw), resource.RLIM_INFINITY))
    begin = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(begin) + CPU_SECONDS, resource.RLIM_INFINITY))
    letter = read_letter(raw)
    head = read_head(raw)
    fingerprint = identity.fingerprint(letter)
    spent = time.process_time() - begin
    assert_sound(letter)
    assert_sound_head(head)
    assert identity.header_key(head) == identity.header_key(letter.head)
    answer.send((spent, len(fingerprint)))


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_is_read_within_bounds(name: str) -> None:
    """In a process of its own, so that the limits are the kernel's: 10 s of CPU and 512 MiB beyond the message."""
    processes = multiprocessing.get_context("fork")
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=_read, args=(name, sender))
    process.start()
    sender.close()
    process.join(120)
    assert process.exitcode == 0, f"ended with {process.exitcode} (negative: killed by a limit)"
    spent, length = receiver.recv()
    assert spent < CPU_SECONDS
    assert length == 64


def test_nothing_is_lost_beyond_the_limits() -> None:
    """Parts past the limit stay together in one file; a multipart nested too deep is a file."""
    many = read_letter(HOSTILE["attachments_10000"]().replace(b"--b--", b"--b\r\n\r\nlast words\r\n--b--"))
    assert "too_many_parts" in many.defects
    assert b"last words" in many.files[-1].content
    deep = read_letter(HOSTILE["multiparts_1000_deep"]())
    assert "too_deep" in deep.defects
    assert b"deep" in deep.files[-1].content


def test_a_large_file_is_held_once() -> None:
    """The peak stays below the message and one and a quarter of its file."""
    raw = HOSTILE["file_50mb"]()
    tracemalloc.start()
    letter = read_letter(raw)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(letter.files[0].content) == 50 * MEGA
    assert peak < 1.25 * 50 * MEGA
