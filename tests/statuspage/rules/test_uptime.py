"""Is the time that a component was there counted as a customer would count it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from statuspage.rules.record import record
from statuspage.rules.uptime import Outage, Span, availability, maintained, outages
from statuspage.tables import Incident, Maintenance, Share, Update

DAY = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return DAY + hours * HOUR


def span(begins: float, ends: float) -> Span:
    return Span(at(begins), at(ends))


def out(begins: float, ends: float, *, id: str = "a", false_alarm: bool = False) -> Outage:
    return Outage(id, span(begins, ends), false_alarm)


WINDOW = span(0, 100)
ALWAYS = [WINDOW]


@pytest.mark.parametrize(
    ("name", "watched", "known", "excluded", "percent"),
    [
        ("calm", ALWAYS, [], [], 100.0),
        ("one hour in a hundred", ALWAYS, [out(10, 11)], [], 99.0),
        ("two incidents tell of one hour", ALWAYS, [out(10, 11), out(10.5, 11, id="b")], [], 99.0),
        ("one after the other", ALWAYS, [out(10, 11), out(11, 12, id="b")], [], 98.0),
        ("it began before", ALWAYS, [out(-5, 1)], [], 99.0),
        ("it is not over", ALWAYS, [out(99, 200)], [], 99.0),
        ("all before", ALWAYS, [out(-5, -1)], [], 100.0),
        ("a false alarm", ALWAYS, [out(10, 11, false_alarm=True)], [], 100.0),
        ("nobody looked for half of it", [span(0, 50)], [out(10, 11)], [], 98.0),
        ("an outage that no check saw", [span(0, 49)], [out(60, 61)], [], 98.0),
        ("maintenance", ALWAYS, [out(10, 20)], [span(10, 20)], 100.0),
        ("maintenance that was too long", ALWAYS, [out(10, 21)], [span(0, 20)], 98.75),
        ("maintenance in the middle", ALWAYS, [out(10, 20)], [span(12, 19)], 96.77),
        ("one second", ALWAYS, [out(10, 10 + 1 / 3600)], [], 99.99),
        ("all the time", ALWAYS, [out(0, 100)], [], 0.0),
        ("never looked", [], [], [], None),
    ],
)
def test_the_share_of_time_that_it_was_there(
    name: str, watched: list[Span], known: list[Outage], excluded: list[Span], percent: float | None
) -> None:
    assert availability(WINDOW, watched, known, excluded).percent == percent, name


def test_minutes_of_a_false_alarm_leave_it_and_are_told_beside() -> None:
    found = availability(WINDOW, ALWAYS, [out(10, 12), out(11, 14, id="b", false_alarm=True)])
    assert (found.down, found.false_alarms) == (2 * HOUR, 2 * HOUR)


def incident(**values: Any) -> Incident:
    usual = {
        "id": "a",
        "started_at": at(10),
        "noticed_at": at(10),
        "created_at": at(10),
        "updated_at": at(10),
    }
    return Incident(**{**usual, **values})


def update(n: int, when: float, *changes: tuple[str, str], **values: Any) -> Update:
    told = [{"component_id": id, "old": "operational", "new": new} for id, new in changes]
    return Update(
        incident_id="a", n=n, at=at(when), status="x", by="machine", changes=told, **values
    )


SHARE = Share(incident_id="a", component_id="shop", worst="major_outage")


@pytest.mark.parametrize(
    ("name", "row", "said", "expected"),
    [
        (
            "noticed a little after it began, recovered before it was called over",
            {"resolved_at": at(13)},
            [update(1, 10.5, ("shop", "major_outage")), update(2, 12, ("shop", "operational"))],
            [span(10, 12)],
        ),
        (
            "a person's, who only said so and ended it",
            {"resolved_at": at(13)},
            [update(1, 10, ("shop", "partial_outage")), update(2, 13, ("shop", "operational"))],
            [span(10, 13)],
        ),
        ("open", {}, [update(1, 10, ("shop", "major_outage"))], [span(10, 20)]),
        ("slow only", {}, [update(1, 10, ("shop", "degraded_performance"))], []),
        (
            "slow, then out, then slow",
            {"resolved_at": at(15)},
            [
                update(1, 10, ("shop", "degraded_performance")),
                update(2, 12, ("shop", "major_outage")),
                update(3, 13, ("shop", "degraded_performance")),
            ],
            [span(12, 13)],
        ),
        (
            "failing again",
            {"resolved_at": at(15)},
            [
                update(1, 10, ("shop", "major_outage")),
                update(2, 11, ("shop", "operational")),
                update(3, 13, ("shop", "major_outage")),
                update(4, 14, ("shop", "operational")),
            ],
            [span(10, 11), span(13, 14)],
        ),
        (
            "what another component did",
            {"resolved_at": at(15)},
            [update(1, 10, ("shop", "major_outage")), update(2, 11, ("blog", "operational"))],
            [span(10, 15)],
        ),
        (
            "a word that was taken back",
            {"resolved_at": at(15)},
            [
                update(1, 10, ("shop", "partial_outage")),
                update(2, 11, ("shop", "operational"), withdrawn_at=at(11)),
            ],
            [span(10, 15)],
        ),
        ("no line says what changed", {"resolved_at": at(15)}, [update(1, 10)], [span(10, 15)]),
        ("taken back itself", {"resolved_at": at(15), "withdrawn_at": at(15)}, [], []),
    ],
)
def test_when_it_was_out_is_read_from_what_was_noted(
    name: str, row: dict[str, Any], said: list[Update], expected: list[Span]
) -> None:
    found = outages("shop", [incident(**row)], [SHARE], said, at(20))
    assert [one.span for one in found] == expected, name


def test_what_names_another_component_is_none_of_it() -> None:
    assert list(outages("blog", [incident()], [SHARE], [], at(20))) == []


def maintenance(**values: Any) -> Maintenance:
    """From the tenth hour to the twelfth."""
    usual = {
        "id": "m",
        "series_id": "m",
        "language": "en",
        "created_by": "anna",
        "components": ["shop"],
        "started_at": at(10),
        "announced_until": at(12),
    }
    return Maintenance(**{**usual, **values})


def test_work_that_was_announced_counts_neither_way_and_no_longer_than_announced() -> None:
    rows = [
        maintenance(ended_at=at(11)),
        maintenance(started_at=at(14), announced_until=at(15), ended_at=at(18)),
        maintenance(components=["blog"]),
        maintenance(started_at=None),
        maintenance(started_at=at(19), announced_until=at(30)),
    ]
    spans = list(maintained("shop", rows, at(20)))
    assert spans == [span(10, 11), span(14, 15), span(19, 20)]
    assert availability(span(0, 20), [span(0, 20)], [out(14, 18)], spans).down == 3 * HOUR


NOW = DAY + timedelta(days=200)
ONE_HOUR = Outage("a", Span(NOW - HOUR, NOW))
MONTHS = NOW - timedelta(days=150)


def told(
    *more: Outage, target: float | None = 99.9, since: datetime = MONTHS, looked: float = 1.0
) -> float | None:
    watched = [Span(NOW - looked * timedelta(days=90), NOW)]
    found = record("Shop", target, "a", since, watched, [ONE_HOUR, *more], NOW)
    return found.percent if found else None


def days_ago(days: float, *, false_alarm: bool = False) -> Outage:
    when = NOW - timedelta(days=days)
    return Outage("b", Span(when, when + HOUR), false_alarm)


def test_the_past_is_told_where_it_is_no_boasting() -> None:
    assert told() == 99.95, "this outage is counted in, and nothing is rounded up"
    assert told(target=99.96) is None, "below the target"
    assert told(target=None) is None, "no target"
    assert told(days_ago(29)) is None, "another outage in these 30 days"
    assert told(days_ago(29, false_alarm=True)) == 99.95
    assert told(days_ago(40)) == 99.9
    assert told(looked=0.9) is None, "we do not know of all of the time"
    assert told(since=NOW - timedelta(days=20)) is None, "too little history"


def test_of_less_than_its_window_it_says_since_when() -> None:
    since = NOW - timedelta(days=46)
    found = record("Shop", 99.9, "a", since, [Span(since, NOW)], [ONE_HOUR], NOW)
    assert found is not None
    assert (found.since, found.percent) == (since, 99.9)
    older = record("Shop", 99.9, "a", MONTHS, [Span(MONTHS, NOW)], [ONE_HOUR], NOW)
    assert older is not None
    assert older.since is None
