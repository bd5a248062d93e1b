# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Encoded words of RFC 2047: header text beyond ASCII."""

from __future__ import annotations

import binascii
import re

from .charset import codec_of, decode, guess, one_line

_WORD = re.compile(r"=\?([^?\s]{0,80})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")


def decode_words(value: str, charset: str = "") -> str:
    """The text of an unfolded header value (bytes as Latin-1), on one line.

    :param charset: label for bytes above 127 that stand in the header raw, where they are not UTF-8.
    """
    if "=?" not in value:
        return one_line(value if value.isascii() else raw_text(value, charset))
    # nothing behind the last "?=" can be a word: every start that is tried has an end, so the scan stays linear
    end = value.rfind("?=") + 2
    out: list[str] = []
    run: list[bytes] = []
    run_charset = ""
    done = 0
    for match in _WORD.finditer(value, 0, end):
        gap = value[done : match.start()]
        word_charset = match[1].partition("*")[0].lower()
        adjacent = not gap.strip()
        if run and not (adjacent and word_charset == run_charset):
            out.append(decode(b"".join(run), run_charset))
            run = []
        if not (adjacent and done):
            out.append(raw_text(gap, charset))
        run_charset = word_charset
        run.append(_word_bytes(match[2], match[3]))
        done = match.end()
    if run:
        out.append(decode(b"".join(run), run_charset))
    out.append(raw_text(value[done:], charset))
    return one_line("".join(out))


def raw_text(value: str, charset: str = "") -> str:
    """A header value as its bytes say, without encoded words: UTF-8 (RFC 6532), ``charset``, or a guess."""
    if value.isascii() and "\x1b" not in value:
        return value
    data = value.encode("latin-1", "replace")
    try:
        return data.decode("utf-8") if "\x1b" not in value else decode(data)
    except UnicodeDecodeError:
        return decode(data, charset) if codec_of(charset) else guess(data)


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(text.encode("latin-1", "replace"), header=True)
    clean = _NOT_BASE64.sub("", text)
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    return binascii.a2b_base64(clean + "=" * (-len(clean) % 4))
