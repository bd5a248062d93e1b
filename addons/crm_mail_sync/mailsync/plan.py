# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is done next and in which portions. Pure: no clock, no chance, no I/O of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from .provider import Folder, FolderRole

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


def folder_order(folders: Iterable[Folder]) -> list[Folder]:
    """The selectable folders in the order in which they are scanned: inbox, sent, others, junk and trash last."""
    return sorted(
        (folder for folder in folders if folder.selectable),
        key=lambda folder: _ROLE_RANK[folder.role],
    )


def next_scan(now: float, interval: float, due: float, phase: float) -> float:
    """When a mailbox is scanned again, seconds since the epoch.

    Scans keep their rhythm (``due`` was this one's time), but what was missed is not made up for: a server
    that stood still for a day has no queue of old scans. ``phase``, in [0, 1), is drawn once for a mailbox
    and spreads those that would all be due at one moment over a tenth of the interval.

    >>> next_scan(now=1_010.0, interval=300.0, due=1_000.0, phase=0.0)
    1300.0
    >>> next_scan(now=9_000.0, interval=300.0, due=1_000.0, phase=0.5)
    9315.0
    """
    on_time = due + interval
    if on_time > now:
        return on_time
    return now + interval * (1 + phase / 10)
