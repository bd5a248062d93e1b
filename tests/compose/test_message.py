# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that we write, read by our own reader and by the standard library."""

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy

import pytest

from mailsync import html, identity, mime
from mailsync.compose import Outgoing, build, new_message_id
from mailsync.letter import Address, File

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=2)))
ME = Address("Olga Owner", "olga@ours.test")
LETTER = Outgoing(ME, "one@ours.test", NOON, subject="Offer", html="<p>Dear all</p>")

NAMES = [
    "Anna Berg",
    "Berg, Anna",
    'Anna "the boss" Berg-Lind',
    "Jörg Müller, GmbH & Co. KG",
    "株式会社サンプル 営業部 第一課 山田太郎 様（とても長い名前の例）" * 2,
    "محمد بن عبد الله",
    "Åsa =?utf-8?q?x?= Öst",
    "=?utf-8?q?not_encoded?=",
    "x" * 300,
    "👩‍🔧 Werkstatt",
]
SUBJECTS = [
    "Offer",
    "Re: Angebot für die große Halle",
    "word " * 60,
    "w" * 1500,
    "Дополнительное соглашение к договору поставки оборудования № 12/2026 от 2 марта" * 3,
    "見積書の件" * 40,
    "with  two blanks, a ; and =?utf-8?q?x?=",
    "🎉" * 80,
]
FILE_NAMES = [
    "offer.pdf",
    'with "quotes" and ; semicolon.pdf',
    "Zeichnung für Müller & Söhne (endgültig).pdf",
    "見積書" * 40 + ".xlsx",
    "عرض سعر.docx",
    "no extension",
    "percent%20and'apostrophe*.txt",
    "x" * 180 + ".bin",
    "two  blanks.txt",
]


def read(letter):
    message = build(letter)
    check_lines(message)
    return mime.read_letter(message)


def check_lines(message):
    """No bare line feed, no line that a server would cut, no encoded word that is longer than allowed."""
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert max(map(len, message.split(b"\r\n"))) <= 998
    header = message.partition(b"\r\n\r\n")[0]
    assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", header))


def one_line(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_names_of_people_arrive_as_they_were_written(name):
    person = Address(name, "someone@cüstomer.test")
    letter = replace(LETTER, sender=replace(ME, name=name), to=(person, ME), cc=(person,), bcc=(person,))
    head = read(letter).head
    assert {found.name for found in head.by_role("from", "cc", "bcc")} == {one_line(name)}
    assert head.by_role("to")[0].normalized == "someone@xn--cstomer-n2a.test"
    assert [found.address for found in head.by_role("to")][1:] == [ME.address]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_arrive_as_they_were_written(subject):
    assert read(replace(LETTER, subject=subject)).head.subject == one_line(subject)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_files_arrive_byte_for_byte_under_their_names(name):
    content = bytes(range(256)) * 40
    letter = replace(LETTER, files=(File(name, "application/pdf", content), File(name, "text/plain", b"a\r\nb\n")))
    files = read(letter).files
    assert [file.content for file in files] == [content, b"a\r\nb\n"]
    assert {file.name for file in files} == {one_line(name)}
    standard = message_from_bytes(build(letter), policy=policy.default)
    assert {part.get_filename() for part in standard.iter_attachments()} == {one_line(name)}


def test_ids_are_never_folded_or_encoded():
    long = "x" * 200 + "@mail.test"
    ids = tuple(f"{number}.{'y' * 60}@mail.test" for number in range(20))
    head = read(replace(LETTER, message_id=long, in_reply_to=long, references=ids)).head
    assert (head.message_id, head.in_reply_to, head.references) == (long, (long,), ids)


def test_the_date_is_told_in_the_time_zone_of_who_writes():
    message = build(LETTER)
    assert b"Date: Mon, 02 Mar 2026 12:00:00 +0200\r\n" in message
    assert mime.read_letter(message).head.date == NOON.timestamp()


def test_pictures_of_the_text_go_with_it_and_other_files_beside_it():
    picture = File("logo.png", "image/png", b"picture", "logo@ours.test", inline=True)
    other = File("plan.png", "image/png", b"plan", "plan@ours.test")
    message = build(replace(LETTER, html='<p>See <img src="cid:logo@ours.test"></p>', files=(picture, other)))
    letter = mime.read_letter(message)
    assert {(file.name, file.inline) for file in letter.files} == {("logo.png", True), ("plan.png", False)}
    parts = [part.get_content_type() for part in message_from_bytes(message).walk()]
    assert parts == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "image/png",
    ]  # fmt: skip


def test_a_message_that_is_passed_on_as_a_file_stays_a_file():
    inside = b"From: x@y.test\r\nSubject: inside\r\n\r\nbody"
    letter = read(replace(LETTER, files=(File("letter.eml", "message/rfc822", inside),)))
    assert [(file.name, file.content) for file in letter.files] == [("letter.eml", inside)]


def test_pictures_from_elsewhere_leave_with_their_addresses():
    clean = html.sanitise('<p>Hi <img src="https://ours.test/logo.png"></p>')
    assert 'src="https://ours.test/logo.png"' in read(replace(LETTER, html=clean)).html


def test_the_plain_text_marks_what_is_quoted():
    source = (
        '<p>Yes &amp; no</p><blockquote type="cite">Shall we?<blockquote>Once<br>more</blockquote></blockquote>Olga'
    )
    assert read(replace(LETTER, html=source)).text.rstrip() == ("Yes & no\n\n> Shall we?\n\n>> Once\n>> more\n\nOlga")


def test_what_goes_out_and_what_lies_in_sent_are_the_same_letter():
    """Gmail and Exchange keep other bytes of it."""
    letter = replace(LETTER, to=(Address("Anna", "anna@acme.test"),), bcc=(ME,), html="<p>Grüße 日本</p>")
    first, second = (mime.read_letter(build(letter)) for _time in range(2))
    assert identity.header_key(first.head) == identity.header_key(second.head)
    assert identity.fingerprint(first) == identity.fingerprint(second)


def test_a_line_end_in_a_field_begins_no_other_field():
    evil = "x\r\nBcc: victim@acme.test\r\n\r\nbody"
    letter = replace(
        LETTER,
        subject=evil,
        to=(Address(evil, f"a@b.test{evil}"),),
        message_id=f"a{evil}@b",
        files=(File(evil, "text/plain", b""),),
    )
    standard = message_from_bytes(build(letter))
    assert standard["Bcc"] is None
    assert standard.is_multipart()


def test_a_draft_needs_nothing_but_who_writes_it():
    head = read(Outgoing(ME, "draft@ours.test", NOON)).head
    assert (head.subject, head.by_role("to", "cc", "bcc")) == ("", ())


def test_new_ids_are_in_the_domain_of_the_sender_and_never_the_same():
    ids = {new_message_id("olga@Ours.test") for _time in range(100)}
    assert len(ids) == 100
    assert all(one.endswith("@Ours.test") and "openerp" not in one for one in ids)
    assert new_message_id("olga@müller.test").endswith("@xn--mller-kva.test")
