# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Copies of a letter are recognised, other letters are not taken for it."""

from __future__ import annotations

import base64
import sys
from collections import defaultdict
from collections.abc import Iterator
from email.header import Header
from email.utils import formatdate
from itertools import combinations
from types import ModuleType
from typing import Any

import pytest

from mailsync.identity import fingerprint, header_key, replacement_message_id, same_content
from mailsync.letter import Address, Head, Letter
from mailsync.mime import read_letter
from mailsync.mime.visible import visible_text
from tests.corpus import corpus, corpus_messages

CRLF = "\r\n"


@pytest.fixture(scope="module")
def letters() -> dict[str, Letter]:
    return {path.name: read_letter(path.read_bytes()) for path in corpus_messages()}


def _comparer() -> ModuleType:
    sys.path.insert(0, str(corpus().parent / "tools"))
    try:
        import corpus_compare
    finally:
        sys.path.pop(0)
    return corpus_compare


def test_different_messages_of_the_corpus_differ(letters: dict[str, Letter]) -> None:
    """Whom key and fingerprint call the same, the independent parsers' readings do not tell apart either."""
    tool = _comparer()
    references = tool.jl(str(corpus() / "reference.jsonl"))
    same = defaultdict(list)
    for name, letter in letters.items():
        same[header_key(letter.head), fingerprint(letter)].append(name)
    pairs = [pair for names in same.values() for pair in combinations(names, 2)]
    assert pairs
    told_apart = [(a, b, why) for a, b in pairs for why in _differences(tool, references[a], references[b])]
    assert told_apart == []


def _differences(tool: ModuleType, a: dict[str, Any], b: dict[str, Any]) -> Iterator[str]:
    for name in ("subject", "message_id", "date"):
        if None not in (a[name], b[name]) and a[name] != b[name]:
            yield name
    if a["from"] and b["from"] and not set(a["from"]) & set(b["from"]):
        yield "from"
    if sorted(f["sha"] for f in a["attachments"]) != sorted(f["sha"] for f in b["attachments"]):
        yield "files"
    if a["body"] and b["body"]:
        grams = tool.grams(a["body"]), tool.grams(b["body"])
        if min(tool.recall(*grams), tool.recall(*grams[::-1])) < 0.9:
            yield "body"


def test_a_shared_message_id_is_not_enough(letters: dict[str, Letter]) -> None:
    """The corpus holds other letters under one Message-ID; they stay apart."""
    shared = defaultdict(set)
    for letter in letters.values():
        if letter.head.message_id:
            shared[letter.head.message_id].add((header_key(letter.head), fingerprint(letter)))
    assert sum(len(keys) > 1 for keys in shared.values()) > 40


def _rebuilt(letter: Letter) -> bytes:
    """The letter as a server that does not keep MIME makes it anew: other encodings, boundaries, header order."""
    head = letter.head
    lines = [f"X-Added-By: a server on the way\r\nSubject: {Header(head.subject, 'utf-8').encode(linesep=CRLF)}"]
    if head.date is not None:
        lines.append(f"Date: {formatdate(head.date)}")
    if head.message_id:
        lines.append(f"Message-ID: <{head.message_id}>")
    for address in head.addresses:
        name = Header(address.name, "utf-8").encode(linesep=CRLF)
        lines.append(f"{address.role.replace('_', '-')}: {name} <{address.address}>")
    lines.append('Content-Type: multipart/mixed; boundary="rebuilt"\r\n')
    if letter.html:
        lines.append(_part("text/html; charset=utf-16le", f"<meta name=x>{letter.html}".encode("utf-16le")))
    else:
        lines.append(_part("text/plain; charset=utf-8", letter.text.encode()))
    for file in letter.files:
        lines.append(_part(f"{file.content_type}\r\nContent-Disposition: attachment; filename=file", file.content))
    return CRLF.join([*lines, "--rebuilt--", ""]).encode()


def _part(content_type: str, content: bytes) -> str:
    encoded = base64.encodebytes(content).decode().replace("\n", CRLF)
    return f"--rebuilt\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}"


def _plain_header(head: Head) -> bool:
    texts = [head.message_id, *(a.address for a in head.addresses)]
    return all(text.isascii() and text.isprintable() and not set(text) & set(" ,;:<>()[]\"'\\=") for text in texts)


@pytest.mark.slow
def test_rebuilt_copies_of_the_corpus_are_the_same(letters: dict[str, Letter]) -> None:
    """Every message of the corpus whose addresses the standard library can write."""
    rebuilt = {name: letter for name, letter in letters.items() if _plain_header(letter.head)}
    assert len(rebuilt) > 0.9 * len(letters)
    wrong = []
    for name, letter in rebuilt.items():
        copy = read_letter(_rebuilt(letter))
        if header_key(copy.head) != header_key(letter.head):
            wrong.append((name, "key"))
        if fingerprint(copy) != fingerprint(letter):
            wrong.append((name, "fingerprint"))
    assert wrong == []


HEAD = Head(message_id="1@example.com", subject="An offer", date=1000.0, addresses=(Address("A", "a@example.com"),))


@pytest.mark.parametrize(
    "other",
    [
        Head("1@example.com", subject=" An  offer", date=1000.9, addresses=(Address("", "A@Example.com"),)),
        Head(
            "1@example.com",
            subject="An offer",
            date=1000.0,
            addresses=(Address("A", "a@example.com"), Address("B", "b@example.com", "bcc")),
            references=("0@example.com",),
            bulk=True,
        ),
    ],
)
def test_copies_have_one_key(other: Head) -> None:
    assert header_key(other) == header_key(HEAD)


@pytest.mark.parametrize(
    "other",
    [
        Head("2@example.com", subject="An offer", date=1000.0, addresses=HEAD.addresses),
        Head("1@example.com", subject="Another offer", date=1000.0, addresses=HEAD.addresses),
        Head("1@example.com", subject="An offer", date=1001.0, addresses=HEAD.addresses),
        Head("1@example.com", subject="An offer", date=None, addresses=HEAD.addresses),
        Head("1@example.com", subject="An offer", date=1000.0, addresses=(Address("A", "b@example.com"),)),
        Head(),
    ],
)
def test_other_messages_have_another_key(other: Head) -> None:
    assert header_key(other) != header_key(HEAD)


def test_recipients_count_only_without_message_id() -> None:
    to_b, to_c = ((Address("", f"{name}@example.com", "to"),) for name in "bc")
    assert header_key(Head("1@x", addresses=to_b)) == header_key(Head("1@x", addresses=to_c))
    assert header_key(Head(addresses=to_b)) != header_key(Head(addresses=to_c))
    assert len(header_key(Head())) == 64


def test_replacement_message_id_is_the_same_on_every_scan() -> None:
    head = Head(subject="x")
    made = replacement_message_id(head, "f" * 64)
    assert made == replacement_message_id(Head(subject="x"), "f" * 64)
    assert made != replacement_message_id(head, "e" * 64)
    assert made.endswith(".invalid")
    assert read_letter(f"Message-ID: <{made}>\n\n".encode()).head.message_id == made


BODY = "Dear Ms Miller,\n\nthank you for your order 4711. The pump will leave our works on Friday.\n\nRegards\nJ. Doe\n"
FOOTER = "\n_______________________________________________\nOffers mailing list\nhttps://lists.example.org/offers\n"
OTHER = (
    "Hello,\n\nI have to tell you that nothing of what was promised last week came true, so I cancel.\n\nA. Miller\n"
)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (BODY, BODY, True),
        (BODY, BODY.replace("\n", "  "), True),
        (BODY, BODY + FOOTER, True),
        (BODY, "[EXTERNAL] Do not open files.\n\n" + BODY, True),
        (BODY, BODY + "This mail is confidential. " * 100, True),
        (BODY, OTHER, False),
        (BODY + FOOTER, OTHER + FOOTER, False),
        (BODY, BODY[:60] + OTHER, False),
        (FOOTER, BODY * 60 + FOOTER, False),
        ("ok", "ok\n" + FOOTER, True),
        ("ok", "EXTERNAL\nok", True),
        ("ok", "ok but not for this price", False),
        ("ok", "no", False),
        ("", "", True),
        ("", BODY, False),
        (
            "ご注文ありがとうございます。金曜日に発送いたします。よろしくお願いいたします。担当の山田です。",
            "別の本文です。",
            False,
        ),
    ],
)
def test_same_content(a: str, b: str, same: bool) -> None:
    assert same_content(a, b) is same
    assert same_content(b, a) is same


def test_letters_of_the_corpus_with_other_bodies_are_not_the_same_content(letters: dict[str, Letter]) -> None:
    """Two arbitrary letters never pass for one with a footer."""
    bodies = [visible_text(letter.html) or letter.text for letter in letters.values()]
    long = [body for body in dict.fromkeys(bodies) if len(body) > 200][:60]
    alike = sum(same_content(a, b) for a, b in combinations(long, 2))
    # near-duplicates that the corpus holds
    assert alike < 20
