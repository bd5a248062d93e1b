# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What follows from failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync import errors, policy


def subclasses(cls: type[errors.MailSyncError]) -> list[type[errors.MailSyncError]]:
    return [cls, *(deeper for sub in cls.__subclasses__() for deeper in subclasses(sub))]


EVERY_ERROR = subclasses(errors.MailSyncError)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in EVERY_ERROR]
    assert len(codes) == len(set(codes)) >= 25


@pytest.mark.parametrize("error", sorted(set(subclasses(errors.SignInFailed)) - {errors.AppInvalid}, key=str))
def test_a_refused_sign_in_is_not_tried_again(error: type[errors.MailSyncError]) -> None:
    verdict = policy.after_failure(error(), 0, 0.5)
    assert verdict == policy.MailboxVerdict("sign_in", None)


def test_an_app_in_trouble_is_nothing_that_a_user_could_mend() -> None:
    assert policy.after_failure(errors.AppInvalid(), 0, 0.5) == policy.MailboxVerdict("waiting", None)


@given(
    error=st.sampled_from([e for e in EVERY_ERROR if not issubclass(e, errors.SignInFailed)]),
    failures=st.integers(0, 10**6),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_anything_else_waits_a_bounded_time(error: type[errors.MailSyncError], failures: int, chance: float) -> None:
    verdict = policy.after_failure(error(), failures, chance)
    assert verdict.state == "waiting"
    assert verdict.delay is not None
    assert 15 <= verdict.delay <= 3600


def test_a_passing_failure_waits_longer_each_time_up_to_a_quarter_of_an_hour() -> None:
    delays = [policy.after_failure(errors.ConnectionTimedOut(), failures, 0.0).delay for failures in range(8)]
    assert delays == [15, 30, 60, 120, 240, 450, 450, 450]
    longest = policy.after_failure(errors.ConnectionTimedOut(), 99).delay
    assert longest is not None
    assert longest == 900


@given(
    asked=st.floats(allow_nan=False),
    failures=st.integers(0, 50),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_the_servers_wish_is_never_undercut_but_for_an_absurd_one(asked: float, failures: int, chance: float) -> None:
    error = errors.RateLimited(retry_after=asked)
    delay = policy.after_failure(error, failures, chance).delay
    assert delay is not None
    assert delay >= min(asked, 86_400)
    assert delay <= 1.1 * 86_400


def test_a_message_is_set_aside_after_three_tries() -> None:
    verdicts = [policy.after_message_failure(errors.MessageUnreadable(), n) for n in range(4)]
    assert verdicts == ["retry", "retry", "failed", "failed"]
    assert policy.after_message_failure(ValueError(), 2) == "failed"


def test_what_no_further_try_can_mend_is_not_tried_again() -> None:
    assert policy.after_message_failure(errors.MessageTooLarge(), 0) == "failed"
    assert policy.after_message_failure(errors.MessageGone(), 0) == "gone"
