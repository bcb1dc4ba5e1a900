"""What is in force, what is due, and whose failures are not believed yet? Tables of moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks.result import Fault, Grade, Result
from checks.verdict import Policy, Verdict, judge
from statuspage.rules.components import Standings
from statuspage.rules.maintenances import (
    Begin,
    Complete,
    TellAgain,
    due,
    due_after,
    is_in_force,
    just_over,
    next_window,
)
from statuspage.rules.occurrences import Every, Repeat, Window
from statuspage.tables import Maintenance
from statuspage.vocabulary import Status

START = datetime(2026, 11, 29, 1, tzinfo=UTC)
END = START + timedelta(hours=3)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days")
)
FAILED = Result(Grade.FAILED, None, "Refused.", Fault.REFUSED, False)


def row(**changed: Any) -> Maintenance:
    usual: dict[str, Any] = {
        "id": "one",
        "series_id": "one",
        "occurs_at": START,
        "language": "en",
        "components": ["shop"],
        "scheduled_for": START,
        "scheduled_until": END,
        "announced_until": END,
        "anchor_for": START,
        "anchor_until": END,
        "created_at": START - 3 * DAY,
        "updated_at": START - 3 * DAY,
        "created_by": "ada",
        "told_at": START - 3 * DAY,
    }
    return Maintenance(**usual | changed)


@pytest.mark.parametrize(
    ("changed", "now", "in_force"),
    [
        ({}, START - SECOND, False),
        ({}, START, True),  # whatever its status says: the job may come round later
        ({}, END - SECOND, True),
        ({}, END, False),
        ({"started_at": START - HOUR}, START - MINUTE, True),  # begun early by hand
        ({"started_at": START, "status": "verifying"}, START + HOUR, True),
        ({"ended_at": START + HOUR, "status": "completed"}, START + HOUR, False),
        ({"ended_at": START - DAY, "cancelled_at": START - DAY}, START + HOUR, False),
    ],
)
def test_it_is_in_force_by_its_times(
    changed: dict[str, Any], now: datetime, in_force: bool
) -> None:
    assert is_in_force(row(**changed), now) is in_force


WEEKLY, DAILY = Repeat(Every.WEEK).stored(), Repeat(Every.DAY).stored()


@pytest.mark.parametrize(
    ("changed", "now", "decisions"),
    [
        ({}, START - DAY - SECOND, []),
        ({}, START - DAY, [TellAgain]),
        ({"told_at": START - DAY}, START - HOUR, []),  # told within the day
        ({"told_at": None}, START - HOUR, []),  # nobody was told at all
        ({"notify": False}, START - HOUR, []),
        ({"repeat": DAILY}, START - HOUR, []),
        ({"repeat": WEEKLY}, START - HOUR, [TellAgain]),
        ({"started_at": START - 2 * HOUR}, START - HOUR, []),
        ({}, START, [Begin]),
        ({"started_at": START}, START + HOUR, []),
        ({"started_at": START}, END, [Complete]),
        ({}, END, [Begin, Complete]),  # nobody ran in between
        ({"ended_at": END}, END + HOUR, []),
    ],
)
def test_what_the_clock_does(changed: dict[str, Any], now: datetime, decisions: list[type]) -> None:
    assert [type(one) for one in due([row(**changed)], now)] == decisions


def failing(*ages: timedelta, now: datetime) -> Standings:
    """The shop has failed before all this, and was looked at so long ago."""
    verdict = Verdict()
    looks = [END - HOUR, END - HOUR + SECOND, *(now - age for age in ages)]
    for at in looks:
        verdict = judge(verdict, FAILED, Policy(confirm_failures=2), at)
    return Standings((), {"shop": Status.MAJOR_OUTAGE}, {"shop": (verdict,)})


WELL = Standings((), {"shop": Status.OPERATIONAL}, {"shop": (Verdict(),)})


@pytest.mark.parametrize(
    ("ages", "after", "believed"),
    [
        ([], 10 * SECOND, False),
        ([5 * SECOND], 10 * SECOND, False),
        ([5 * SECOND, 2 * SECOND], 10 * SECOND, True),
        ([15 * SECOND, 5 * SECOND], 10 * SECOND, False),  # one of them is from before the end
        ([5 * SECOND], 5 * MINUTE + SECOND, True),  # asked, though seldom: nobody waits for ever
        ([], 5 * MINUTE + SECOND, False),  # nobody looked since then: we were away ourselves
        ([], DAY + SECOND, True),
    ],
)
def test_what_still_fails_is_believed_when_it_was_asked_anew(
    ages: list[timedelta], after: timedelta, believed: bool
) -> None:
    now = END + after
    over = just_over([row(started_at=START, ended_at=END)], failing(*ages, now=now), 2, now)
    assert (not over) is believed


def test_what_is_well_or_was_cancelled_is_not_waited_for() -> None:
    now = END + SECOND
    assert not just_over([row(started_at=START, ended_at=END)], WELL, 2, now)
    cancelled = row(cancelled_at=START - HOUR, ended_at=START - HOUR)
    assert not just_over([cancelled], failing(now=now), 2, START - HOUR + SECOND)


EXTENDED = {"started_at": START, "ended_at": END, "announced_until": END - HOUR}


@pytest.mark.parametrize(
    ("changed", "ages", "told"),
    [
        (EXTENDED, None, [True]),
        (EXTENDED, [5 * SECOND], []),  # not sure yet
        (EXTENDED, [5 * SECOND, 2 * SECOND], [False]),  # an incident tells of it
        (EXTENDED | {"announced_until": END}, None, []),
        (EXTENDED | {"announced_until": END, "told_at": START + HOUR}, None, [True]),  # promised
        (EXTENDED | {"told_at": END}, None, []),  # told already
        (EXTENDED | {"told_at": None}, None, []),  # of nothing that was told of
    ],
)
def test_the_end_is_told_where_it_came_late_and_all_is_well(
    changed: dict[str, Any], ages: list[timedelta] | None, told: list[bool]
) -> None:
    now = END + 10 * SECOND
    standings = WELL if ages is None else failing(*ages, now=now)
    found = due_after([row(**changed)], standings, 2, now)
    assert [getattr(one, "well", None) for one in found] == told


@pytest.mark.parametrize(
    ("changed", "now", "begins"),
    [
        ({}, END, START + 7 * DAY),
        ({}, START + 8 * DAY, START + 14 * DAY),  # nobody ran meanwhile
        ({}, START + 7 * DAY + HOUR, START + 7 * DAY),  # the next is under way already
        ({"ended_at": START + 7 * DAY + HOUR}, START + 7 * DAY + HOUR, START + 14 * DAY),
        ({"ended_at": START - DAY, "cancelled_at": START - DAY}, START - DAY, START + 7 * DAY),
        ({"scheduled_for": START + 3 * DAY}, END, START + 7 * DAY),  # a move moves no other
        ({"repeat": None}, END, None),
    ],
)
def test_when_it_comes_again(
    changed: dict[str, Any], now: datetime, begins: datetime | None
) -> None:
    usual: dict[str, Any] = {"repeat": WEEKLY, "ended_at": END}
    found = next_window(row(**usual | changed), "UTC", now)
    assert found == (Window(begins, begins + 3 * HOUR) if begins else None)
