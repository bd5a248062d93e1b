# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Are two messages the same letter?

A Message-ID alone does not tell: a quarter of real mail has none, and as much shares one with another message.
Bytes do not tell either: the copies of a letter in a Sent folder, an inbox and a mailing list differ in their header,
and Exchange rebuilds MIME. So a letter is known by

- ``header_key``: what its header says of it, to be had from a listing, without its body;
- ``fingerprint``: what it shows and which files it has, however it is encoded;
- ``same_content``: for equal keys with unequal fingerprints, whether a list or a gateway only added its own lines.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from .letter import File, Head, Letter
from .mime import read_head
from .mime.visible import visible_text

_NOT_LETTERS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+")
# everything of ASCII but letters and digits, and capitals made small
_ASCII_OTHERS = bytes(c for c in range(128) if not chr(c).isalnum())
_ASCII_LOWER = bytes(range(256)).lower()

# same_content: characters compared, length of a shingle, share of shingles that has to be found again
_COMPARED = 50_000
_SHINGLE = 8
_CONTAINED = 0.95
# letters and digits that a footer or disclaimer may have
_LONGEST_ADDITION = 4_000
# below this a text is too short for shingles to mean anything
_SHORT = 40


def thread_key(message_id: str) -> int:
    """A Message-ID as a signed number of 64 bits, to look for ancestors by: two that share one cost a look in vain."""
    return int.from_bytes(hashlib.sha256(message_id.encode("utf-8", "replace")).digest()[:8], "big", signed=True)


def header_key(head: Head) -> str:
    """64 hex digits, equal for the copies of one message in IMAP, Gmail and Exchange; never empty.

    Over Message-ID, sender, date and subject without blanks (folds and encoded words are rebuilt at will);
    for want of a Message-ID over the recipients too.
    """
    senders = [a.normalized for a in head.by_role("from")]
    parts = [
        head.message_id,
        senders[0] if senders else "",
        "" if head.date is None else str(int(head.date)),
        _squeeze(head.subject),
    ]
    if not head.message_id:
        parts += sorted({f"{a.role}:{a.normalized}" for a in head.by_role("to", "cc")})
    return _digest(parts)


def replacement_message_id(head: Head, fingerprint: str) -> str:
    """A Message-ID, without brackets, for a letter that has none: the same one on every scan and in every mailbox."""
    return f"{_digest([header_key(head), fingerprint])[:40]}@missing-message-id.invalid"


def fingerprint(letter: Letter) -> str:
    """64 hex digits over the letters and digits that a reader sees, and the files' contents in any order.

    Blanks, punctuation, markup, the HTML's head, transfer encodings and the order of parts do not count.
    """
    text = visible_text(letter.html) if letter.html else letter.text
    return _digest([letters_of(text).hex(), *sorted(_file_digest(file) for file in letter.files)])


def letters_of(text: str) -> bytes:
    """The letters and digits of a text as UTF-8, those of ASCII in lower case."""
    if text.isascii():
        return text.encode().translate(_ASCII_LOWER, _ASCII_OTHERS)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    data = text.encode("utf-8", "replace").translate(_ASCII_LOWER, _ASCII_OTHERS)
    letters = data.decode()
    return data if letters.isalnum() else _NOT_LETTERS.sub("", letters).encode()


def same_content(a_text: str, b_text: str) -> bool:
    """Does one text hold the other and little else: a list's footer, a gateway's banner or disclaimer?

    Linear in time; of each text the first 50,000 characters are compared.
    """
    texts = sorted((a_text[:_COMPARED], b_text[:_COMPARED]), key=len)
    shorter, longer = (letters_of(text).decode() for text in texts)
    if len(shorter) > len(longer):
        shorter, longer, texts = longer, shorter, texts[::-1]
    if shorter == longer:
        return True
    if not shorter or len(longer) - len(shorter) > max(_LONGEST_ADDITION, len(shorter)):
        return False
    if len(shorter) < _SHORT:
        return _opens(texts[0], texts[1])
    found = _shingles(shorter)
    return len(found & _shingles(longer)) >= _CONTAINED * len(found)


def _opens(shorter: str, longer: str) -> bool:
    """Are the words of ``shorter`` those of the first lines, or the last lines, of ``longer``?"""
    words = _WORD.findall(shorter.lower())
    lines = [_WORD.findall(line) for line in longer.lower().splitlines()]
    return _starts(words, lines) or _starts(words[::-1], [line[::-1] for line in reversed(lines)])


def _starts(words: list[str], lines: list[list[str]]) -> bool:
    seen: list[str] = []
    for line in lines:
        if len(seen) >= len(words):
            break
        seen += line
    return seen == words


def _shingles(text: str) -> set[str]:
    return {text[i : i + _SHINGLE] for i in range(len(text) - _SHINGLE + 1)}


def _squeeze(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _file_digest(file: File) -> str:
    if file.content_type == "message/rfc822":
        # rebuilt like the letter itself
        return header_key(read_head(file.content))
    content = file.content
    if file.content_type.startswith("text/") and b"\r\n" in content:
        content = content.replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def _digest(parts: list[str]) -> str:
    # lengths keep ["ab", "c"] apart from ["a", "bc"]
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()
