"""What does somebody get who has our maintenances in a calendar?

Read by a calendar program's parser that is not the library which wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.memory import Page
from statuspage.pages.calendar import pages
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board
from statuspage.rules.planned import OccurrenceView
from tests.statuspage.pages.boards import (
    AHEAD,
    CALM,
    CANCELLED,
    EMPTY,
    EVERY,
    EVERY_SUNDAY,
    MAINTENANCE_OVER,
    NOW,
    PLANNED,
    UNDER_WAY,
    board,
)

PATHS = ("/maintenance.ics", "/it/maintenance.ics")


def shown(board: Board, path: str = "/maintenance.ics") -> Page:
    readers = tuple(Reader.of(code, board) for code in board.site.languages)
    [found] = [page for page in pages(board, readers) if page.path == path]
    return found


def opened(board: Board, path: str = "/maintenance.ics") -> Any:
    return vobject.readOne(shown(board, path).body.decode())


def events(board: Board, path: str = "/maintenance.ics") -> dict[str, Any]:
    calendar = opened(board, path)
    found = {one.uid.value: one for one in calendar.contents.get("vevent", [])}
    assert len(found) == len(calendar.contents.get("vevent", [])), "an id stands twice"
    return {uid.removesuffix("@status.acme.example"): one for uid, one in found.items()}


def instants(event: Any) -> tuple[datetime, datetime]:
    return event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", EVERY)
def test_every_calendar_is_read_by_others_and_to_the_letter(name: str, path: str) -> None:
    body = shown(EVERY[name], path).body
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert not [line for line in lines if len(line) > 75 or b"\n" in line or b"\r" in line]
    calendar = opened(EVERY[name], path)
    calendar.validate(raiseException=True)
    assert calendar.prodid.value
    assert calendar.vtimezone, "a calendar must have something in it, also when nothing is planned"
    assert len(events(EVERY[name], path)) == len(EVERY[name].maintenances)


def test_an_event_says_when_what_and_where_to_read_more() -> None:
    event = events(PLANNED)[AHEAD.id]
    assert event.summary.value == "Maintenance: A new home for the orders"
    assert instants(event) == (AHEAD.starts_at, AHEAD.ends_at)
    assert b"\r\nDTSTART;TZID=Europe/Rome:20261129T010000\r\n" in shown(PLANNED).body
    assert event.description.value == (
        "We move the orders to a faster database.\n\nOrders placed before are safe.\n\n"
        "Parts affected: Shop and Payments"
    )
    assert event.url.value == f"https://status.acme.example/maintenances/{AHEAD.id}"
    assert event.status.value == "CONFIRMED"
    assert event.transp.value == "TRANSPARENT", "nobody else is busy with it"
    italian = events(PLANNED, "/it/maintenance.ics")[AHEAD.id]
    assert italian.summary.value == "Manutenzione: Una nuova casa per gli ordini"
    assert italian.url.value == f"https://status.acme.example/it/maintenances/{AHEAD.id}"


def test_it_says_how_often_to_look_again_and_is_no_message_between_calendars() -> None:
    lines = shown(PLANNED).body.decode().split("\r\n")
    for line in (
        "VERSION:2.0",
        "NAME:Acme: planned maintenance",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    ):
        assert line in lines
    assert not [line for line in lines if line.startswith("METHOD")]


def test_what_becomes_of_it_raises_its_sequence_under_the_same_id() -> None:
    told = events(PLANNED)
    assert [told[one.id].sequence.value for one in (AHEAD, UNDER_WAY)] == ["0", "1"]
    assert told[UNDER_WAY.id].uid.value == f"{UNDER_WAY.id}@status.acme.example"


def test_what_was_cancelled_is_marked_so_where_calendars_look_and_where_they_do_not() -> None:
    event = events(PLANNED)[CANCELLED.id]
    assert event.status.value == "CANCELLED"
    assert event.sequence.value == "1"
    assert event.summary.value == "Cancelled: Maintenance: A new home for the orders"
    assert instants(event) == (CANCELLED.starts_at, CANCELLED.ends_at)


def test_what_ended_early_ends_early_and_what_is_long_over_is_gone() -> None:
    early = replace(MAINTENANCE_OVER, ended_at=MAINTENANCE_OVER.starts_at + timedelta(minutes=9))
    start, end = instants(events(board(maintenances=(early,)))[early.id])
    assert end - start == timedelta(minutes=9)
    for view in (MAINTENANCE_OVER, CANCELLED):
        recent = replace(view, ended_at=NOW - timedelta(days=89))
        gone = replace(view, ended_at=NOW - timedelta(days=91), id="g1n2b3v4c5x6")
        assert set(events(board(maintenances=(recent, gone)))) == {view.id}


def test_one_that_lasted_no_second_has_no_end_before_its_beginning() -> None:
    at_once = replace(MAINTENANCE_OVER, ended_at=MAINTENANCE_OVER.starts_at)
    event = events(board(maintenances=(at_once,)))[at_once.id]
    assert "dtend" not in event.contents


def nights(*begins: datetime) -> tuple[OccurrenceView, ...]:
    return tuple(
        OccurrenceView(f"n{n:011d}", at, at + timedelta(hours=3)) for n, at in enumerate(begins)
    )


def test_a_series_is_told_night_by_night_with_what_is_known() -> None:
    later = nights(*(EVERY_SUNDAY.starts_at + timedelta(weeks=n) for n in (1, 2)))
    told = events(board(maintenances=(replace(EVERY_SUNDAY, later=later),)))
    assert set(told) == {EVERY_SUNDAY.id, *(night.id for night in later)}
    for night in later:
        assert instants(told[night.id]) == (night.starts_at, night.ends_at)
        assert told[night.id].sequence.value == "0"
        assert told[night.id].summary.value == "Maintenance: Search"
        assert told[night.id].url.value.endswith(EVERY_SUNDAY.id), "it has no page of its own yet"
    assert "Repeats every week (Sunday)" in told[EVERY_SUNDAY.id].description.value


CHANGES = (
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),  # 02:00 becomes 03:00
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),  # 03:00 becomes 02:00
)


def around(change: datetime) -> Iterator[datetime]:
    return (change + timedelta(minutes=minutes) for minutes in range(-150, 151, 15))


@pytest.mark.parametrize("change", CHANGES)
def test_across_a_change_of_the_clock_every_moment_is_the_right_one(change: datetime) -> None:
    later = nights(*around(change))
    told = events(board(maintenances=(replace(EVERY_SUNDAY, later=later),)))
    for night in later:
        assert instants(told[night.id]) == (night.starts_at, night.ends_at)


def test_the_zone_changes_when_the_clock_does() -> None:
    """For a program that knows no Rome: onsets are written as the wall showed them before."""
    year = nights(datetime(2027, 6, 1, tzinfo=UTC))
    body = shown(board(maintenances=(replace(AHEAD, later=year),))).body.decode()
    zone = body[body.index("BEGIN:VTIMEZONE") : body.index("END:VTIMEZONE")]
    onsets = re.findall(r"BEGIN:(\w+)\r\nDTSTART:(\S+)\r\n.*?TO:(\S+)", zone, re.DOTALL)
    assert [(name, at, to) for name, at, to in onsets if not at.startswith("2025")] == [
        ("DAYLIGHT", "20260329T020000", "+0200"),
        ("STANDARD", "20261025T030000", "+0100"),
        ("DAYLIGHT", "20270328T020000", "+0200"),
        ("STANDARD", "20271031T030000", "+0100"),
    ]


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_every_zone_can_be_told(zone: str) -> None:
    site = replace(PLANNED.site, time_zone=zone)
    told = events(replace(PLANNED, site=site))
    assert instants(told[AHEAD.id]) == (AHEAD.starts_at, AHEAD.ends_at)


@pytest.mark.parametrize("calm", [CALM, PLANNED])
def test_a_copy_stays_good_while_nothing_changes(calm: Board) -> None:
    at = NOW + timedelta(hours=5)
    later = replace(calm, revision=9, composed_at=at, looked_at=at)
    assert [shown(later, path) for path in PATHS] == [shown(calm, path) for path in PATHS]
    assert dict(shown(PLANNED).headers)["Last-Modified"] == "Sat, 21 Nov 2026 13:22:40 GMT"


def test_nothing_planned_is_a_calendar_too() -> None:
    assert events(EMPTY) == {}
    assert shown(EMPTY).media_type == "text/calendar"


NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from(',;:\\"\r\n\t\x00\x0b\x85\u2028\ud800<&é\U0001f600N'), st.characters()
    ),
    max_size=90,
)


@settings(deadline=None, max_examples=150)
@given(NASTY, NASTY)
def test_whatever_was_written_stays_in_its_line(name: str, body: str) -> None:
    nasty = board(maintenances=(replace(AHEAD, name=name, body=body),))
    lines = re.split(rb"\r\n(?![ \t])", shown(nasty).body)
    names = [re.split(rb"[:;]", line)[0] for line in lines if line]
    calm = re.split(rb"\r\n(?![ \t])", shown(board(maintenances=(AHEAD,))).body)
    assert names == [re.split(rb"[:;]", line)[0] for line in calm if line]
    assert set(events(nasty)) == {AHEAD.id}
