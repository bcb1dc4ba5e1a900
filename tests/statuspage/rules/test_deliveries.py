"""What waits for one customer goes as few letters as the limits allow, the newest word last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from statuspage.rules.deliveries import (
    Decision,
    Drop,
    Limits,
    Send,
    Told,
    Wait,
    Waiting,
    decide,
    in_turn,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
LIMITS = Limits(per_hour=4, per_day=10)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def waiting(*words: str) -> list[Waiting]:
    """``a1``: a word about incident a, announced in minute 1; ids in the order given."""
    return [
        Waiting(n, word, word[0], NOON + minutes(int(word[1:]))) for n, word in enumerate(words)
    ]


def told(*ages: float, about: str = "z") -> list[Told]:
    """Letters accepted so many minutes ago."""
    return [Told(about, NOON - minutes(age), NOON - minutes(age)) for age in ages]


def spell(decisions: list[Decision]) -> list[str]:
    spelled = []
    for decision in decisions:
        if isinstance(decision, Send):
            spelled.append("+".join(word.announcement_id for word in decision.words))
        elif isinstance(decision, Wait):
            left = (decision.until - NOON).total_seconds() / 60
            spelled.append(f"{len(decision.words)} wait {left:g}")
        elif isinstance(decision, Drop):
            spelled.append(f"no {decision.word.announcement_id}")
    return spelled


@pytest.mark.parametrize(
    ("words", "ages", "expected"),
    [
        (["a1"], [], ["a1"]),
        (["a1", "b2"], [], ["a1", "b2"]),
        (["a2", "a1"], [], ["a1+a2"]),
        (["a1", "b2", "a3"], [], ["a1+a3", "b2"]),
        (["a1"], [50, 40, 30], ["a1"]),
        (["a1", "b2"], [50, 40, 30], ["a1+b2"]),
        (["a1"], [50, 40, 30, 20], ["1 wait 10"]),
        (["a1"], [60, 40, 30, 20], ["a1"]),
        (["a1", "b2", "c3"], [59, 58, 50, 40, 30, 20], ["3 wait 10"]),
        (["a1"], [1000 + n for n in range(10)], ["1 wait 431"]),
        (["a1"], [1440, *(1000 + n for n in range(9))], ["a1"]),
    ],
)
def test_how_many_letters(words: list[str], ages: list[float], expected: list[str]) -> None:
    assert spell(decide(waiting(*words), told(*ages), LIMITS, NOON)) == expected


def test_what_was_overtaken_by_a_letter_that_arrived_is_dropped() -> None:
    later = [Told("a", NOON + minutes(5), NOON)]
    assert spell(decide(waiting("a1", "b1", "a9"), later, LIMITS, NOON)) == ["no a1", "b1", "a9"]


def test_while_a_letter_is_on_its_way_the_next_waits_a_second() -> None:
    (decision,) = decide(waiting("a1"), [], LIMITS, NOON, busy=True)
    assert isinstance(decision, Wait)
    assert decision.until == NOON + timedelta(seconds=1)


@pytest.mark.parametrize("count", range(1, 30))
def test_limits_hold_however_many_wait(count: int) -> None:
    words = waiting(*(f"{chr(96 + n)}{n}" for n in range(1, min(count, 26) + 1)))
    letters = decide(words, told(30, 20), LIMITS, NOON)
    assert len(letters) <= 2
    carried = [word for letter in letters if isinstance(letter, Send) for word in letter.words]
    assert sorted(word.id for word in carried) == [word.id for word in words], "none is lost"


@pytest.mark.parametrize(
    ("words", "first_due", "busy", "said"),
    [
        ([], None, False, []),
        (["a1"], None, False, ["a1"]),
        (["a3", "b1", "a2"], None, False, ["b1", f"2 wait {1 / 60:g}"]),
        (["a1", "a2"], -5, False, ["a1", f"1 wait {1 / 60:g}"]),
        (["a1", "a2", "b3"], 15, False, ["3 wait 15"]),
        (["a1", "a2"], None, True, [f"2 wait {1 / 60:g}"]),
        (["a1", "a2"], 15, True, ["2 wait 15"]),
    ],
)
def test_a_program_is_told_each_word_in_its_turn(
    words: list[str], first_due: float | None, busy: bool, said: list[str]
) -> None:
    """``first_due``: in so many minutes the oldest is tried again."""
    queue = waiting(*words)
    if first_due is not None:
        queue[0] = replace(queue[0], due_at=NOON + minutes(first_due))
    assert spell(in_turn(queue, NOON, busy=busy)) == said
