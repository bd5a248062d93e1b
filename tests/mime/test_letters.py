# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters to be read by people (``letters/*.eml``) and what is read of them (``*.json`` beside them)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailsync.letter import Letter
from mailsync.mime import read_head, read_letter

from .checks import assert_sound

LETTERS = sorted((Path(__file__).parent / "letters").glob("*.eml"))


def _plain(letter: Letter) -> dict[str, Any]:
    head = letter.head
    found = {
        "message_id": head.message_id,
        "subject": head.subject,
        "date": head.date,
        "addresses": [f"{a.role}: {a.name} <{a.address}>" for a in head.addresses],
        "thread": list(head.thread_ids),
        "auto_submitted": head.auto_submitted,
        "bulk": head.bulk,
        "odoo_objects": head.odoo_objects,
        "text": letter.text,
        "html": letter.html,
        "files": [
            {
                "name": file.name,
                "content_type": file.content_type,
                "content": file.content.replace(b"\r\n", b"\n").decode("latin-1"),
                "content_id": file.content_id,
                "inline": file.inline,
            }
            for file in letter.files
        ],
        "calendar_method": letter.calendar_method,
        "defects": list(letter.defects),
    }
    return {key: value for key, value in found.items() if value or key == "date"}


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_is_read_as_expected(path: Path, line_end: bytes) -> None:
    letter = read_letter(path.read_bytes().replace(b"\n", line_end))
    assert_sound(letter)
    assert _plain(letter) == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
def test_the_head_alone_says_the_same(path: Path) -> None:
    raw = path.read_bytes()
    assert read_head(raw.partition(b"\n\n")[0] + b"\n") == read_letter(raw).head
