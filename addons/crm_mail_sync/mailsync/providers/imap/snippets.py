# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The beginnings of messages, without fetching all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...snippets import snippet_of
from .fetching import uid_of
from .grammar import Item, Response, number, uid_set
from .listing import fetched_items
from .mailboxes import Mailboxes
from .wire import Wire

# Messages of one command, and bytes of each: nearly all say something within the first, newsletters within the second.
_AT_ONCE = 100
_ENOUGH = (6 * 1024, 64 * 1024)
_FIELDS = b"BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE CONTENT-TRANSFER-ENCODING)]"


def snippets(wire: Wire, mailboxes: Mailboxes, folder: str, remote_ids: Sequence[str]) -> Mapping[str, str]:
    """By id, of those that are in the folder."""
    validity = mailboxes.examine(folder, with_unseen=False).validity or 0
    uids = {uid: remote_id for remote_id in remote_ids if (uid := uid_of(remote_id, validity, folder))}
    found: dict[int, str] = {}
    asked = list(uids)
    for size in _ENOUGH:
        for start in range(0, len(asked), _AT_ONCE):
            found.update(_asked(wire, asked[start : start + _AT_ONCE], size))
        asked = [uid for uid, text in found.items() if not text]
    return {uids[uid]: text for uid, text in found.items() if uid in uids}


def _asked(wire: Wire, uids: Sequence[int], size: int) -> Iterator[tuple[int, str]]:
    command = b"UID FETCH %s (UID %s BODY.PEEK[TEXT]<0.%d>)" % (uid_set(uids), _FIELDS, size)
    for answer in wire.stream(command):
        if not isinstance(answer, Response):
            return
        uid = number(fetched_items(answer).get(b"UID"))
        if uid is not None:
            yield uid, snippet_of(_message(answer))


def _message(response: Response) -> bytes:
    """The fields and the first bytes of the body, as if the message ended there."""
    items = response.items() or []
    values = items[2] if len(items) == 3 and isinstance(items[2], list) else []
    header, text = b"\r\n", b""
    for name, value in zip(values[::2], values[1::2], strict=False):
        if isinstance(name, bytes) and name.upper().startswith(b"BODY[HEADER"):
            header = _bytes(value) or header
        elif isinstance(name, bytes) and name.upper().startswith(b"BODY[TEXT"):
            text = _bytes(value)
    return header + text


def _bytes(value: Item) -> bytes:
    return value if isinstance(value, bytes) else b""
