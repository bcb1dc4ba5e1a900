"""What do we know of when one incident was told, and of 90 days taken together?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from statuspage.rules.fanouts import Fanout, Told
from statuspage.rules.how_told import Owed, told_view
from statuspage.rules.lately import Case, Lately, Spread, case, lately, spread
from statuspage.tables import Incident, Update

BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
OVER = BEGAN + HOUR
WITHIN = 5 * DAY
NOW = BEGAN + 10 * DAY


def incident(**changed: Any) -> Incident:
    usual: dict[str, Any] = {
        "id": "inc1",
        "automatic": True,
        "impact": "critical",
        "status": "resolved",
        "started_at": BEGAN,
        "noticed_at": BEGAN + 11 * SECOND,
        "created_at": BEGAN + 11 * SECOND,
        "updated_at": OVER,
        "shown_at": BEGAN + 12 * SECOND,
        "resolved_at": OVER,
    }
    return Incident(**usual | changed)


def word(n: int, at: datetime, status: str = "resolved", of: str = "inc1") -> Update:
    return Update(incident_id=of, n=n, at=at, status=status, by="human")


def went(first_s: float | None, due_at: datetime | None, of: str = "inc1") -> Told:
    return Told(of, 1, BEGAN, Fanout(sent=1, first_s=first_s), due_at)


def test_the_first_letter_is_the_first_that_a_relay_took_whatever_was_said_first() -> None:
    rounds = [
        went(400, BEGAN + 300 * SECOND),
        went(2, BEGAN + 600 * SECOND),
        went(0.5, None),
        went(None, BEGAN),
        went(1, BEGAN, of="another"),
    ]
    told = told_view(incident(), [], rounds, WITHIN)
    assert told.first_letter_at == BEGAN + 602 * SECOND
    assert told_view(incident(), [], [], WITHIN).first_letter_at is None


@pytest.mark.parametrize(
    ("changed", "said", "owed"),
    [
        ({}, [], Owed(OVER + WITHIN, None)),
        ({}, [word(4, OVER)], Owed(OVER + WITHIN, None)),
        ({}, [word(4, OVER + DAY, "postmortem")], Owed(OVER + WITHIN, OVER + DAY)),
        (
            {"status": "postmortem"},
            [word(5, OVER + 9 * DAY, "postmortem"), word(4, OVER + 8 * DAY, "postmortem")],
            Owed(OVER + WITHIN, OVER + 8 * DAY),
        ),
        ({"impact": "minor"}, [word(4, OVER + DAY, "postmortem")], None),
        ({"false_alarm": True}, [], None),
        ({"resolved_at": None, "status": "monitoring"}, [], None),
    ],
)
def test_what_was_owed_of_what_we_learned_and_when_it_was_said(
    changed: dict[str, Any], said: list[Update], owed: Owed | None
) -> None:
    assert told_view(incident(**changed), said, [], WITHIN).learned == owed


def test_what_is_owed_is_late_from_the_moment_on_that_it_was_promised_for() -> None:
    assert not Owed(OVER, OVER).is_late(NOW)
    assert Owed(OVER, OVER + SECOND).is_late(OVER)
    assert not Owed(OVER, None).is_late(OVER)
    assert Owed(OVER, None).is_late(OVER + SECOND)


@pytest.mark.parametrize(
    ("seconds", "measured"),
    [
        ([], None),
        ([7], Spread(1, 7, 7)),
        ([9, 1], Spread(2, 1, 9)),
        ([5, 1, 900], Spread(3, 5, 900)),
        ([-3], Spread(1, 0, 0)),
    ],
)
def test_half_by_nearest_rank_and_always_the_worst(
    seconds: list[float], measured: Spread | None
) -> None:
    assert spread(timedelta(seconds=one) for one in seconds) == measured


def counted(*told: Case, rounds: tuple[Fanout, ...] = (), known: timedelta = 400 * DAY) -> Lately:
    return lately(told, rounds, NOW - known, NOW)


def test_what_the_checks_saw_and_what_a_person_reported_are_told_apart() -> None:
    by_checks = case(incident(), [], WITHIN)
    by_hand = case(incident(automatic=False, noticed_at=BEGAN + HOUR), [], WITHIN)
    told = counted(by_checks, replace(by_hand, shown_at=BEGAN + HOUR + 4 * SECOND))
    assert (told.incidents, told.reported) == (2, 1)
    assert told.noticed == Spread(1, 11, 11)
    assert told.shown == Spread(2, 1, 4)


def test_a_false_alarm_counts_as_one_and_makes_no_time_better() -> None:
    real = Case(BEGAN, BEGAN + 60 * SECOND, True, BEGAN + 62 * SECOND)
    told = counted(real, replace(real, noticed_at=BEGAN, shown_at=BEGAN, false_alarm=True))
    assert (told.incidents, told.false_alarms) == (2, 1)
    assert told.noticed == Spread(1, 60, 60)
    assert told.shown == Spread(1, 2, 2)


def test_what_was_not_measured_is_not_counted() -> None:
    told = counted(Case(BEGAN, BEGAN + SECOND, True), rounds=(Fanout(queued=3), Fanout()))
    assert told.shown is None
    assert (told.half, told.last, told.letters) == (None, None, 0)


def test_of_words_sent_each_figure_has_its_own_middle_and_its_own_worst() -> None:
    one = Fanout(sent=100, p50_s=3, p95_s=9, last_s=40)
    two = Fanout(sent=90, p50_s=5, p95_s=7, last_s=7)
    told = counted(rounds=(one, two))
    assert (told.half, told.most, told.last) == (Spread(2, 3, 5), Spread(2, 7, 9), Spread(2, 7, 40))
    assert told.letters == 190


def test_it_counts_from_when_we_began_to_look() -> None:
    assert counted(known=3 * DAY).since == NOW - 3 * DAY
    assert counted().since == NOW - 90 * DAY


def test_each_case_has_its_own_postmortem() -> None:
    words = [word(4, OVER + DAY, "postmortem", of="another")]
    assert case(incident(), words, WITHIN).learned == Owed(OVER + WITHIN, None)
    assert case(incident(id="another"), words, WITHIN).learned == Owed(OVER + WITHIN, OVER + DAY)
