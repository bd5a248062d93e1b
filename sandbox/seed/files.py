# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files that are attached to letters: small, genuine, and the same bytes for the same arguments."""

from __future__ import annotations

import csv
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class File:
    """A file of a letter; with ``content_id`` it is shown in the letter's text."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""


def pdf(name: str, lines: Sequence[str]) -> File:
    """A page of A4 with these lines (ISO 32000-1 §7.5: header, objects, cross-reference table, trailer)."""
    shown = "\n".join(f"({_pdf_text(line)}) Tj T*" for line in lines)
    stream = f"BT /F1 11 Tf 60 780 Td 16 TL\n{shown}\nET".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return File(name, "application/pdf", bytes(out))


def _pdf_text(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def png(width: int, height: int, rows: Sequence[bytes]) -> bytes:
    """An RGB picture from its rows (PNG specification §5)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def photo(name: str, rng: random.Random, width: int = 160, height: int = 120) -> File:
    """Something like a picture from a telephone: light from above, grain all over."""
    colour = [rng.randrange(60, 180) for _ in range(3)]
    mask = int.from_bytes(b"\x0f" * 3 * width, "big")
    rows = []
    for y in range(height):
        light = 1.25 - y / height / 2
        # Each byte of the base is at most 240, so that adding the grain never carries into the next one.
        base = int.from_bytes(bytes(min(240, int(c * light)) for c in colour) * width, "big")
        grain = int.from_bytes(rng.randbytes(3 * width), "big") & mask
        rows.append((base + grain).to_bytes(3 * width, "big"))
    return File(name, "image/png", png(width, height, rows))


def floor_plan(name: str, rng: random.Random) -> File:
    """Walls, doors and rows of desks, black on white."""
    width, height = 320, 200
    pixels = [bytearray(b"\xff" * 3 * width) for _ in range(height)]

    def box(left: int, top: int, right: int, bottom: int, colour: bytes) -> None:
        for x in range(left, right):
            for y in (top, bottom - 1):
                pixels[y][3 * x : 3 * x + 3] = colour
        for y in range(top, bottom):
            for x in (left, right - 1):
                pixels[y][3 * x : 3 * x + 3] = colour

    box(4, 4, width - 4, height - 4, b"\0\0\0")
    middle = rng.randrange(120, 200)
    box(middle, 4, width - 4, 70, b"\0\0\0")
    for row in range(3):
        for column in range(5):
            left, top = 16 + 22 * column, 20 + 55 * row
            box(left, top, left + 18, top + 12, b"\x33\x66\x99")
            box(left, top + 14, left + 18, top + 26, b"\x33\x66\x99")
    return File(name, "image/png", png(width, height, [bytes(row) for row in pixels]))


def logo(content_id: str) -> File:
    """Our company's sign: a square desk seen from above."""
    blue, white = b"\x1f\x4e\x79", b"\xff\xff\xff"
    rows = [b"".join(white if 6 <= x < 90 and 8 <= y < 14 else blue for x in range(96)) for y in range(32)]
    return File("image001.png", "image/png", png(96, 32, rows), content_id)


def price_list(name: str, goods: Sequence[tuple[str, str, int]]) -> File:
    """The goods with their prices for one, ten and fifty, as a spreadsheet program's CSV with byte order mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Item", "Description", "1+", "10+", "50+"])
    for number, (one, _many, price) in enumerate(goods, 7001):
        writer.writerow([number, one, f"{price:.2f}", f"{price * 0.95:.2f}", f"{price * 0.88:.2f}"])
    return File(name, "text/csv", out.getvalue().encode("utf-8-sig"))


_DOCX_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>'
    ),
}


def docx(name: str, paragraphs: Sequence[str]) -> File:
    """A text of these paragraphs as a word processor's file (ECMA-376)."""
    text = "".join(f"<w:p><w:r><w:t>{escape(paragraph)}</w:t></w:r></w:p>" for paragraph in paragraphs)
    body = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{text}</w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, xml in {**_DOCX_PARTS, "word/document.xml": body}.items():
            entry = zipfile.ZipInfo(part, (2026, 1, 1, 0, 0, 0))
            archive.writestr(entry, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{xml}')
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return File(name, kind, out.getvalue())


def invitation(method: str, uid: str, summary: str, organizer: str, attendee: str, start: datetime) -> bytes:
    """An appointment of an hour as an iTIP object (RFC 5546), ``method`` REQUEST or REPLY; ``start`` aware."""
    begin = start.astimezone(timezone.utc)
    state = "ACCEPTED" if method == "REPLY" else "NEEDS-ACTION"
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//YourCompany//Showroom//EN",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{begin - timedelta(days=3):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{begin:%Y%m%dT%H%M%SZ}",
        f"DTEND:{begin + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{summary}",
        f"ORGANIZER:mailto:{organizer}",
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT={state};RSVP=TRUE:mailto:{attendee}",
        "LOCATION:Showroom\\, 8000 Marina Blvd",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()
