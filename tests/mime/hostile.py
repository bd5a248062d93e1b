# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages made to hurt: each takes a careless reader minutes, gigabytes, or its life."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import partial

HEAD = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: s\r\nMessage-ID: <1@example.com>\r\n"
TEXT = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
MEGA = 1 << 20


def _header(value: bytes, name: bytes = b"Subject") -> bytes:
    return b"From: a@example.com\r\n" + name + b": " + value + b"\r\n\r\nhello\r\n"


def _type(value: bytes) -> bytes:
    return HEAD + b"Content-Type: " + value + b"\r\n\r\nhello\r\n"


def _nested_multiparts(depth: int, same: bool = False) -> bytes:
    out = [HEAD]
    for level in range(depth):
        name = b"b" if same else b"b%d" % level
        out.append(b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n" % (name, name))
    return b"".join([*out, b"Content-Type: text/plain\r\n\r\ndeep\r\n"])


def _nested_messages(depth: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: inner\r\n\r\ninner\r\n"


def _parts(count: int, part: bytes) -> bytes:
    return MIXED + (b"--b\r\n" + part) * count + b"--b--\r\n"


def _attachments(count: int) -> bytes:
    return _parts(count, b"Content-Disposition: attachment; filename=x.bin\r\n\r\nx\r\n")


def _rfc2231(pieces: int) -> bytes:
    names = b"".join(b";\r\n name*%d*=%%41" % n for n in range(pieces))
    return _type(b"application/x; x=1" + names)


def _charset(label: bytes) -> bytes:
    return HEAD + b'Content-Type: text/plain; charset="' + label + b'"\r\n\r\nGr\xc3\xbc\xc3\x9fe \xff hello\r\n'


def _file(size: int) -> bytes:
    body = base64.encodebytes(b"\0\xff" * (size // 2)).replace(b"\n", b"\r\n")
    return (
        MIXED
        + b"--b\r\nContent-Type: application/zip; name=f.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + (body + b"--b--\r\n")
    )


HOSTILE: dict[str, Callable[[], bytes]] = {
    "subject_1mb_of_words": lambda: _header(b" ".join([b"=?utf-8?q?=C3=A4bc?="] * 50_000)),
    "subject_words_one_letter_each": lambda: _header(b" ".join([b"=?utf-8?b?QQ==?="] * 60_000)),
    "subject_words_alternating_charsets": lambda: _header(b" ".join([b"=?utf-8?q?a?=", b"=?koi8-r?q?a?="] * 30_000)),
    "subject_unfinished_words": lambda: _header(b"=?utf-8?q?a " * 80_000),
    "subject_question_marks": lambda: _header(b"=?" * 500_000),
    "subject_half_words": lambda: _header(b"=?a?q" * 200_000 + b"?="),
    "subject_10mb": lambda: _header(b"a" * (10 * MEGA)),
    "subject_folded_500000_times": lambda: _header(b"a\r\n " * 500_000),
    "header_without_end_20mb": lambda: b"X: " + b"y" * (20 * MEGA),
    "header_of_a_million_fields": lambda: b"X: y\r\n" * 1_000_000 + b"\r\nbody",
    "header_of_spaces": lambda: _header(b" " * (5 * MEGA)),
    "to_100000_lines": lambda: b"To: x@example.com\r\n" * 100_000 + b"\r\nbody",
    "to_of_100000": lambda: _header(b", ".join(b"u%d@example.com" % n for n in range(100_000)), b"To"),
    "cc_of_20000_with_names": lambda: _header(
        b",\r\n ".join(b'"U, %d" <u%d@example.com>' % (n, n) for n in range(20_000)), b"Cc"
    ),
    "cc_open_brackets": lambda: _header(b"(" * 65_536, b"Cc"),
    "cc_open_angles": lambda: _header(b"<" * 250_000, b"Cc"),
    "cc_open_quotes": lambda: _header(b'"\\' * 120_000, b"Cc"),
    "cc_quotes_and_commas": lambda: _header(b'",\\"' * 60_000, b"Cc"),
    "cc_commas": lambda: _header(b"," * 250_000, b"Cc"),
    "cc_colons": lambda: _header(b"a:" * 120_000, b"Cc"),
    "cc_at_colons": lambda: _header(b"a@b" + b":c" * 120_000, b"Cc"),
    "cc_ats": lambda: _header(b"@" * 250_000, b"Cc"),
    "cc_dots": lambda: _header(b"a@b" + b" ." * 120_000, b"Cc"),
    "cc_blanks": lambda: _header(b" " * 250_000 + b"x", b"Cc"),
    "cc_blank_words": lambda: _header(b"a " * 120_000 + b"x@y", b"Cc"),
    "cc_comments": lambda: _header(b"(a)" * 80_000 + b"x@y", b"Cc"),
    "cc_nested_comments": lambda: _header(b"(" * 100_000 + b")" * 100_000 + b"x@y", b"Cc"),
    "cc_escapes": lambda: _header(b"\\" * 250_000, b"Cc"),
    "cc_equals": lambda: _header(b"=?" * 120_000, b"Cc"),
    "cc_group_in_group": lambda: _header(b"a:b;" * 60_000, b"Cc"),
    "references_1mb": lambda: _header(b"<a@b> " * 170_000, b"References"),
    "references_open": lambda: _header(b"<" * 250_000, b"References"),
    "message_id_1mb": lambda: _header(b"<" + b"a " * 500_000 + b">", b"Message-ID"),
    "date_1mb": lambda: _header(b"1 " * 500_000, b"Date"),
    "date_brackets": lambda: _header(b"(" * 500_000, b"Date"),
    "date_colons": lambda: _header(b"1:1:" * 250_000, b"Date"),
    "rfc2231_20000_pieces": lambda: _rfc2231(20_000),
    "rfc2231_wrong_numbers": lambda: _type(b"a/b" + b"; name*99999999999*=x" * 10_000),
    "params_semicolons": lambda: _type(b"a/b" + b";" * 250_000),
    "params_without_value": lambda: _type(b"a/b" + b";x" * 120_000),
    "params_blanks": lambda: _type(b"a/b; x" + b" " * 250_000 + b"y"),
    "params_names": lambda: _type(b"a/b; " + b"x " * 120_000),
    "params_quotes": lambda: _type(b"a/b" + b';x="\\' * 50_000),
    "params_equals": lambda: _type(b"a/b; x" + b"=" * 250_000),
    "boundary_200k": lambda: _type(b"multipart/mixed; boundary=" + b"x" * 200_000),
    "boundary_empty": lambda: _type(b'multipart/mixed; boundary=""'),
    "multiparts_1000_deep": lambda: _nested_multiparts(1_000),
    "multiparts_1000_deep_same_boundary": lambda: _nested_multiparts(1_000, same=True),
    "multiparts_90_deep_then_20mb": lambda: _nested_multiparts(90) + b"--b\r\n" * (4 * MEGA),
    "messages_300_deep": lambda: _nested_messages(300),
    "parts_100000_empty": lambda: _parts(100_000, b""),
    "parts_100000_without_blank_line": lambda: _parts(100_000, b"X: y\r\n"),
    "parts_10000_of_text": lambda: _parts(10_000, b"\r\ntext\r\n"),
    "parts_of_html_and_text": lambda: _parts(9_000, b"\r\ntext\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n"),
    "attachments_10000": lambda: _attachments(10_000),
    "alternatives_9000": lambda: _parts(9_000, b"\r\ntext\r\n").replace(b"mixed", b"alternative", 1),
    "related_9000": lambda: _parts(9_000, b"Content-ID: <x>\r\n\r\ntext\r\n").replace(b"mixed", b"related", 1),
    "dashes_20mb": lambda: MIXED + b"--\r\n" * (5 * MEGA),
    "almost_boundaries": lambda: MIXED + b"--bx\r\n" * (3 * MEGA),
    "html_100000_attributes": lambda: TEXT.replace(b"plain", b"html") + b"<p " + b"a=b " * 100_000 + b">x</p>",
    "html_open_tags": lambda: TEXT.replace(b"plain", b"html") + b"<" * (5 * MEGA),
    "html_open_styles": lambda: TEXT.replace(b"plain", b"html") + b"<style>" * 500_000,
    "html_open_comments": lambda: TEXT.replace(b"plain", b"html") + b"<!--" * MEGA,
    "html_100000_deep": lambda: TEXT.replace(b"plain", b"html") + b"<div>" * 100_000,
    "html_20mb": lambda: TEXT.replace(b"plain", b"html") + b"<p>word &amp; word</p>\r\n" * 900_000,
    "html_cids": lambda: TEXT.replace(b"plain", b"html") + b"cid:" * MEGA,
    "html_metas": lambda: TEXT.replace(b"; charset=utf-8", b"").replace(b"plain", b"html") + b"\xff<meta " * 500_000,
    "html_blank_alternative": lambda: (
        MIXED.replace(b"mixed", b"alternative")
        + b"--b\r\n\r\ntext\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        + b"<p>&nbsp;</p>\r\n" * 300_000
        + b"--b--\r\n"
    ),
    "text_50mb": lambda: TEXT + b"The quick brown fox jumps over it.\r\n" * (50 * MEGA // 36),
    "text_of_nul": lambda: TEXT + b"\0" * (10 * MEGA),
    "text_of_ff": lambda: TEXT + b"\xff" * (5 * MEGA),
    "text_undeclared_8bit": lambda: TEXT.replace(b"; charset=utf-8", b"") + b"Gr\xfc\xdfe aus K\xf6ln\r\n" * 300_000,
    "text_flowed": lambda: TEXT.replace(b"utf-8", b"utf-8; format=flowed") + b">>> a \r\n" * 500_000,
    "text_flowed_one_paragraph": lambda: TEXT.replace(b"utf-8", b"utf-8; format=flowed") + b"a \r\n" * MEGA,
    "text_escapes": lambda: TEXT.replace(b"utf-8", b"iso-2022-jp") + b"\x1b$B" * MEGA,
    "text_utf7": lambda: TEXT.replace(b"utf-8", b"utf-7") + b"+" * (5 * MEGA),
    "base64_padding": lambda: (
        MIXED + b"--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"=A" * (3 * MEGA)
    ),
    "base64_padding_only": lambda: (
        MIXED + b"--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"=" * (10 * MEGA)
    ),
    "quoted_printable_equals": lambda: (
        TEXT.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n") + b"=" * (10 * MEGA)
    ),
    "uuencoded": lambda: (
        TEXT.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n")
        + b"begin 644 x\r\n"
        + b"M" * 60
        + b"\r\n#\r\n" * MEGA
    ),
    "calendar_methods": lambda: TEXT.replace(b"plain", b"calendar") + b"METHOD\r\n" * MEGA,
    "file_name_long": lambda: _type(b'application/pdf; name="' + b"x" * 5_000 + b'.pdf"'),
    "file_50mb": lambda: _file(50 * MEGA),
}

CHARSETS = (
    b"rot13 hex idna punycode unknown-8bit base64 bz2 zlib uu quopri undefined unicode_escape raw_unicode_escape"
    b" utf-16 utf-32 utf-7 mbcs antigravity this os ../x %s charset=us-ascii x-gbk x-unknown iso-2022-jp hz cp037"
).split()
for _label in [*CHARSETS, b"", b"\xff", b"a" * 5_000]:
    HOSTILE["charset_" + _label[:20].decode("latin-1")] = partial(_charset, _label)


def all_messages() -> Iterator[tuple[str, bytes]]:
    """Each message with its name, made when it is asked for."""
    for name, make in HOSTILE.items():
        yield name, make()
