# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""No bytes whatever make the reader raise or give a value that cannot be stored."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailsync import identity
from mailsync.mime import read_head, read_letter
from tests.corpus import corpus_messages

from .checks import assert_sound, assert_sound_head

SEED = int(os.environ.get("CRM_MAIL_SYNC_FUZZ_SEED", "1"))
MUTATIONS = int(os.environ.get("CRM_MAIL_SYNC_FUZZ_COUNT", "5000"))
TOKENS = [
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"\xff",
        b"\xc3",
        b"\x1b$B",
        b'"',
        b"\\",
        b"(",
        b")",
        b"<",
        b">",
        b"@",
        b",",
        b";",
        b":",
    ),
    *(b"=", b"==", b"=?", b"?=", b"=?utf-8?b?", b"=?utf-16?q?", b"=?x?q?=0D=0ABcc:_x@y?=", b"--", b"*0*=", b"*=''%00"),
    *(b"Content-Type: multipart/alternative; boundary=", b"Content-Type: message/rfc822\r\n\r\n", b"charset=utf-7"),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"charset=idna"),
    *(b"Date: 31 Feb 2026 99:99:99 +9999\r\n", b"From: \r\n", b"To: a:b:c;;,<>\r\n", b"Message-ID: <>\r\n"),
]

Mutation = Callable[[random.Random, bytearray, bytes], None]


def _flip(rnd: random.Random, raw: bytearray, _other: bytes) -> None:
    if raw:
        raw[rnd.randrange(len(raw))] = rnd.randrange(256)


def _cut(rnd: random.Random, raw: bytearray, _other: bytes) -> None:
    start = rnd.randrange(len(raw) + 1)
    del raw[start : start + rnd.choice((1, 2, 10, 100, len(raw)))]


def _insert(rnd: random.Random, raw: bytearray, _other: bytes) -> None:
    start = rnd.randrange(min(len(raw), 4_000) + 1)
    raw[start:start] = rnd.choice(TOKENS)


def _double(rnd: random.Random, raw: bytearray, _other: bytes) -> None:
    start = rnd.randrange(len(raw) + 1)
    piece = raw[start : start + rnd.choice((1, 20, 200, 2_000))]
    raw[start:start] = piece * rnd.choice((1, 2, 20))


def _splice(rnd: random.Random, raw: bytearray, other: bytes) -> None:
    start, begin = rnd.randrange(len(raw) + 1), rnd.randrange(len(other) + 1)
    raw[start:start] = other[begin : begin + 1_000]


@pytest.mark.slow
def test_mutated_mail_is_read() -> None:
    """Real mail with one to six wounds each; the seed is in the output of a failure."""
    messages = [path.read_bytes() for path in corpus_messages()]
    rnd = random.Random(SEED)
    print(f"seed {SEED}, {MUTATIONS} mutations")
    mutations: list[Mutation] = [_flip, _cut, _insert, _insert, _double, _splice]
    for number in range(MUTATIONS):
        raw = bytearray(rnd.choice(messages)[:100_000])
        for _ in range(rnd.randint(1, 6)):
            rnd.choice(mutations)(rnd, raw, rnd.choice(messages))
        _assert_read(bytes(raw), f"mutation {number} of seed {SEED}")


def _assert_read(raw: bytes, what: str) -> None:
    try:
        letter = read_letter(raw)
        head = read_head(raw)
        assert_sound(letter)
        assert_sound_head(head)
        identity.fingerprint(letter)
        assert identity.header_key(head) == identity.header_key(letter.head)
    except BaseException as error:
        raise AssertionError(f"{what}: {type(error).__name__}") from error


@given(st.binary(max_size=2_000))
@settings(deadline=None)
def test_any_bytes_are_read(raw: bytes) -> None:
    _assert_read(raw, "bytes")


@given(
    st.lists(st.sampled_from([*TOKENS, b"From: ", b"To: ", b"Subject: ", b"a@b.example", b" ", b"\r\n"]), max_size=60)
)
@settings(max_examples=300, deadline=None)
def test_any_header_is_read(tokens: list[bytes]) -> None:
    _assert_read(b"".join(tokens), "tokens")


@example(name="Message-ID", value="0<\x1b")
@given(
    name=st.sampled_from(["Content-Type", "Content-Disposition", "To", "Date", "Subject", "References", "Message-ID"]),
    value=st.text(st.characters(codec="latin-1"), max_size=300),
)
@settings(max_examples=300, deadline=None)
def test_any_value_is_read(name: str, value: str) -> None:
    _assert_read(f"{name}: ".encode() + value.encode("latin-1") + b"\r\n\r\nbody\r\n", name)
