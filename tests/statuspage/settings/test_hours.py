"""Hours of the week are read as people write them, nights and changes of the clock included."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from statuspage.settings.hours import Hours, quiet, staffed
from statuspage.settings.mistakes import Wrong

ROME = ZoneInfo("Europe/Rome")


def at(text: str) -> datetime:
    """``"Mon 14:00"`` in a week without a change of the clock, else an ISO date and time."""
    if text[0].isdigit():
        return datetime.fromisoformat(text).replace(tzinfo=ROME)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(text[:3])
    hour, minute = text[4:].split(":")
    return datetime(2026, 11, 23 + day, int(hour), int(minute), tzinfo=ROME)


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("always", ["Mon 00:00", "Sun 23:59"], []),
        (
            "Mon-Fri 08:00-19:00",
            ["Mon 08:00", "Fri 18:59"],
            ["Mon 07:59", "Fri 19:00", "Sat 12:00", "Sun 12:00"],
        ),
        ("08:00-19:00", ["Sun 08:00"], ["Sun 19:00"]),
        ("Sat 09:00-13:00", ["Sat 09:00"], ["Fri 09:00", "Sun 09:00"]),
        ("Fri-Mon 09:00-13:00", ["Fri 09:00", "Sun 09:00", "Mon 09:00"], ["Tue 09:00"]),
        ("Mon-Fri 08:00-19:00, Sat 09:00-13:00", ["Sat 12:00", "Tue 12:00"], ["Sat 14:00"]),
        ("Fri 22:00-06:00", ["Fri 22:00", "Sat 05:59"], ["Fri 05:00", "Sat 06:00", "Sat 22:00"]),
        ("mon-fri 08:00-24:00", ["Fri 23:59"], ["Sat 00:00"]),
        ("00:00-24:00", ["Mon 00:00", "Sun 23:59"], []),
        # an hour is left out on 29 March, and comes twice on 25 October
        ("22:00-07:00", ["2026-03-29T01:30", "2026-03-29T06:59"], ["2026-03-29T07:00"]),
        ("Sun 02:00-03:00", ["2026-10-25T02:30"], ["2026-10-25T03:00"]),
    ],
)
def test_who_is_inside(hours: str, inside: list[str], outside: list[str]) -> None:
    told = staffed(hours)
    assert [moment for moment in inside if not told.covers(at(moment))] == []
    assert [moment for moment in outside if told.covers(at(moment))] == []


@pytest.mark.parametrize(
    ("hours", "moment", "start"),
    [
        ("Mon-Fri 08:00-19:00", "Mon 07:00", "Mon 08:00"),
        ("Mon-Fri 08:00-19:00", "Mon 08:00", "Mon 08:00"),
        ("Mon-Fri 08:00-19:00", "Mon 09:00", "Tue 08:00"),
        ("Mon-Fri 08:00-19:00, Sun 10:00-11:00", "Fri 20:00", "Sun 10:00"),
        ("Mon 08:00-19:00", "2026-11-23T08:01", "2026-11-30T08:00"),
        ("always", "Wed 03:12", "Wed 03:12"),
    ],
)
def test_when_somebody_comes_next(hours: str, moment: str, start: str) -> None:
    assert staffed(hours).next_start(at(moment)) == at(start)


def test_a_start_after_the_change_of_the_clock_is_at_the_same_hour_on_the_wall() -> None:
    before = at("2026-10-24T20:00")
    start = staffed("08:00-19:00").next_start(before)
    assert start.isoformat() == "2026-10-25T08:00:00+01:00"
    assert start.timestamp() - before.timestamp() == timedelta(hours=13).total_seconds()


@pytest.mark.parametrize(
    ("moment", "end"),
    [("Mon 23:00", "Tue 07:00"), ("Mon 06:00", "Mon 07:00"), ("Mon 12:00", "Mon 12:00")],
)
def test_when_the_night_is_over(moment: str, end: str) -> None:
    night = quiet("22:00-07:00")
    assert night is not None
    assert night.end(at(moment)) == at(end)


def test_no_quiet_hours() -> None:
    assert quiet("") is None
    assert quiet(None) is None
    assert quiet(Hours()) == Hours()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "never",
        "Mon-Fri",
        "8-19",
        "25:00-26:00",
        "08:00-24:30",
        "Mo 08:00-19:00",
        "08:00-19:00,",
    ],
)
def test_what_are_no_hours(text: str) -> None:
    with pytest.raises(Wrong):
        staffed(text)
    if text:
        with pytest.raises(Wrong):
            quiet(text)


@pytest.mark.parametrize("value", [8, ["08:00-19:00"], True])
def test_hours_are_text(value: object) -> None:
    with pytest.raises(Wrong):
        staffed(value)
    with pytest.raises(Wrong):
        quiet(value)
