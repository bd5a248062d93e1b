# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``python -m mailsync.mime FOLDER``: what is read of every message in a folder, one JSON line each."""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from ..letter import File, Letter
from . import read_letter


def describe(name: str, letter: Letter, seconds: float) -> dict[str, Any]:
    """A letter as plain values; ``sha`` as independent readers compare it: each line end LF, outer blanks off."""
    head = letter.head
    roles = {role: [[a.name, a.address] for a in head.by_role(role)] for role in ("from", "to", "cc")}
    return {
        "file": name,
        "subject": head.subject,
        **roles,
        "date": head.date,
        "message_id": head.message_id,
        "in_reply_to": " ".join(f"<{i}>" for i in head.in_reply_to),
        "references": " ".join(f"<{i}>" for i in head.references),
        "text": letter.text,
        "html": letter.html,
        "attachments": [_describe_file(file) for file in letter.files],
        "calendar_method": letter.calendar_method,
        "defects": letter.defects,
        "seconds": round(seconds, 6),
    }


def _describe_file(file: File) -> dict[str, Any]:
    content = file.content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip()
    nested = file.content_type == "message/rfc822"
    return {
        "name": file.name,
        "ctype": file.content_type,
        "size": len(file.content),
        "sha": None if nested else hashlib.sha256(content).hexdigest()[:24],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mailsync.mime", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with messages as *.eml")
    for path in sorted(parser.parse_args().folder.glob("*.eml")):
        raw = path.read_bytes()
        start = time.perf_counter()
        letter = read_letter(raw)
        print(json.dumps(describe(path.name, letter, time.perf_counter() - start)))


if __name__ == "__main__":
    main()
