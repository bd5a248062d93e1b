# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter that is made into a message again, read again: the same letter, whatever it was."""

from __future__ import annotations

import email
import email.policy
import mailbox
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailsync import rebuild
from mailsync.letter import Address, File, Head, Letter
from mailsync.mime import read_letter
from tests.corpus import corpus_messages

LETTERS = sorted((Path(__file__).parent / "letters").glob("*.eml"))
# "Undisclosed-Recipient:@mailman.enron.com;", which is a group and none.
UNLIKE = {"mailgem__error_emails_missing_body.eml": ["people"]}
MONTH = 1_772_442_000.0


def shown(letter: Letter) -> dict[str, Any]:
    """What the archive keeps of a letter; how bodies end and lines break is not kept."""
    head = letter.head
    return {
        "people": sorted((a.role, " ".join(a.name.split()), a.address) for a in head.addresses),
        "subject": " ".join(head.subject.split()),
        "date": None if head.date is None else int(head.date),
        "message_id": head.message_id,
        "text": letter.text.strip().replace("\r\n", "\n"),
        "html": letter.html.strip().replace("\r\n", "\n"),
        "files": sorted((f.name, _kept_type(f), f.content, f.content_id) for f in letter.files),
    }


def _kept_type(file: File) -> str:
    is_taken_apart = file.content_type.startswith(("message/", "multipart/"))
    return "application/octet-stream" if is_taken_apart else file.content_type


def again(letter: Letter) -> Letter:
    return read_letter(rebuild.eml(rebuild.rebuild(letter)))


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
def test_a_letter_is_read_as_it_was(path: Path) -> None:
    letter = read_letter(path.read_bytes())
    assert shown(again(letter)) == shown(letter)


def test_other_peoples_letters_are_read_as_they_were() -> None:
    differ = {}
    for path in corpus_messages():
        letter = read_letter(path.read_bytes())
        before, after = shown(letter), shown(again(letter))
        if wrong := [key for key in before if before[key] != after[key]]:
            differ[path.name] = wrong
    assert differ == UNLIKE


def test_it_says_that_it_is_not_the_original() -> None:
    message = email.message_from_bytes(rebuild.eml(rebuild.rebuild(Letter(Head(), text="Dear all"))))
    assert message["X-Archive"] == "rebuilt"
    assert message["Message-ID"] is None
    assert message["Date"] is None


def test_header_values_bring_no_further_headers() -> None:
    evil = "x\r\nBcc: all@world.example\r\n\r\nbody"
    letter = Letter(
        Head(subject=evil, message_id="a@b", addresses=(Address(evil, "a@b.example"), Address("", evil, "to"))),
        files=(File(evil, "text/plain", b"x", content_id=evil),),
    )
    message = email.message_from_bytes(rebuild.eml(rebuild.rebuild(letter)), policy=email.policy.default)
    assert message["Bcc"] is None
    assert {name.lower() for name in message} <= {
        "content-type", "content-transfer-encoding", "content-disposition", "content-id",
        "from", "to", "subject", "message-id", "x-archive", "mime-version",
    }  # fmt: skip


def test_other_programs_find_the_parts() -> None:
    letter = Letter(
        Head(subject="Größe", addresses=(Address("Åsa Öberg", "asa@b.example"), Address("", "c@d.example", "to"))),
        text="Hi",
        html='<p>Hi <img src="cid:logo@x"></p>',
        files=(
            File("logo.png", "image/png", b"\x89PNG\r\n\x1a\n", content_id="logo@x", inline=True),
            File("Angebot für Åsa.pdf", "application/pdf", b"%PDF\r\n\x00"),
        ),
    )
    message = email.message_from_bytes(rebuild.eml(rebuild.rebuild(letter)), policy=email.policy.default)
    assert message["Subject"] == "Größe"
    assert message["From"].addresses[0].display_name == "Åsa Öberg"
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip
    attached = next(iter(message.iter_attachments()))
    assert (attached.get_filename(), attached.get_content()) == ("Angebot für Åsa.pdf", b"%PDF\r\n\x00")


def test_an_mbox_file_is_read_by_the_standard_library(tmp_path: Path) -> None:
    texts = ["From here on all is new\n\nFrom: nobody\n>From there", "Second", "Línea\nFrom tomorrow"]
    letters = [
        Letter(
            Head(subject=f"From {n}", message_id=f"{n}@x", date=MONTH + n, addresses=(Address("", "a@b.example"),)),
            text=text,
            files=(File("raw.txt", "text/plain", b"From x\n\nFrom y\r\n"),),
        )
        for n, text in enumerate(texts)
    ]
    path = tmp_path / "letters.mbox"
    path.write_bytes(
        b"".join(rebuild.mbox_entry(rebuild.rebuild(letter), "a b@c.example", MONTH) for letter in letters)
    )
    box = mailbox.mbox(path, create=False)
    assert [shown(read_letter(box.get_bytes(key))) for key in sorted(box.iterkeys())] == [
        shown(letter) for letter in letters
    ]
    assert box[0].get_from() == "ab@c.example Mon Mar  2 09:00:00 2026"


def test_a_sender_that_cannot_stand_in_an_mbox_line() -> None:
    letter = replace(Letter(Head()), text="x")
    for sender in ("", "ü@b.example"):
        assert rebuild.mbox_entry(rebuild.rebuild(letter), sender, MONTH).startswith(b"From MAILER-DAEMON ")
