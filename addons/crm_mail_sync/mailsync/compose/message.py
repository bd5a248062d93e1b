# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message's bytes from its parts (RFC 5322, 2045, 2231)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any

import idna

from ..letter import Address, File
from .plain import as_text

# Longer lines some servers cut (RFC 5322 §2.1.1).
_LINE = 78
# RFC 2047 §2.
_ENCODED_WORD = 75
# A word of a subject that no line would hold is split into encoded words instead.
_LONGEST_WORD = 400
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_QUOTED = re.compile(r'[\\"]')
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+\Z", re.ASCII)
_REMOTE = re.compile(r' data-cms-(src|background)="')


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter before it is sent; a draft may lack anything but its sender.

    ``html``: sanitised; pictures of its own as ``cid:``. ``files``: those whose Content-ID it names go with it.
    Message-IDs without brackets. ``date`` with its time zone.
    """

    sender: Address
    message_id: str
    date: datetime
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    html: str = field(default="", repr=False)
    files: tuple[File, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def new_message_id(address: str) -> str:
    """A Message-ID, without brackets, in the domain of this address; it says nothing of when and where."""
    return f"{secrets.token_hex(16)}@{_ascii_domain(address.rpartition('@')[2]) or 'localhost'}"


def build(letter: Outgoing) -> bytes:
    """The message, with lines that end in CRLF; Bcc is in it, for whoever sends it to act on."""
    message = EmailMessage(_POLICY)
    for name, value in _headers(letter):
        message[name] = value
    source = _REMOTE.sub(r' \1="', letter.html)
    inside = [file for file in letter.files if file.content_id and f"cid:{file.content_id}" in source]
    message.set_content(as_text(letter.html) + "\n")
    message.add_alternative(_document(source), subtype="html")
    shown = message.get_body(("html",))
    assert shown is not None
    for file in inside:
        shown.add_related(
            file.content, *_type_of(file), **_named(file), disposition="inline", cid=f"<{file.content_id}>"
        )
    for file in letter.files:
        if file not in inside:
            message.add_attachment(file.content, *_type_of(file), **_named(file))
    return message.as_bytes()


def _document(source: str) -> str:
    return (
        '<!DOCTYPE html>\n<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>\n'
        f"<body>{source}</body></html>\n"
    )


class _Ready:
    """A header whose value is encoded already; folded between its words, and nowhere else.

    The policy's own folding writes encoded words into long ids and drops quotes from names.
    """

    name: str
    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"] = kwds["decoded"] = value

    def fold(self, *, policy: EmailPolicy) -> str:
        lines: list[str] = []
        line = f"{self.name}:"
        for word in str(self).split(" "):
            if len(line) + 1 + len(word) > _LINE and word and not line.endswith(":"):
                lines.append(line)
                line = ""
            line += f" {word}"
        return policy.linesep.join([*lines, line]) + policy.linesep


class _Registry(HeaderRegistry):
    """The standard's classes for what the parts of a message need, ours for all that is set here."""

    def __getitem__(self, name: str) -> type[BaseHeader]:
        ours = name.lower() in _OURS
        return type("_ReadyHeader", (_Ready, self.base_class), {}) if ours else super().__getitem__(name)


_OURS = frozenset({"from", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references"})
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_Registry(), max_line_length=_LINE)


def _headers(letter: Outgoing) -> Iterable[tuple[str, str]]:
    """In the order in which mail programs write them; what is empty is left out."""
    values = (
        ("Date", format_datetime(letter.date)),
        ("From", _people([letter.sender])),
        ("To", _people(letter.to)),
        ("Cc", _people(letter.cc)),
        ("Bcc", _people(letter.bcc)),
        ("Subject", _subject(letter.subject)),
        ("Message-ID", _ids([letter.message_id])),
        ("In-Reply-To", _ids([letter.in_reply_to] if letter.in_reply_to else [])),
        ("References", _ids(letter.references)),
    )
    return ((name, value) for name, value in values if value)


def _ids(ids: Sequence[str]) -> str:
    return " ".join(f"<{_raw(''.join(_clean(one).split()))}>" for one in ids)


def _people(people: Sequence[Address]) -> str:
    return ", ".join(map(_person, people))


def _person(person: Address) -> str:
    local, _at, domain = _clean(person.address).strip().rpartition("@")
    address = _raw(f"{local}@{_ascii_domain(domain) or domain}" if local else domain)
    name = " ".join(_clean(person.name).split())
    if not name or name.lower() == person.normalized:
        return address
    if name.isascii() and "=?" not in name:
        return '"{}" <{}>'.format(_QUOTED.sub(r"\\\g<0>", name), address)
    return f"{_encoded(name)} <{address}>"


def _subject(subject: str) -> str:
    text = _clean(subject).strip()
    plain = text.isascii() and "=?" not in text and all(len(word) <= _LONGEST_WORD for word in text.split(" "))
    return text if plain else _encoded(text)


def _encoded(text: str) -> str:
    """Encoded words (RFC 2047), parted by blanks."""
    return Header(text, "utf-8", maxlinelen=_ENCODED_WORD).encode(linesep="").replace("\t", " ")


def _raw(text: str) -> str:
    """What no encoded word may stand for, addresses and ids: UTF-8 as it is (RFC 6532)."""
    return text.encode("utf-8", "replace").decode("ascii", "surrogateescape")


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()


def _ascii_domain(domain: str) -> str:
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""


def _type_of(file: File) -> tuple[str, str]:
    # A message or a multipart may not be encoded, and would be taken apart by whoever reads this one.
    kept = _TYPE.match(file.content_type) and not file.content_type.startswith(("message/", "multipart/"))
    main, _slash, sub = (file.content_type if kept else "application/octet-stream").partition("/")
    return main, sub


def _named(file: File) -> dict[str, Any]:
    return {"filename": " ".join(_clean(file.name).split()) or "file"}
