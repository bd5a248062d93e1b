# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Content-Transfer-Encoding (RFC 2045 §6) undone, straight from the message's bytes, each part once."""

from __future__ import annotations

import binascii
import re

from pybase64 import b64decode

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_SEGMENT = re.compile(rb"[^=]+")
# padding and empty lines at the end; whatever is longer is looked at as text behind the padding
_LONGEST_END = 256
_PADDING = b"=\r\n \t"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
_UU_ALPHABET = bytes(32 + (c - 32 & 63) for c in range(256))
_OTHERS = bytes(c for c in range(256) if c not in _BASE64)


def decode_body(raw: bytes, start: int, end: int, encoding: str) -> bytes:
    """The bytes between two offsets as they were before the sender encoded them; an unknown encoding is none."""
    encoding = encoding.strip(" \t\"'").lower()
    if encoding.startswith("base64"):
        return _from_base64(raw, start, end)
    if encoding.startswith(("quoted-printable", "quoted printable")):
        return binascii.a2b_qp(memoryview(raw)[start:end])
    if encoding in ("x-uuencode", "x-uue", "uuencode"):
        return _from_uuencode(raw[start:end])
    return raw[start:end]


def _from_base64(raw: bytes, start: int, end: int) -> bytes:
    pad = raw.find(b"=", start, end)
    if pad < 0 or (end - pad <= _LONGEST_END and not raw[pad:end].strip(_PADDING)):
        try:
            return b64decode(memoryview(raw)[start:end])
        except binascii.Error:
            return _lenient(raw[start:end])
    tail = raw[pad:end]
    if _NOT_BASE64.search(tail):
        # text that a list put behind the encoded body
        return _lenient(raw[start:pad])
    # Padding can stand behind every letter: millions of segments in a list would take a hundred times their bytes.
    decoded = bytearray(_lenient(raw[start:pad]))
    for match in _SEGMENT.finditer(tail):
        decoded += _lenient(match[0])
    return bytes(decoded)


def _lenient(data: bytes) -> bytes:
    data = data.translate(None, _OTHERS)
    if len(data) % 4 == 1:
        data = data[:-1]
    return b64decode(data + b"=" * (-len(data) % 4))


def _from_uuencode(data: bytes) -> bytes:
    """The file between "begin" and "end", or of all lines if nothing begins."""
    begin = _UU_BEGIN.search(data)
    end = _UU_END.search(data, begin.end() if begin else 0)
    lines = data[begin.end() if begin else 0 : end.start() if end else len(data)].splitlines()
    return b"".join(_uu_line(line) for line in lines)


def _uu_line(line: bytes) -> bytes:
    if not line or not 32 <= line[0] <= 96:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        pass
    # a line too long, or with characters that some gateway changed
    length = 1 + ((line[0] - 32 & 63) * 4 + 2) // 3
    return binascii.a2b_uu(line[:length].translate(_UU_ALPHABET))
