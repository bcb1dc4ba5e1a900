"""Does a page read the same, whether it was rendered now or at the last moment that mattered?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from notifications.language import load
from statuspage.pages import (
    component,
    feed,
    history,
    how_we_do,
    incident,
    maintenance,
    notice,
    render,
    statuspage_v2,
)
from statuspage.pages.again import Again
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board
from tests.statuspage.pages.boards import CODES, EVERY, NOW, SITE

FAMILIES = (
    component,
    feed,
    history,
    how_we_do,
    incident,
    maintenance,
    notice,
    statuspage_v2,
)
SECOND = timedelta(seconds=1)
PROMISED = NOW + timedelta(minutes=23)
WAITS = {
    "now": timedelta(0),
    "a look later": timedelta(seconds=15),
    "as the promise falls due": PROMISED - NOW,
    "just after": PROMISED - NOW + SECOND,
    "at midnight": datetime(2026, 11, 23, 23, tzinfo=UTC) - NOW,
    "the next day": timedelta(days=1),
    "as what we learned is due": timedelta(days=2),
    "just after that": timedelta(days=2) + SECOND,
    "in the new year": timedelta(days=45),
    "when 90 days are over": timedelta(days=90),
}


@pytest.mark.parametrize("name", EVERY)
def test_at_any_hour_a_page_is_what_it_would_be_if_all_were_rendered_anew(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = [_later(EVERY[name], wait) for wait in WAITS.values()]
    remembered = [render(board, CODES) for board in boards]
    with monkeypatch.context() as anew:
        anew.setattr(Again, "__call__", _made)
        anew.setattr(Reader, "steady", lambda self, *_: self)
        anew.setattr(Reader, "by_day", property(lambda self: self))
        for family in FAMILIES:
            anew.setattr(family, "steady", lambda _, reader: reader)
        rendered = [render(board, CODES) for board in boards]
    for wait, before, after in zip(WAITS, remembered, rendered, strict=True):
        assert before == after, wait


def test_a_reader_is_the_same_until_something_changes() -> None:
    due = NOW + timedelta(hours=1)
    early, later = (_reader(NOW + wait).steady(due, None) for wait in (SECOND, 59 * 60 * SECOND))
    assert early == later
    assert _reader(due).steady(due) != early
    assert _reader(due + SECOND).steady(due) not in (early, _reader(due).steady(due))
    assert _reader(NOW + timedelta(days=1)).steady() != _reader(NOW).steady()


def test_a_day_begins_at_the_sites_midnight_also_where_the_clock_skips_it() -> None:
    cairo = replace(SITE, time_zone="Africa/Cairo")
    reader = Reader(load("en"), cairo, CODES, datetime(2026, 4, 23, 22, 30, tzinfo=UTC))
    began = reader.steady().today
    assert began == datetime(2026, 4, 23, 22, tzinfo=UTC), (
        "it is 01:00 there, and there was no 0:00"
    )
    assert began <= reader.today


def _later(board: Board, wait: timedelta) -> Board:
    at = board.composed_at + wait
    return replace(board, composed_at=at, looked_at=board.looked_at and at)


def _reader(today: datetime) -> Reader:
    return Reader(load("en"), SITE, CODES, today)


def _made(self: Again[object, object, object], asked: dict[object, object]) -> dict[object, object]:
    return {key: self._make(given) for key, given in asked.items()}
