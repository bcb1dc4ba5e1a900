"""Do we try again soon enough, long enough, and never when it is no use?"""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.channel import Refused, Unreachable
from notifications.retry import GIVE_UP_AFTER, PAUSES, next_attempt

AT = datetime(2026, 11, 23, 13, 2, tzinfo=UTC)
LATER = Unreachable("greylisted", 451)


@pytest.mark.parametrize(
    ("attempts", "pause_s"),
    [(1, 5), (2, 15), (3, 60), (4, 300), (5, 900), (6, 1800), (7, 3600), (8, 3600), (90, 3600)],
)
def test_pauses_grow_and_are_spread_by_a_quarter_at_most(attempts: int, pause_s: int) -> None:
    for key in ("a", "b", "c"):
        due = next_attempt(attempts, LATER, AT, AT, key=key)
        assert due is not None
        assert pause_s <= (due - AT).total_seconds() < pause_s * 1.25


def test_the_spread_is_drawn_from_the_key_and_nothing_else() -> None:
    dues = [next_attempt(3, LATER, AT, AT, key=str(n)) for n in range(100)]
    assert dues == [next_attempt(3, LATER, AT, AT, key=str(n)) for n in range(100)]
    assert len(set(dues)) == 100


def test_a_refusal_or_a_later_word_ends_it() -> None:
    assert next_attempt(1, Refused("no such user", 550), AT, AT) is None
    assert next_attempt(1, LATER, AT, AT, overtaken=True) is None


def test_our_own_fault_is_tried_again() -> None:
    assert next_attempt(1, Unreachable("relaying denied", 554, ours=True), AT, AT) is not None


def test_given_up_after_two_days_for_it_is_old_news_then() -> None:
    assert timedelta(hours=48) == GIVE_UP_AFTER
    now, attempts = AT, 0
    while (due := next_attempt(attempts + 1, LATER, now, AT, key="x")) is not None:
        now, attempts = due, attempts + 1
    assert timedelta(hours=46) <= now - AT <= timedelta(hours=48)
    assert len(PAUSES) < attempts < 2 * 24 + 10


@pytest.mark.parametrize(("wait_s", "least_s"), [(1, 60), (600, 600), (3600, 3600)])
def test_nobody_is_asked_before_they_wish(wait_s: int, least_s: int) -> None:
    told = Unreachable("slowly", 429, wait=timedelta(seconds=wait_s))
    due = next_attempt(3, told, AT, AT, key="a")
    assert due is not None
    assert least_s <= (due - AT).total_seconds() < least_s * 1.25
