# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Planning: portions within their bounds, nothing left out."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from mailsync import plan
from mailsync.provider import FolderRole


def test_the_examples_in_the_documentation_hold() -> None:
    result = doctest.testmod(plan)
    assert result.attempted >= 1
    assert result.failed == 0


@given(
    sizes=st.dictionaries(st.text(min_size=1), st.integers(0, 1_000_000)),
    max_bytes=st.integers(1, 2_000_000),
    max_count=st.integers(1, 50),
    data=st.data(),
)
def test_portions_hold_everything_once_and_keep_their_bounds(
    sizes: dict[str, int], max_bytes: int, max_count: int, data: st.DataObject
) -> None:
    suspects = data.draw(st.sets(st.sampled_from(sorted(sizes)))) if sizes else set()
    portions = list(plan.batches(sizes, max_bytes, max_count, suspects))
    assert sorted(i for portion in portions for i in portion) == sorted(sizes)
    for portion in portions:
        weight = sum(sizes[i] or plan.ASSUMED_SIZE for i in portion)
        assert 1 <= len(portion) <= max_count
        assert weight <= max_bytes or len(portion) == 1
        assert len(portion) == 1 or not suspects & set(portion)


def test_a_huge_message_delays_its_neighbours_by_no_more_than_itself() -> None:
    sizes = {"small": 10, "huge": 10**9, "other": 10}
    assert list(plan.batches(sizes, 1000, 10)) == [["small"], ["huge"], ["other"]]


def test_inbox_and_sent_come_first() -> None:
    roles: list[FolderRole] = ["archive", "", "sent", "drafts", "inbox"]
    assert sorted(roles, key=plan.folder_rank) == ["inbox", "sent", "", "archive", "drafts"]
