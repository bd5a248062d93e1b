# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ids as Exchange gives them: long, case-sensitive, with characters that an URL has to quote.

Immutable ids stay with an item in its mailbox; the ordinary ones change when it is moved
(learn.microsoft.com/graph/outlook-immutable-id).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode


def immutable(mailbox: str, number: int) -> str:
    """The id of a message; two neighbours differ in nothing but the case of letters."""
    core = _core(f"{mailbox} {number // 2}")
    return f"AAkALgAAAAAA/{core}+A{'Aa' if number % 2 else 'aA'}="


def mutable(immutable_id: str, folder_id: str) -> str:
    """The same message's ordinary id while it lies in this folder."""
    return f"AAMkAGI2{_core(folder_id)}/{_core(immutable_id)}{immutable_id[-3:]}"


def folder(mailbox: str, number: int) -> str:
    """Ids of folders are stable."""
    return f"AQMkADAw{_core(f'{mailbox} folder {number}')}+/A{number % 10}AAA="


def conversation(text: str) -> str:
    return f"AAQkAGI2{_core(text)}="


def _core(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()[:15]).decode()
