# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message made anew from what the archive has of it: the raw one is not kept.

Bodies and files are encoded in base64, so that neither a mail program nor an mbox file changes a byte of them.
"""

from __future__ import annotations

import io
import re
import time
from datetime import datetime, timezone
from email import encoders
from email.charset import BASE64, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from .letter import ROLES, Address, File, Head, Letter

# By this a reader, and whoever compares it with a signature, knows that it is not the message that was sent.
MARK = "X-Archive"
MARKED = "rebuilt"

_NAMES = {role: "-".join(word.capitalize() for word in role.split("_")) for role in ROLES}
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_QUOTED = re.compile(r'[\\"]')
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = BASE64


def rebuild(letter: Letter) -> Message:
    """The message. What the letter lacks is left out."""
    message = _body(letter)
    del message["MIME-Version"]
    for name, value in _headers(letter.head):
        message[name] = value
    message["MIME-Version"] = "1.0"
    return message


def eml(message: Message) -> bytes:
    """The bytes of a file that holds this message alone."""
    return message.as_bytes(policy=compat32.clone(linesep="\r\n"))


def mbox_entry(message: Message, sender: str, seconds: float) -> bytes:
    """The message as an entry of an mbox file (RFC 4155), as the standard library's ``mailbox`` writes and reads it."""
    address = "".join(sender.split()) if sender.isascii() else ""
    message.set_unixfrom(f"From {address or 'MAILER-DAEMON'} {time.asctime(time.gmtime(seconds))}")
    buffer = io.BytesIO()
    BytesGenerator(buffer, mangle_from_=True).flatten(message, unixfrom=True)
    return buffer.getvalue().rstrip(b"\n") + b"\n\n"


def _headers(head: Head) -> list[tuple[str, str]]:
    people = [(_NAMES[role], [_person(a) for a in head.by_role(role)]) for role in ROLES]
    found = [(name, ", ".join(line)) for name, line in people if line]
    if head.date is not None:
        found.append(("Date", format_datetime(datetime.fromtimestamp(head.date, tz=timezone.utc))))
    found.append(("Subject", _words(head.subject)))
    if head.message_id:
        found.append(("Message-ID", _raw(f"<{_line(head.message_id)}>")))
    found.append((MARK, MARKED))
    return found


def _person(address: Address) -> str:
    name, bare = _line(address.name), _raw(_line(address.address))
    if not name:
        return bare
    if name.isascii() and "=?" not in name:
        return '"{}" <{}>'.format(_QUOTED.sub(r"\\\g<0>", name), bare)
    return f"{_words(name)} <{bare}>"


def _words(text: str) -> str:
    """Text as a header has it: encoded words (RFC 2047) where it goes beyond ASCII, or looks like one."""
    text = _line(text)
    return text if text.isascii() and "=?" not in text else Header(text, "utf-8").encode()


def _raw(text: str) -> str:
    """What no encoded word may stand for, addresses and ids: UTF-8 as it is (RFC 6532)."""
    return text.encode().decode("ascii", "surrogateescape")


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _body(letter: Letter) -> Message:
    """text, html and its pictures, files: each level only if it is needed."""
    shown = [file for file in letter.files if file.content_id and f"cid:{file.content_id}" in letter.html]
    others = [file for file in letter.files if file not in shown]
    parts: list[Message] = []
    if letter.text or not letter.html:
        parts.append(_text(letter.text, "plain"))
    if letter.html:
        parts.append(_together("related", [_text(letter.html, "html"), *map(_file, shown)]))
    return _together("mixed", [_together("alternative", parts), *map(_file, others)])


def _together(kind: str, parts: list[Message]) -> Message:
    if len(parts) == 1:
        return parts[0]
    container = MIMEMultipart(kind)
    for part in parts:
        del part["MIME-Version"]
        container.attach(part)
    return container


def _text(text: str, kind: str) -> Message:
    part = MIMEText("", kind)
    del part["Content-Transfer-Encoding"]
    part.set_payload(text.encode("utf-8", "replace").decode().replace("\n", "\r\n"), _UTF8)
    return part


def _file(file: File) -> Message:
    # A message or a multipart may not be encoded, and would be taken apart by whoever reads this one.
    kept = _TYPE.fullmatch(file.content_type) and not file.content_type.startswith(("message/", "multipart/"))
    part = MIMEBase(*(file.content_type if kept else "application/octet-stream").split("/"))
    part.set_payload(file.content)
    encoders.encode_base64(part)
    name = _line(file.name)
    filename = name if name.isascii() else ("utf-8", "", name)
    part.add_header("Content-Disposition", "inline" if file.inline else "attachment", filename=filename)
    if file.content_id:
        part["Content-ID"] = f"<{_line(file.content_id)}>"
    return part
