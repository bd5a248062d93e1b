# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Steps that are done once: a stamp is written last, so that an interrupted step is simply done again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .paths import STAMPS


def is_done(name: str, fact: str) -> bool:
    """Was the step done for the same fact (a version, a hash)?"""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == fact


def mark_done(name: str, fact: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    part = STAMPS / f"{name}.part"
    part.write_text(fact)
    part.replace(STAMPS / name)


def forget(name: str) -> None:
    (STAMPS / name).unlink(missing_ok=True)


def digest_of(files: Iterable[Path], *words: str) -> str:
    """A short hash over names and contents of files, and over words."""
    digest = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        digest.update(str(file).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]
