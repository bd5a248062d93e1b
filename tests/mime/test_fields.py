# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pieces of a header, one by one: dates, addresses, encoded words, parameters, charsets."""

from __future__ import annotations

from calendar import timegm

import pytest

from mailsync.mime import read_head
from mailsync.mime.addresses import parse_addresses
from mailsync.mime.charset import codec_of, decode
from mailsync.mime.dates import parse_date
from mailsync.mime.params import parse, text_of
from mailsync.mime.words import decode_words

NOON = float(timegm((2026, 3, 3, 12, 0, 0)))


@pytest.mark.parametrize(
    "value",
    [
        "Tue, 03 Mar 2026 12:00:00 +0000",
        "Tue,  3 Mar 2026 13:00 +0100 (CET)",
        "3 Mar 26 07:00:00 EST",
        "3 Mar 126 08:00:00 EDT",
        "Tue Mar  3 12:00:00 2026",
        "Tue Mar  3 12:00:00 GMT 2026",
        "Tue, 03 Mar 2026 12:00:00 GMT+0000",
        "Tue, 03 Mar 2026 12.00.00 +00:00",
        "Tue, 03 (third) Mar 2026 12:00:00 -0000",
        "Tuesday, March 3, 2026 12:00 PM",
        "2026-03-03T12:00:00Z",
        "2026-03-03 13:00:00.123 +01:00",
        "Tue, 03 Mar 2026 12:00:00 +9999",
    ],
)
def test_date(value: str) -> None:
    assert parse_date(value) == NOON


@pytest.mark.parametrize(
    "value",
    [
        "",
        "now",
        "yesterday",
        "12:00:00",
        "101",
        "2026",
        "31 Feb 2026 12:00:00 +0000",
        "3 Mar 2026 99:00:00 +0000",
        "Tue, 03",
    ],
)
def test_no_date_is_not_the_present(value: str) -> None:
    assert parse_date(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", ["<a@b.example>"]),
        ('"B, A" <a@b.example>, C <c@d.example>', ["B, A<a@b.example>", "C<c@d.example>"]),
        (r'"A \"B\" C" <a@b.example>', ['A "B" C<a@b.example>']),
        ("a@b.example (A B)", ["A B<a@b.example>"]),
        ("A (the first (and last)) <a@b.example>", ["A<a@b.example>"]),
        ("team: a@b.example, C <c@d.example>; e@f.example", ["<a@b.example>", "C<c@d.example>", "<e@f.example>"]),
        ("undisclosed-recipients:;", []),
        ("<@relay.example,@other.example:a@b.example>", ["<a@b.example>"]),
        ("a @ b . example", ["<a@b.example>"]),
        ('"a b"@c.example', ['<"a b"@c.example>']),
        ("'a@b.example'", ["<a@b.example>"]),
        ("mailto:a@b.example", ["<a@b.example>"]),
        ("A B a@b.example", ["A B<a@b.example>"]),
        ("a@b.example; c@d.example", ["<a@b.example>", "<c@d.example>"]),
        ("A <a@b.example> C <c@d.example>", ["A<a@b.example>", "C<c@d.example>"]),
        ("A <a@b.example", ["A<a@b.example>"]),
        ('"A <a@b.example>', ["A<a@b.example>"]),
        ("A <<a@b.example>>", ["A<a@b.example>"]),
        ('"c@d.example" <a@b.example>', ["c@d.example<a@b.example>"]),
        ("MAILER-DAEMON", ["<MAILER-DAEMON>"]),
        ("No Address Here", []),
        ("=?utf-8?q?B=C3=BC,_A?= <a@b.example>", ["Bü, A<a@b.example>"]),
        ("=?utf-8?q?A_=3Ca=40b=2Eexample=3E?=", ["A<a@b.example>"]),
        ("j\u00c3\u00b6@b.example", ["<jö@b.example>"]),
        (",, ;", []),
    ],
)
def test_addresses(value: str, expected: list[str]) -> None:
    assert [f"{a.name}<{a.address}>" for a in parse_addresses(value, "to")] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?a_b?=c", "a bc"),
        ("=?utf-8*de?b?w6Q=?=", "ä"),
        ("=?utf-8?b?w6Q?=", "ä"),
        ("=?utf-8?b?w6Qx!?=", "ä1"),
        ("=?iso-8859-1?q?=E4 =E4?=", "ä ä"),
        ("=?utf-8?q?What?_Now?=", "What? Now"),
        ("=?gb2312?b?t/g=?= =?gb2312?q?=B7?= =?gb2312?q?=F8?=", "辐辐"),
        ("=?x-unknown?q?caf=C3=A9?=", "café"),
        ("=?utf-8?q?a=0D=0Ab=00c?=", "a bc"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("caf\u00c3\u00a9", "café"),
        ("caf\u00e9", "café"),
        ("=?utf-8?q??=", ""),
    ],
)
def test_encoded_words(value: str, expected: str) -> None:
    assert decode_words(value, "iso-8859-1") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/pdf; name=a.pdf", "a.pdf"),
        ('application/pdf; name="a; b.pdf"', "a; b.pdf"),
        (r'application/pdf; name="a \"b\".pdf"', 'a "b".pdf'),
        ("application/pdf; name=a b.pdf; size=1", "a b.pdf"),
        ('application/pdf; name="a b.pdf', "a b.pdf"),
        ("application/pdf;; name=a.pdf", "a.pdf"),
        ("application/pdf name=a.pdf", "a.pdf"),
        ("application/pdf; NAME = a.pdf", "a.pdf"),
        ("application/pdf; name*=utf-8'de'%C3%A4.pdf", "ä.pdf"),
        ("application/pdf; name*=iso-8859-1''%E4.pdf; name=plain.pdf", "ä.pdf"),
        ("application/pdf; name*1=b.pdf; name*0=a", "ab.pdf"),
        ("application/pdf; name*0*=utf-8''%C3; name*1*=%A4; name*2=%41.pdf", "ä%41.pdf"),
        ('application/pdf; name="=?utf-8?q?=C3=A4=2Epdf?="', "ä.pdf"),
        ("application/pdf; name==?utf-8?q?=C3=A4=2Epdf?=", "ä.pdf"),
        ("application/pdf; name=\u00c3\u00a4.pdf", "ä.pdf"),
    ],
)
def test_parameters(value: str, expected: str) -> None:
    content_type, params = parse(value)
    assert content_type == "application/pdf"
    assert text_of(params, "name") == expected


@pytest.mark.parametrize(
    ("label", "data", "expected"),
    [
        ("utf-8", "ä€".encode(), "ä€"),
        ("iso-8859-1", b"\x80 \x93a\x94", "€ “a”"),
        ("us-ascii", "ä".encode(), "ä"),
        ("", b"caf\xe9 cr\xe8me br\xfbl\xe9e", "café crème brûlée"),
        ("x-gbk", "中文".encode("gbk"), "中文"),
        ("gb2312", "镕".encode("gbk"), "镕"),
        ("charset=us-ascii", b"a", "a"),
        ("charset=utf-8", "ä".encode(), "ä"),
        ('"ISO_8859-15"', b"\xa4", "€"),
        ("ks_c_5601-1987", "한".encode("cp949"), "한"),
        ("utf-7", b"+AOQ-", "ä"),
        ("unicode-1-1-utf-7", b"+AOQ-", "ä"),
        ("windows-1251", "да".encode("cp1251"), "да"),
        ("utf-8", b"\xef\xbb\xbfa", "a"),
        ("utf-8", b"a\0b\x08c\r\nd\re", "abc\nd\ne"),
        ("utf-8", "a\uffffb".encode(), "ab"),
        ("rot13", "ä".encode(), "ä"),
        ("idna", b"xn--a", "xn--a"),
        ("utf-8", "ä".encode() * 20 + b"\xff", "ä" * 20 + "\ufffd"),
        ("utf-8", b"Gr\xfc\xdfe aus K\xf6ln und D\xfcsseldorf", "Grüße aus Köln und Düsseldorf"),
    ],
)
def test_charsets(label: str, data: bytes, expected: str) -> None:
    assert decode(data, label) == expected


def test_no_label_reaches_the_import_system() -> None:
    assert codec_of("antigravity") == codec_of("../x") == codec_of("x" * 10_000) == codec_of("hex") == ""


@pytest.mark.parametrize(
    ("header", "auto_submitted", "bulk"),
    [
        ("Auto-Submitted: no", "", False),
        ("Auto-Submitted: auto-replied; owner=x", "auto-replied", False),
        ("Auto-Submitted: auto-notified", "auto-generated", False),
        ("X-Autoreply: yes", "auto-replied", False),
        ("Precedence: auto_reply", "auto-replied", False),
        ("Precedence: Bulk", "", True),
        ("List-Id: <x.example>", "", True),
        ("Content-Type: multipart/report; boundary=x", "auto-generated", False),
        ("Subject: x", "", False),
    ],
)
def test_machine_mail(header: str, auto_submitted: str, bulk: bool) -> None:
    head = read_head(header.encode() + b"\r\n")
    assert (head.auto_submitted, head.bulk) == (auto_submitted, bulk)


@pytest.mark.parametrize("ending", [b"", b"\r\n", b"\r\n\r\n", b"\r\n\r\nFrom: other@example.com\r\n"])
def test_head_ends_with_its_block(ending: bytes) -> None:
    head = read_head(b"From: a@example.com\r\nSubject: s" + ending)
    assert [a.address for a in head.addresses] == ["a@example.com"]
    assert head.subject == "s"


def test_message_with_bare_carriage_returns() -> None:
    assert read_head(b"From: a@example.com\rSubject: s\r\rbody").subject == "s"
