"""Is every change remarked, once, with the seconds since the switch?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from statuspage.demo.timeline import KEPT, STATUS_WORDS, TONES, Sight, Timeline, changes
from statuspage.vocabulary import Status

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WELL = Sight(components={"Shop": "operational"})


@pytest.mark.parametrize(
    ("after", "remarked"),
    [
        (WELL, []),
        (replace(WELL, database=False), [("The database refuses connections.", "down")]),
        (replace(WELL, shop=500), [("The shop's health check answers 500.", "down")]),
        (replace(WELL, shop=None), [("The shop's server is gone.", "down")]),
        (
            replace(WELL, components={"Shop": "degraded_performance"}),
            [("The page shows Shop: Slow or unsteady.", "slow")],
        ),
        (replace(WELL, components={"Shop": "operational", "New": "major_outage"}), []),
        (
            replace(WELL, said={"a": ("investigating", "We noticed.")}),
            [("The page says (investigating): We noticed.", "said")],
        ),
    ],
)
def test_what_differs_is_remarked(after: Sight, remarked: list[tuple[str, str]]) -> None:
    assert list(changes(WELL, after)) == remarked


def test_what_was_said_before_is_not_remarked_again() -> None:
    before = replace(WELL, said={"a": ("investigating", "We noticed.")})
    after = replace(before, said={**before.said, "b": ("resolved", "It is over.")})
    assert [text for text, _ in changes(before, after)] == ["The page says (resolved): It is over."]


def test_recovering_is_remarked_in_green() -> None:
    broken = Sight(database=False, shop=None, shut=True, components={"Shop": "major_outage"})
    assert {tone for _, tone in changes(broken, WELL)} == {"ok"}


def test_seconds_count_from_the_last_switch() -> None:
    timeline = Timeline()
    timeline.look(WELL, NOON)
    timeline.begin("You broke the database", NOON)
    timeline.look(replace(WELL, database=False), NOON + timedelta(seconds=1.5))
    timeline.begin("You mended it", NOON + timedelta(seconds=10))
    timeline.look(WELL, NOON + timedelta(seconds=12))
    told = [(one.title, [event.after for event in one.events]) for one in timeline.chapters]
    assert told == [
        ("You mended it", [timedelta(seconds=2)]),
        ("You broke the database", [timedelta(seconds=1.5)]),
    ]


def test_before_the_first_switch_there_is_no_story() -> None:
    timeline = Timeline()
    timeline.look(WELL, NOON)
    timeline.look(replace(WELL, database=False), NOON)
    assert timeline.chapters == []


def test_old_chapters_make_room() -> None:
    timeline = Timeline()
    for n in range(KEPT + 3):
        timeline.begin(str(n), NOON)
    assert [one.title for one in timeline.chapters] == [str(n) for n in range(KEPT + 2, 2, -1)]


def test_every_status_has_its_word_and_colour() -> None:
    assert set(STATUS_WORDS) == set(TONES) == {status.value for status in Status}
