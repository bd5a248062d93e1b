# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which parts of a message are its body, and which are its files."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from ..letter import File
from . import params
from .charset import decode, one_line
from .fields import first
from .flowed import unflow
from .names import file_name
from .structure import Part
from .transfer import decode_body
from .visible import shows_text
from .words import raw_text

_BODY_TYPES = frozenset({"text/plain", "text/html"})
# RFC 2046 §4.1.4: to be read as plain text by those who know no better
_READABLE_TYPES = _BODY_TYPES | {"text/enriched", "text/richtext", "text/markdown"}
_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
# RFC 6838 §4.2
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}\Z", re.ASCII)
_METHOD = re.compile(rb"^METHOD[^:\r\n]{0,40}:[ \t]*([A-Za-z-]{1,40})", re.MULTILINE | re.IGNORECASE)
_CID = re.compile(r"cid:([^\"'\s<>)]{1,400})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s{0,9}=[\s\"']{0,9}([\w.:-]{2,40})", re.IGNORECASE)


@dataclass(slots=True)
class _Piece:
    """A stretch of the body: plain, HTML, or the same thing in both."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Content:
    """A message's body in the order it is read, and its files."""

    pieces: list[_Piece] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    calendar_method: str = ""
    # a text that is a file by its name, but shown if there is no other body
    spare: Part | None = None

    def add(self, other: Content) -> None:
        self.pieces += other.pieces
        self.take_files(other)

    def take_files(self, other: Content) -> None:
        self.files += other.files
        self.calendar_method = self.calendar_method or other.calendar_method
        self.spare = self.spare or other.spare

    def text(self) -> str:
        """The body as plain text; "" if a stretch of it is there as HTML only."""
        if any(piece.text is None for piece in self.pieces):
            return ""
        return "\n".join(piece.text or "" for piece in self.pieces)

    def html(self) -> str:
        """The body as HTML; "" if no stretch of it is HTML. Plain stretches become HTML between the others."""
        if all(piece.html is None for piece in self.pieces):
            return ""
        return "\n".join(_as_html(piece.text or "") if piece.html is None else piece.html for piece in self.pieces)


class BodyReader:
    """Reads the parts of one message."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def letter_content(self, root: Part) -> Content:
        """Body and files of the whole message."""
        content = self.content(root)
        self._show_spare(content)
        return content

    def _show_spare(self, content: Content) -> None:
        if content.spare and not content.pieces:
            content.pieces = [self._text(content.spare)]

    def content(self, part: Part) -> Content:
        """Body and files of a part and all below it."""
        if part.children:
            if part.content_type == "multipart/alternative":
                return self._alternative(part)
            if part.content_type == "multipart/related":
                return self._related(part)
            return self._mixed(part)
        return self._leaf(part)

    def _mixed(self, part: Part) -> Content:
        content = Content()
        for child in part.children:
            content.add(self.content(child))
        return content

    def _alternative(self, part: Part) -> Content:
        """RFC 2046 §5.1.4: the same thing several times, of which a plain and an HTML form are kept.

        Several of one kind are no alternatives, whatever their multipart is called: none of them is dropped.
        """
        content = Content()
        texts: dict[str, None] = {}
        sources: dict[str, None] = {}
        for child in part.children:
            of_child = self.content(child)
            content.take_files(of_child)
            self._show_spare(of_child)
            plain, rich = of_child.text(), of_child.html()
            if rich.strip():
                sources[rich] = None
            if plain.strip() and not (rich and texts):
                texts[plain] = None
        text, source = "\n".join(texts), "\n".join(sources)
        if source and text and not shows_text(source):
            # Apple Mail: [text, related [HTML without a word, image]]
            source = ""
        if text or source:
            content.pieces.append(_Piece(text or None, source or None))
        return content

    def _related(self, part: Part) -> Content:
        """RFC 2387: one root; the others are its files, inline if the root names them."""
        start = params.token_of(part.params, "start").strip("<>")
        root = next((c for c in part.children if start and _content_id(c) == start), part.children[0])
        content = self.content(root)
        for child in part.children:
            if child is root:
                continue
            if child.children or not (_content_id(child) or "content-location" in child.fields):
                content.add(self.content(child))
            else:
                content.files.append(self._file(child))
        return content

    def _leaf(self, part: Part) -> Content:
        content_type = part.content_type
        if part.main_type == "multipart" and not part.opaque:
            # without a boundary, or without a line of it
            content_type = "text/plain"
        attached, named = _disposition(part)
        if content_type in _BODY_TYPES and not attached and not named:
            return Content([self._text(part)])
        content = Content(files=[self._file(part)])
        if content_type in _READABLE_TYPES and not attached:
            content.spare = part
        if content_type in _CALENDAR_TYPES:
            content.calendar_method = self._method(part, content.files[0].content)
        return content

    def _bytes(self, part: Part) -> bytes:
        encoding = first(part.fields, "content-transfer-encoding")
        return decode_body(self._raw, part.start, part.end, encoding)

    def _text(self, part: Part) -> _Piece:
        data = self._bytes(part)
        charset = params.token_of(part.params, "charset")
        if part.content_type == "text/html":
            if not charset and not data.isascii():
                meta = _META_CHARSET.search(data, 0, 4096)
                charset = meta[1].decode("ascii", "replace") if meta else ""
            return _Piece(html=decode(data, charset))
        text = decode(data, charset)
        if params.token_of(part.params, "format").lower() == "flowed":
            text = unflow(text, params.token_of(part.params, "delsp").lower() == "yes")
        return _Piece(text=text)

    def _file(self, part: Part) -> File:
        content = self._bytes(part)
        return File(
            name=file_name(part, content),
            content_type=part.content_type if _TYPE.match(part.content_type) else "application/octet-stream",
            content=content,
            content_id=_content_id(part),
        )

    def _method(self, part: Part, content: bytes) -> str:
        method = params.token_of(part.params, "method")
        if not method:
            found = _METHOD.search(content, 0, 65_536)
            method = found[1].decode("ascii") if found else ""
        return one_line(raw_text(method)).upper()[:40]


def mark_inline(files: list[File], source: str) -> tuple[File, ...]:
    """The files, those marked that the HTML shows by their Content-ID (RFC 2392)."""
    if not source or not any(file.content_id for file in files):
        return tuple(files)
    shown = {unquote(found) for found in _CID.findall(source)}
    return tuple(
        File(f.name, f.content_type, f.content, f.content_id, inline=True) if f.content_id in shown else f
        for f in files
    )


def _disposition(part: Part) -> tuple[bool, bool]:
    """(is it declared an attachment, does it have a file's name): RFC 2183."""
    value = first(part.fields, "content-disposition")
    disposition, disposition_params = params.parse(value) if value else ("", {})
    return disposition == "attachment", "filename" in disposition_params or "name" in part.params


def _content_id(part: Part) -> str:
    return one_line(raw_text(first(part.fields, "content-id"))).strip("<> ")


def _as_html(text: str) -> str:
    return "<div>" + html.escape(text, quote=False).replace("\n", "<br>\n") + "</div>"
