# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is done next and in which portions. Pure: no clock, no chance, no I/O of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from .provider import FolderRole

# A message of which the provider does not say the size is taken for this large (bytes).
ASSUMED_SIZE = 100_000

# Where a salesperson's correspondence is soonest expected comes first; the rest keeps the provider's order.
_ROLE_RANK: Mapping[FolderRole, int] = {
    "inbox": 0,
    "sent": 1,
    "": 2,
    "flagged": 2,
    "archive": 3,
    "all": 4,
    "drafts": 5,
    "junk": 6,
    "trash": 7,
}


def batches(
    sizes: Mapping[str, int],
    max_bytes: int,
    max_count: int,
    suspects: Collection[str] = (),
) -> Iterator[list[str]]:
    """Portion messages (remote id → bytes, 0 if unknown) for ``Provider.fetch``, in the order given.

    A portion holds at most ``max_count`` messages and ``max_bytes`` together; a message larger than that
    is a portion of its own. So is each of the ``suspects`` (messages that failed before), behind all
    others: one that breaks the connection takes no healthy one with it.

    >>> list(batches({"a": 4, "b": 4, "c": 4, "d": 20, "e": 1}, max_bytes=10, max_count=2, suspects={"a"}))
    [['b', 'c'], ['d'], ['e'], ['a']]
    """
    portion: list[str] = []
    total = 0
    for remote_id, known_size in sizes.items():
        if remote_id in suspects:
            continue
        size = known_size or ASSUMED_SIZE
        if portion and (len(portion) >= max_count or total + size > max_bytes):
            yield portion
            portion, total = [], 0
        portion.append(remote_id)
        total += size
    if portion:
        yield portion
    yield from ([remote_id] for remote_id in sizes if remote_id in suspects)


def folder_rank(role: FolderRole) -> int:
    """The place of a folder in a scan: inbox, sent, others, archives, drafts."""
    return _ROLE_RANK[role]
