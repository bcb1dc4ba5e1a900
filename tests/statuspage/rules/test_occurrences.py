"""Does what repeats come when the clock on the wall says so? A table of nights in Rome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from statuspage.rules.occurrences import (
    Every,
    Repeat,
    Window,
    occurrences,
    overlaps,
    stored,
)

ROME = ZoneInfo("Europe/Rome")
WEEKLY, DAILY, MONTHLY = Repeat(Every.WEEK), Repeat(Every.DAY), Repeat(Every.MONTH)


def rome(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME, fold=fold).astimezone(UTC)


def night(begins: str, ends: str) -> Window:
    return Window(rome(begins), rome(ends))


def told(windows: list[Window]) -> list[tuple[str, str, float]]:
    """Each as the wall shows it, and how many hours it really lasts."""
    return [
        (
            f"{one.begins_at.astimezone(ROME):%d %b %H:%M}",
            f"{one.ends_at.astimezone(ROME):%H:%M %Z}",
            (one.ends_at - one.begins_at) / timedelta(hours=1),
        )
        for one in windows
    ]


SPRING = ("2026-03-22", "22 Mar", "29 Mar", "05 Apr")
AUTUMN = ("2026-10-18", "18 Oct", "25 Oct", "01 Nov")


@pytest.mark.parametrize(
    ("change", "clock", "lasts"),
    [
        (SPRING, ("01:00", "04:00"), (3, 2, 3)),  # what was announced stays true on the wall
        (AUTUMN, ("01:00", "04:00"), (3, 4, 3)),
        (AUTUMN, ("02:30", "03:30"), (1, 2, 1)),  # 02:30 twice: from the first one on
        (AUTUMN, ("01:30", "02:30"), (1, 1, 1)),  # and to the first one
        (SPRING, ("03:00", "05:00"), (2, 2, 2)),
    ],
)
def test_a_night_shows_the_same_wall_times_over_both_changes(
    change: tuple[str, str, str, str], clock: tuple[str, str], lasts: tuple[float, float, float]
) -> None:
    day, *dates = change
    first = night(f"{day}T{clock[0]}", f"{day}T{clock[1]}")
    found = told(list(islice(occurrences(first, WEEKLY, "Europe/Rome"), 3)))
    assert [one[0] for one in found] == [f"{date} {clock[0]}" for date in dates]
    assert [one[1][:5] for one in found] == [clock[1]] * 3
    assert tuple(one[2] for one in found) == lasts


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        (("02:30", "04:00"), ("29 Mar 03:30", "04:00 CEST", 0.5)),  # 02:30 is not on the wall
        (("02:15", "02:45"), ("29 Mar 03:15", "03:45 CEST", 0.5)),
        (("02:30", "03:15"), ("29 Mar 03:30", "04:15 CEST", 0.75)),  # else it would end first
    ],
)
def test_a_time_that_the_wall_does_not_show_comes_an_hour_later_and_only_that_night(
    clock: tuple[str, str], shown: tuple[str, str, float]
) -> None:
    first = night(f"2026-03-22T{clock[0]}", f"2026-03-22T{clock[1]}")
    _, missing, after = told(list(islice(occurrences(first, WEEKLY, "Europe/Rome"), 3)))
    assert missing == shown
    assert after[0] == f"05 Apr {clock[0]}"


def test_the_first_one_is_as_it_was_given_even_in_the_hour_that_comes_twice() -> None:
    second_half_past_two = rome("2026-10-25T02:30", fold=1)
    first = Window(second_half_past_two, second_half_past_two + timedelta(minutes=20))
    given, later = islice(occurrences(first, WEEKLY, "Europe/Rome"), 2)
    assert given == first
    assert told([later])[0][:2] == ("01 Nov 02:30", "02:50 CET")


def test_a_night_over_midnight_ends_on_the_next_day() -> None:
    first = night("2026-10-24T23:00", "2026-10-25T02:30")
    assert told(list(islice(occurrences(first, DAILY, "Europe/Rome"), 2)))[1] == (
        "25 Oct 23:00",
        "02:30 CET",
        3.5,
    )


@pytest.mark.parametrize(
    ("repeat", "begins", "days"),
    [
        (DAILY, "2026-10-24T01:00", ["24 Oct", "25 Oct", "26 Oct", "27 Oct"]),
        (Repeat(Every.DAY, 3), "2026-10-24T01:00", ["24 Oct", "27 Oct", "30 Oct", "02 Nov"]),
        (Repeat(Every.WEEK, 2), "2026-10-18T01:00", ["18 Oct", "01 Nov", "15 Nov", "29 Nov"]),
        (
            Repeat(Every.WEEK, on=("sun", "wed")),
            "2026-10-18T01:00",
            ["18 Oct", "21 Oct", "25 Oct", "28 Oct"],
        ),
        (MONTHLY, "2026-10-13T01:00", ["13 Oct", "10 Nov", "08 Dec", "12 Jan"]),  # second Tuesday
        (MONTHLY, "2026-08-30T01:00", ["30 Aug", "27 Sep", "25 Oct", "29 Nov"]),  # fifth: the last
        (Repeat(Every.MONTH, 3), "2026-10-04T01:00", ["04 Oct", "03 Jan", "04 Apr", "04 Jul"]),
        (
            Repeat(Every.WEEK, until=rome("2026-11-01T01:00")),
            "2026-10-18T01:00",
            ["18 Oct", "25 Oct", "01 Nov"],
        ),
    ],
)
def test_the_days_on_which_it_comes(repeat: Repeat, begins: str, days: list[str]) -> None:
    first = Window(rome(begins), rome(begins) + timedelta(hours=2))
    found = islice(occurrences(first, repeat, "Europe/Rome"), 4)
    assert [one[0] for one in told(list(found))] == [f"{day} 01:00" for day in days]


@pytest.mark.parametrize(
    ("repeat", "hours", "wrong"),
    [
        (DAILY, 23, False),
        (DAILY, 24, False),
        (DAILY, 25, True),
        (Repeat(Every.WEEK, on=("sun", "mon")), 25, True),
        (WEEKLY, 25, False),
    ],
)
def test_what_would_come_again_before_it_is_over_is_found(
    repeat: Repeat, hours: int, wrong: bool
) -> None:
    begins = rome("2026-06-07T01:00")
    first = Window(begins, begins + timedelta(hours=hours))
    assert overlaps(first, repeat, "Europe/Rome") is wrong


@pytest.mark.parametrize("repeat", [DAILY, Repeat(Every.WEEK, 2, ("sun",), rome("2027-01-01T00"))])
def test_a_rule_comes_back_from_the_store_as_it_went_in(repeat: Repeat) -> None:
    assert stored(repeat.stored()) == repeat
