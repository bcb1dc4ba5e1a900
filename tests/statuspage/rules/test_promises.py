"""When do customers hear next? A table of nights, days and weekends."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from statuspage.rules.board import Kept
from statuspage.rules.promises import (
    Course,
    count,
    in_first_letter,
    next_due,
    next_letter,
    on_passing,
)
from statuspage.settings import Settings, loads
from statuspage.tables import Promise
from statuspage.vocabulary import By

ROME = ZoneInfo("Europe/Rome")
OFFICE = 'staffed = "Mon-Fri 08:00-19:00"'
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


def at(told: str, month: int = 11) -> datetime:
    """``23 14:02`` is the 23rd of November 2026, a Monday, in Rome."""
    day, clock = told.split()
    hour, minute = clock.split(":")
    return datetime(2026, month, int(day), int(hour), int(minute), tzinfo=ROME)


def configured(operators: str = "", letters: str = "") -> Settings:
    text = f"""
[site]
name = "Acme"
url = "https://status.acme.example"
time_zone = "Europe/Rome"
[operators]
{operators}
[letters]
{letters}
[[components]]
id = "shop"
name = "Shop"
"""
    return loads(text, {}, Path("/nowhere/avviso.toml"))


@pytest.mark.parametrize(
    ("operators", "course", "now", "due"),
    [
        ("", Course(), "23 14:02", "23 15:02"),
        ("", Course(), "23 03:10", "23 04:10"),  # a page is read at night, too
        (OFFICE, Course(), "23 14:02", "23 15:02"),
        (OFFICE, Course(), "23 18:50", "23 19:50"),  # somebody is there now
        (OFFICE, Course(), "23 19:00", "24 08:30"),
        (OFFICE, Course(), "27 20:00", "30 08:30"),  # Friday evening, Monday morning
        # never nearer than the next letter without news may go
        ("", Course(written_at=at("23 14:00")), "23 14:02", "23 18:00"),
        ("", Course(written_at=at("23 14:00"), holding=1), "23 14:02", "24 07:00"),
        ("", Course(written_at=at("23 19:30")), "23 19:30", "24 07:00"),
        (OFFICE, Course(written_at=at("23 16:00")), "23 16:00", "24 08:30"),
        # all is well: it ends by itself
        ("", Course(ends_at=at("23 16:00")), "23 14:02", "23 16:00"),
        ("", Course(ends_at=at("23 14:00"), written_at=at("23 13:00")), "23 14:02", "23 14:03"),
    ],
)
def test_the_machine_promises_a_word(operators: str, course: Course, now: str, due: str) -> None:
    assert next_due(course, configured(operators), at(now)) == at(due)


@pytest.mark.parametrize(
    ("holding", "pause"),
    [
        *((0, 4 * HOUR), (1, 12 * HOUR), (2, DAY), (3, 3 * DAY), (4, 7 * DAY)),
        *((5, 15 * DAY), (9, 15 * DAY)),
    ],
)
def test_letters_without_news_come_ever_more_seldom(holding: int, pause: timedelta) -> None:
    settings = configured(letters='quiet_hours = ""')
    written = at("23 14:00")
    assert next_letter(Course(written, holding), settings) == written + pause


@pytest.mark.parametrize(
    ("written", "month", "goes"),
    [
        ("23 17:59", 11, "23 21:59"),
        ("23 18:00", 11, "24 07:00"),
        ("23 23:30", 11, "24 07:00"),
        ("24 03:00", 11, "24 07:00"),  # seven is not night
        ("24 21:30", 10, "25 07:00"),  # the night is nine hours and one more: clocks go back
        ("28 21:30", 3, "29 07:00"),  # and one less
    ],
)
def test_they_wait_for_the_morning_on_the_wall(written: str, month: int, goes: str) -> None:
    course = Course(written_at=at(written, month))
    assert next_letter(course, configured()) == at(goes, month)


def test_a_persons_promise_that_passes_is_owned_up_to_day_and_night() -> None:
    night = at("24 02:00")
    renewal = on_passing(By.HUMAN, Course(written_at=at("24 01:30")), configured(), night)
    assert (renewal.is_missed, renewal.writes) == (True, True)
    assert renewal.due_at == at("24 07:00"), "four hours later, and not at night"


def test_where_nobody_was_written_to_it_is_missed_on_the_page_alone() -> None:
    renewal = on_passing(By.HUMAN, Course(), configured(), at("23 14:30"))
    assert (renewal.is_missed, renewal.writes) == (True, False)
    assert renewal.due_at == at("23 15:30")


@pytest.mark.parametrize(
    ("course", "now", "writes", "due"),
    [
        (Course(), "23 15:02", False, "23 16:02"),
        (Course(at("23 14:07")), "23 15:02", False, "23 18:07"),
        (Course(at("23 14:07")), "23 18:07", True, "24 07:00"),
        (Course(at("23 08:00"), holding=1), "23 20:00", True, "24 20:00"),
        (
            Course(at("23 23:10")),
            "24 04:00",
            False,
            "24 07:00",
        ),  # the page at once, the letter later
        (Course(at("23 14:07"), ends_at=at("23 20:00")), "23 18:07", False, "23 20:00"),
    ],
)
def test_the_machines_promise_passes_on_to_its_next(
    course: Course, now: str, writes: bool, due: str
) -> None:
    renewal = on_passing(By.MACHINE, course, configured(), at(now))
    assert not renewal.is_missed
    assert (renewal.writes, renewal.due_at) == (writes, at(due))


def test_a_first_letter_promises_no_more_than_a_letter_will_keep() -> None:
    settings = configured()
    assert in_first_letter(at("23 15:02"), settings, at("23 14:07")) == at("23 18:07")
    assert in_first_letter(at("30 08:30"), settings, at("27 20:05")) == at("30 08:30")


def promise(by: By, **times: Any) -> Promise:
    made = at("23 14:00")
    return Promise(incident_id="one", update_n=1, made_at=made, due_at=made + HOUR, by=by, **times)


def test_promises_are_counted_once_they_are_settled() -> None:
    in_time, late = at("23 14:30"), at("23 15:30")
    assert count(
        [
            promise(By.HUMAN, kept_at=in_time),
            promise(By.MACHINE, kept_at=in_time),
            promise(By.HUMAN, missed_at=at("23 15:00")),
            promise(By.HUMAN, kept_at=late),
            promise(By.MACHINE, kept_at=late),
            promise(By.MACHINE, dropped_at=late),
            promise(By.HUMAN, dropped_at=in_time),
            promise(By.HUMAN),
        ]
    ) == Kept(kept=2, missed=2)
