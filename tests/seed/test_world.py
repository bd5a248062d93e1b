# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The seeded letters: the same each time, readable, spread over time, enough of each kind."""

from __future__ import annotations

import email
import io
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import datetime, timedelta, timezone
from email.message import Message
from email.utils import getaddresses

import pytest

from sandbox.seed.letters import Letter
from sandbox.seed.mailboxes import build
from sandbox.seed.world import DATA, USERS

NOW = datetime(2026, 3, 2, 15, 20, tzinfo=timezone.utc)
RAW = {"broken", "undated", "capitals", "raw header", "cut encoded word", "garbage"}
ADDRESS_HEADERS = ("from", "sender", "reply-to", "to", "cc", "bcc")


@pytest.fixture(scope="module")
def world():
    return build(NOW)


@pytest.fixture(scope="module")
def parsed(world) -> list[tuple[Letter, Message]]:
    return [(letter, email.message_from_bytes(letter.content)) for letter in world.letters]


def test_same_arguments_same_bytes_in_another_process(world):
    program = (
        "import hashlib, datetime, sandbox.seed.mailboxes as p;"
        f"w = p.build(datetime.datetime.fromisoformat('{NOW.isoformat()}'));"
        "print(hashlib.sha256(repr([(m.content, m.received, sorted(m.flags)) for b in w.mailboxes"
        " for f in b.folders for m in f.messages]).encode()).hexdigest())"
    )
    root = DATA.parents[2]
    sums = {
        subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True).stdout
        for _run in range(2)
    }
    assert len(sums) == 1
    assert build(NOW) == world


def test_another_seed_gives_other_letters_but_the_same_figures(world):
    other = build(NOW, seed=20)
    assert [lt.content for lt in other.letters] != [lt.content for lt in world.letters]
    assert other.expected == world.expected


@pytest.mark.parametrize("hours", [31, 24 * 40])
def test_figures_do_not_depend_on_the_day(world, hours):
    assert build(NOW + timedelta(hours=hours)).expected == world.expected


def test_headers_say_what_the_plan_says(parsed):
    for letter, message in parsed:
        if letter.kind in RAW:
            continue
        written = getaddresses([str(value) for name in ADDRESS_HEADERS for value in message.get_all(name, [])])
        assert {address.lower() for _name, address in written} == set(letter.participants), letter.kind
        assert (message["Message-ID"] or "").strip("<>") == letter.message_id
        ancestors = [word.strip("<>") for word in (message["References"] or "").split()]
        assert tuple(reversed(ancestors)) == letter.ancestors


def test_only_the_odd_ones_are_defective(parsed):
    defective = {letter.kind for letter, message in parsed for part in message.walk() if part.defects}
    assert defective <= {"broken", "garbage"}
    assert "broken" in defective


def test_texts_are_decodable_and_have_no_open_blanks(parsed):
    for letter, message in parsed:
        for part in message.walk():
            if part.get_content_type() in ("text/plain", "text/html") and letter.kind not in RAW:
                text = part.get_payload(decode=True).decode(part.get_content_charset())
                assert "[[" not in text
                assert part.get_content_subtype() != "plain" or "{" not in text


def test_lines_are_fit_for_the_wire(world):
    for letter in world.letters:
        assert b"\n" not in letter.content.replace(b"\r\n", b"")
        assert max(map(len, letter.content.split(b"\r\n"))) <= 998


def test_dates_lie_in_the_last_eighteen_months(world):
    dates = [letter.date for letter in world.letters]
    assert NOW - timedelta(days=18 * 31) < min(dates)
    assert max(dates) < NOW
    by_quarter = Counter((NOW - date) // timedelta(days=91) for date in dates)
    assert all(by_quarter[quarter] >= 25 for quarter in range(6))


def test_answers_follow_what_they_answer(world):
    sent = {letter.message_id: letter.date for letter in world.letters}
    answers = [letter for letter in world.letters if letter.ancestors]
    assert len(answers) > 200
    for letter in answers:
        assert all(sent[ancestor] < letter.date for ancestor in letter.ancestors)


def test_people_write_in_office_hours(world):
    for letter in world.letters:
        if letter.kind.startswith("conversation") and b"Auto-Submitted" not in letter.content:
            assert letter.date.weekday() < 5
            assert 8 <= letter.date.hour < 18


def test_enough_of_each_kind(parsed):
    kinds = Counter(letter.kind for letter, _message in parsed)
    assert sum(kinds.values()) >= 350
    for kind, least in {
        "conversation en": 200, "conversation de": 15, "conversation fr": 15, "conversation es": 5,
        "conversation lt": 5, "conversation ja": 5, "conversation ar": 5, "conversation ru": 4, "conversation zh": 4,
        "newsletter": 20, "stranger": 12, "internal": 12, "notice": 3, "junk": 4, "trash": 2, "draft": 2,
        **dict.fromkeys(RAW, 1), "huge": 1, "without message-id": 1, "same message-id": 2, "bcc": 1, "twice": 1,
    }.items():  # fmt: skip
        assert kinds[kind] >= least, kind


def test_many_charsets(parsed):
    charsets = {part.get_content_charset() for _letter, message in parsed for part in message.walk()}
    assert charsets >= {
        "utf-8", "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1252", "windows-1256", "windows-1257",
        "koi8-r", "gb18030", "iso-2022-jp", "shift_jis",
    }  # fmt: skip


def test_files_are_genuine(parsed):
    kinds: Counter[str] = Counter()
    for letter, message in parsed:
        for part in message.walk() if letter.kind not in RAW else ():
            kind, content = part.get_content_type(), part.get_payload(decode=True)
            kinds[kind] += 1
            if kind == "application/pdf":
                assert content.startswith(b"%PDF-1.4")
                start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
                assert content[start:].startswith(b"xref")
            elif kind == "image/png":
                assert content.startswith(b"\x89PNG\r\n\x1a\n")
                assert content.endswith(b"IEND\xae\x42\x60\x82")
            elif kind.endswith("wordprocessingml.document"):
                assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert kinds["application/pdf"] >= 20
    assert kinds["image/png"] >= 20
    assert all(kinds[kind] for kind in ("text/csv", "text/calendar", "message/rfc822", "application/ms-tnef"))


def test_inline_pictures_are_shown_by_the_text(parsed):
    shown = 0
    for _letter, message in parsed:
        html = b"".join(p.get_payload(decode=True) for p in message.walk() if p.get_content_type() == "text/html")
        for part in message.walk():
            if part["Content-ID"]:
                assert b"cid:" + part["Content-ID"].strip("<>").encode() in html
                shown += 1
    assert shown >= 30


def test_each_user_has_a_mailbox_with_all_folders(world):
    assert [mailbox.login for mailbox in world.mailboxes] == list(USERS)
    for mailbox in world.mailboxes:
        held = {folder.path: len(folder.messages) for folder in mailbox.folders}
        assert all(held.values()), held
        assert held[("INBOX",)] > 25
        assert held[("Sent",)] > 12
        assert sum(folder.selected for folder in mailbox.folders) == 3


def test_some_letters_lie_in_both_mailboxes(world):
    shared = [letter for letter in world.letters if len({copy.login for copy in letter.copies}) == 2]
    assert len([letter for letter in shared if letter.kind.startswith("conversation")]) >= 30
