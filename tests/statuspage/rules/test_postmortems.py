"""Is a postmortem owed, by when, and which reminder comes when?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from statuspage.rules.postmortems import (
    Action,
    Credit,
    Learned,
    Reminder,
    faults,
    kept,
    owed_by,
    reminder,
)
from statuspage.tables import Incident

OVER = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WITHIN = 5 * DAY


def incident(**changed: Any) -> Incident:
    usual: dict[str, Any] = {
        "id": "inc1",
        "impact": "critical",
        "status": "resolved",
        "resolved_at": OVER,
    }
    times: dict[str, Any] = dict.fromkeys(
        ("started_at", "noticed_at", "created_at", "updated_at"), OVER
    )
    return Incident(**times | usual | changed)


@pytest.mark.parametrize(
    ("changed", "owed"),
    [
        ({}, True),
        ({"impact": "major"}, True),
        ({"impact": "minor"}, False),
        ({"impact": "none"}, False),
        ({"resolved_at": None, "status": "monitoring"}, False),
        ({"false_alarm": True}, False),
        ({"withdrawn_at": OVER}, False),
        ({"status": "postmortem"}, False),
        ({"automatic": True, "resolved_by": "machine"}, True),
    ],
)
def test_what_hurt_and_is_over_is_owed_an_answer(changed: dict[str, Any], owed: bool) -> None:
    assert owed_by(incident(**changed), WITHIN) == (OVER + WITHIN if owed else None)


@pytest.mark.parametrize(
    ("within", "after", "which"),
    [
        (WITHIN, timedelta(0), None),
        (WITHIN, 2.5 * DAY - timedelta(seconds=1), None),
        (WITHIN, 2.5 * DAY, Reminder.HALF_WAY),
        (WITHIN, 4 * DAY - timedelta(seconds=1), Reminder.HALF_WAY),
        (WITHIN, 4 * DAY, Reminder.DAY_BEFORE),
        (WITHIN, 5 * DAY, Reminder.LATE),
        (WITHIN, 12 * DAY - timedelta(seconds=1), Reminder.LATE),
        (WITHIN, 12 * DAY, None),
        (2 * DAY, DAY, Reminder.HALF_WAY),
        (DAY, DAY / 2, Reminder.HALF_WAY),
        (DAY, DAY, Reminder.LATE),
        (timedelta(seconds=2), timedelta(seconds=1), Reminder.HALF_WAY),
    ],
)
def test_reminders_come_in_their_turn(
    within: timedelta, after: timedelta, which: Reminder | None
) -> None:
    assert reminder(OVER, OVER + within, OVER + after) is which


@pytest.mark.parametrize(
    ("before", "after", "numbers"),
    [
        ({}, ["a", "b"], [None, None]),
        ({1: "a", 2: "b"}, ["a", "b"], [1, 2]),
        ({1: "a", 2: "b"}, ["b", "a"], [2, 1]),
        ({1: "a", 2: "b"}, ["new", "a", "b"], [None, 1, 2]),
        ({1: "a", 2: "b"}, ["A", "b"], [1, 2]),
        ({1: "a", 2: "b", 5: "c"}, ["a", "c"], [1, 5]),
        ({1: "a", 2: "a"}, ["a", "a"], [1, 2]),
        ({1: "a"}, [], []),
        ({3: "a", 4: "b"}, ["b", "c"], [4, None]),
    ],
)
def test_a_corrected_list_keeps_the_marks_of_what_was_there(
    before: dict[int, str], after: list[str], numbers: list[int | None]
) -> None:
    assert kept(before, after) == numbers


def test_each_field_that_is_wrong_is_named() -> None:
    said = Learned(
        what_happened="-",
        what_we_did="-",
        how_we_prevent_it="-",
        language="de",
        translations={"fr": {}},
        actions=[Action("-", date(2026, 12, 1), {"it": "-", "es": "-"})],
        credit=Credit("applied", "-", {"pt": "-"}),
    )
    assert [fault.loc for fault in faults(said, ["en", "it"])] == [
        ("body", "language"),
        ("body", "translations", "fr"),
        ("body", "actions", 0, "translations", "es"),
        ("body", "credit", "translations", "pt"),
    ]
