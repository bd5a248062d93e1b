# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What holds of every letter, whatever the bytes were."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailsync.letter import ROLES, Head, Letter

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
MAX_ADDRESSES = 2_000
MAX_FILES = 10_001


def assert_sound_head(head: Head) -> None:
    """Every value storable, on one line, within bounds."""
    for value in _head_texts(head):
        assert not _CONTROL.search(value), "control character in a header value"
        value.encode()
    for role in ROLES:
        assert len(head.by_role(role)) <= MAX_ADDRESSES
    assert all(address.address for address in head.addresses)
    assert head.message_id == head.message_id.strip("<> ")
    assert head.date is None or -2_208_988_800 - 86_400 <= head.date < 253_402_300_800 + 86_400
    assert head.auto_submitted in ("", "auto-replied", "auto-generated")


def assert_sound(letter: Letter) -> None:
    """Every value storable and within bounds."""
    assert_sound_head(letter.head)
    for body in (letter.text, letter.html):
        assert not _UNSTORABLE.search(body)
        body.encode()
    assert len(letter.files) <= MAX_FILES
    for file in letter.files:
        assert file.name
        assert len(file.name) <= 200
        assert not re.search(r"[/\\\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", file.name)
        assert isinstance(file.content, bytes)
        assert re.fullmatch(r"[!-~]+/[!-~]+", file.content_type)
        assert not _CONTROL.search(file.content_id)


def _head_texts(head: Head) -> Iterator[str]:
    yield from (head.message_id, head.subject, head.odoo_objects)
    yield from head.in_reply_to
    yield from head.references
    for address in head.addresses:
        yield from (address.name, address.address)
