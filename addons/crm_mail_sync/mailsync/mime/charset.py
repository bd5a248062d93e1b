# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bytes in any charset, rightly named or not, become text that can be stored."""

from __future__ import annotations

import re
from encodings.aliases import aliases

import chardet

# codecs that are no charsets, or that change more than bytes
_NO_CHARSET = frozenset(
    ["base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "tactis"]
)
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
_SQUEEZE = re.compile(r"[^a-z0-9]+")
# what a label means in mail, where Python has no such name or a stricter table than the senders (WHATWG Encoding §4.2)
_LOOKALIKES = {
    "ascii": "",
    "latin_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
}
_EXTRA = {
    "ansi": "cp1252",
    "iso885914": "iso8859_14",
    "iso88598i": "iso8859_8",
    "iso88598e": "iso8859_8",
    "iso88591windows": "cp1252",
    "win1250": "cp1250",
    "win1251": "cp1251",
    "win1252": "cp1252",
    "windows874": "cp874",
    "windows31j": "cp932",
    "windows932": "cp932",
    "windows936": "gb18030",
    "windows949": "cp949",
    "windows950": "big5hkscs",
    "xsjis": "cp932",
    "sjis": "cp932",
    "xgbk": "gb18030",
    "xeucjp": "euc_jp",
    "xbig5": "big5hkscs",
    "xmaccyrillic": "mac_cyrillic",
    "xmacroman": "mac_roman",
    "iso10646ucs2": "utf_16",
    "ucs2": "utf_16",
    "utf8mb4": "utf_8",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "ksc5601": "cp949",
    "koi8u": "koi8_u",
    "koi8r": "koi8_r",
}
# bytes below 128 are not ASCII in these, so a text of such bytes alone still has to be decoded
_NOT_ASCII = frozenset(
    [
        "utf_7",
        "hz",
        "utf_16",
        "utf_16_be",
        "utf_16_le",
        "utf_32",
        "utf_32_be",
        "utf_32_le",
        "iso2022_jp",
        "iso2022_jp_1",
        "iso2022_jp_2",
        "iso2022_jp_2004",
        "iso2022_jp_3",
        "iso2022_jp_ext",
        "iso2022_kr",
        "cp037",
        "cp1026",
        "cp1140",
        "cp273",
        "cp424",
        "cp500",
        "cp875",
    ]
)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]+")
_BLANKED = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
# enough for a guess; more only costs
_SAMPLE = 4096


def _table() -> dict[str, str]:
    table = {_SQUEEZE.sub("", a): c for a, c in aliases.items() if c not in _NO_CHARSET}
    table |= {_SQUEEZE.sub("", c): c for c in table.values()} | _EXTRA
    return {alias: _LOOKALIKES.get(codec, codec) for alias, codec in table.items()}


# a closed table: asking `codecs` for any name that a stranger writes imports modules and fills caches
_CODECS = _table()


def codec_of(label: str) -> str:
    """The Python codec that a charset label of a message means; "" if it names none (us-ascii counts as none)."""
    codec = _CODECS.get(label)
    if codec is not None:
        return codec
    name = label[:200].lower().rpartition("charset=")[2].strip(" \t\"'<>")
    name = re.split(r"[\s;,(\"'*]", name, maxsplit=1)[0]
    key = _SQUEEZE.sub("", name)
    return _CODECS.get(key) or _CODECS.get(key.removeprefix("x"), "")


def decode(data: bytes, label: str = "") -> str:
    """Text of ``data``, storable, with LF line ends; never raises, whatever ``label`` says.

    The label is believed where the bytes allow it; then UTF-8, then what the bytes look like.
    """
    codec = codec_of(label)
    if codec in _NOT_ASCII or b"\x1b" in data:
        text = _decode_strange(data, codec)
        return storable(text.replace("\r\n", "\n"))
    data = data.translate(None, _CONTROLS)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.isascii():
        return data.decode("ascii")
    text = _decode_labelled(data, codec)
    if b"\xef\xbf" in data or codec not in ("utf_8", "cp1252"):
        text = storable(text)
    return text.removeprefix("\ufeff")


def storable(text: str) -> str:
    """The text without what PostgreSQL and XML refuse: NUL, other control characters, lone surrogates."""
    return _UNSTORABLE.sub("", text)


def one_line(text: str) -> str:
    """The text as a header value: no control character, and each run of blanks and line ends one blank.

    An encoded word may hold a line end; kept, it would add a header of the stranger's choice to a reply.
    """
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _BLANKED.sub(" ", text.replace("\x00", "")).strip()


def _decode_strange(data: bytes, codec: str) -> str:
    if codec not in _NOT_ASCII:
        if b"\x1b$" in data or b"\x1b(" in data:
            # RFC 1468: escape sequences, whatever the label says
            codec = "iso2022_jp_ext"
        else:
            return _decode_labelled(data, codec)
    try:
        return data.decode(codec)
    except UnicodeError:
        pass
    if codec == "iso2022_jp_ext" and b"\x1b$B" in data:
        # vendors' characters (ISO-2022-JP-MS) lie in row 13, as in JIS X 0213
        try:
            return data.replace(b"\x1b$B", b"\x1b$Q").decode("iso2022_jp_2004")
        except UnicodeError:
            pass
    text = data.decode(codec, "replace")
    if text.count("\ufffd") * 8 > len(text):
        return guess(data)
    return text


def _decode_labelled(data: bytes, codec: str) -> str:
    if not codec:
        return guess(data)
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        pass
    if codec == "cp1252":
        return data.decode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = data.decode(codec, "replace")
    wrong = text.count("\ufffd")
    right = sum(not c.isascii() for c in text) - wrong
    # a slip of the pen in a text that is rightly labelled, or another charset altogether
    return text if right >= wrong else guess(data)


def guess(data: bytes) -> str:
    """Text of bytes whose charset nobody tells: UTF-8 if they can be, else what a detector finds, else Windows-1252."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    if wrong * 8 < sum(not c.isascii() for c in text[:_SAMPLE]):
        return text
    found = chardet.detect(_sample(data))
    codec = codec_of(found["encoding"] or "")
    if codec and (found["confidence"] or 0) > 0.5:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _sample(data: bytes) -> bytes:
    """The stretch that tells most: from the first byte above 127."""
    first = _EIGHT_BIT.search(data)
    start = max(first.start() - 64, 0) if first else 0
    return data[start : start + _SAMPLE]
