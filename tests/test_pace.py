# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.errors import Paced
from mailsync.pace import Budget

UNITS, SECONDS, RESERVE = 100, 60.0, 10


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_428_420.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def budget(clock: Clock, spent: str = "") -> Budget:
    return Budget(UNITS, SECONDS, RESERVE, spent, clock)


def test_there_is_room_until_the_share_is_used_up_and_again_when_its_time_is_over(clock: Clock) -> None:
    used = budget(clock)
    used.spend(60)
    clock.now += 20
    used.spend(30)
    with pytest.raises(Paced) as pause:
        used.spend(1)
    assert pause.value.retry_after == 40.0
    clock.now += 40
    used.spend(60)


def test_what_is_held_back_is_there_for_what_cannot_wait(clock: Clock) -> None:
    used = budget(clock)
    used.spend(UNITS - RESERVE)
    assert (used.left(), used.left(urgent=True)) == (0, RESERVE)
    used.spend(RESERVE, urgent=True)
    with pytest.raises(Paced):
        used.spend(1, urgent=True)


def test_the_next_session_knows_what_the_last_one_used(clock: Clock) -> None:
    first = budget(clock)
    first.spend(UNITS - RESERVE)
    later = budget(clock, first.text())
    with pytest.raises(Paced):
        later.spend(1)
    clock.now += SECONDS + 1
    assert budget(clock, first.text()).left() == UNITS - RESERVE
    assert first.text() == ""


def test_a_refusal_of_the_provider_closes_the_budget(clock: Clock) -> None:
    used = budget(clock)
    used.use_up()
    with pytest.raises(Paced) as pause:
        used.spend(1, urgent=True)
    assert pause.value.retry_after == SECONDS


def test_a_clock_that_is_set_back_does_not_lock_the_mailbox_out(clock: Clock) -> None:
    used = budget(clock)
    used.spend(UNITS - RESERVE)
    clock.now -= 86_400
    with pytest.raises(Paced) as pause:
        used.spend(1)
    assert pause.value.retry_after == SECONDS
    clock.now += SECONDS
    budget(clock, used.text()).spend(UNITS - RESERVE)


@given(st.lists(st.tuples(st.floats(0, 90), st.integers(1, 40), st.booleans()), max_size=60))
def test_no_span_of_time_ever_holds_more_than_the_quota(steps: list[tuple[float, int, bool]]) -> None:
    clock = Clock()
    used = budget(clock)
    spent: list[tuple[float, int]] = []
    for pause, units, urgent in steps:
        clock.now += pause
        try:
            used.spend(units, urgent=urgent)
        except Paced as wait:
            assert wait.retry_after is not None
            assert wait.retry_after > 0
            clock.now += wait.retry_after
            used.spend(units, urgent=urgent)
        spent.append((clock.now, units))
        used = budget(clock, used.text())
        in_span = sum(u for moment, u in spent if moment > clock.now - SECONDS)
        assert in_span <= UNITS
