# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bytes of a message from its parts, in the charset that its mail program would have chosen.

The standard library's older MIME classes are used on purpose: they write any charset into headers and bodies, where
``EmailMessage`` always writes UTF-8.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable, Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, quote

from .files import File
from .world import Person

# Charsets that mail programs send as base64, since quoted-printable would be three times the text.
_DENSE = frozenset({"koi8-r", "gb18030", "shift_jis", "windows-1256"})
_WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=0)
_TYPEWRITER = str.maketrans({"’": "'", "–": "-", "„": '"', "“": '"', "«": '"', "»": '"', "…": "..."})
_CONTROLS = {"iso-2022-jp": "7bit"}


def fitting_charset(wanted: str, *texts: str) -> str:
    """``wanted`` if it can write all of these texts, else UTF-8: what mail programs do."""
    try:
        for text in texts:
            text.encode(wanted)
    except UnicodeEncodeError:
        return "utf-8"
    return wanted


def typed(charset: str, text: str) -> str:
    """The text as it is typed where a charset has no typographic signs."""
    return text.translate(_TYPEWRITER) if charset.startswith(("iso-8859", "koi8")) else text


def text_part(text: str, subtype: str, charset: str, method: str = "") -> Message:
    """A text part, encoded for the wire as suits its charset."""
    content = text.encode(charset)
    part = MIMENonMultipart("text", subtype, charset=charset)
    if method:
        part.set_param("method", method)
    if charset in _CONTROLS:
        part["Content-Transfer-Encoding"] = _CONTROLS[charset]
        part.set_payload(content.decode("ascii"))
    elif charset in _DENSE or len(content) > 2 * len(text):
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(base64.encodebytes(content).decode())
    else:
        part["Content-Transfer-Encoding"] = "quoted-printable"
        part.set_payload(quopri.encodestring(content).decode())
    return part


def file_part(file: File) -> Message:
    """A file, attached or, with a Content-ID, inline; a name beyond ASCII as RFC 2231 has it."""
    main, _slash, sub = file.content_type.partition("/")
    part = MIMENonMultipart(main, sub)
    part["Content-Transfer-Encoding"] = "base64"
    if file.content_id:
        part["Content-ID"] = f"<{file.content_id}>"
    name: str | tuple[str, str, str] = file.name if file.name.isascii() else ("utf-8", "", file.name)
    part.add_header("Content-Disposition", "inline" if file.content_id else "attachment", filename=name)
    part.set_payload(base64.encodebytes(file.content).decode())
    return part


def attached_message(name: str, content: bytes) -> Message:
    """A whole message as a part of another (RFC 2046 §5.2.1)."""
    part = MIMENonMultipart("message", "rfc822")
    part.add_header("Content-Disposition", "attachment", filename=name)
    part.set_payload([message_from_bytes(content, policy=_WIRE)])
    return part


def multipart(subtype: str, boundary: str, parts: Iterable[Message]) -> Message:
    """Parts under one roof; the boundary is given, so that the bytes are the same each time."""
    whole: Message = MIMEMultipart(subtype, boundary=boundary)
    for part in parts:
        del part["MIME-Version"]
        whole.attach(part)
    return whole


def body(
    text: str,
    html: str,
    charset: str,
    boundary: str,
    files: Sequence[File] = (),
    calendar: bytes = b"",
    method: str = "",
) -> Message:
    """The usual tree, as far as needed: mixed(related(alternative(plain, html, calendar), inline), attached)."""
    variants = [text_part(text, "plain", charset)]
    if html:
        variants.append(text_part(html, "html", charset))
    if calendar:
        variants.append(text_part(calendar.decode(), "calendar", "utf-8", method=method))
    part = variants[0] if len(variants) == 1 else multipart("alternative", f"{boundary}_003_", variants)
    inline = [file_part(file) for file in files if file.content_id]
    if inline:
        part = multipart("related", f"{boundary}_002_", [part, *inline])
        part.set_param("type", "multipart/alternative")
    attached = [file_part(file) for file in files if not file.content_id]
    if attached:
        part = multipart("mixed", f"{boundary}_001_", [part, *attached])
    return part


def encoded(text: str, charset: str = "utf-8") -> str:
    """A header's text as RFC 2047 has it, as it is if it is ASCII."""
    if text.isascii():
        return text
    return Header(text, fitting_charset(charset, text)).encode(linesep="\n")


def mailbox(person: Person, charset: str = "utf-8") -> str:
    """Name and address of RFC 5322 §3.4."""
    name = encoded(person.name, charset)
    if name == person.name and any(sign in name for sign in '.,"()<>@:;[]'):
        name = f'"{quote(name)}"'
    return f"{name} <{person.address}>"


def mailboxes(persons: Iterable[Person], charset: str = "utf-8") -> str:
    return ",\n ".join(mailbox(person, charset) for person in persons)


def wire(message: Message, headers: Sequence[tuple[str, str]], date: datetime | None) -> bytes:
    """The message with these headers before its own, with the line ends of RFC 5322."""
    own = message.items()
    for name, _value in own:
        del message[name]
    if date:
        message["Date"] = format_datetime(date)
    for name, value in headers:
        if value:
            message[name] = value
    message["MIME-Version"] = "1.0"
    for name, value in own:
        if name != "MIME-Version":
            message[name] = value
    return message.as_bytes(policy=_WIRE)
