"""Do facts come back from the store as they went in?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from notifications.facts import (
    Affected,
    Facts,
    IncidentFacts,
    Merged,
    Noticed,
    Over,
    Planned,
    Said,
    Worded,
    Words,
    freeze,
    thaw,
)
from notifications.personal_facts import Confirm
from tests.notifications.examples import EXAMPLES, PLANNED

AT = datetime(2026, 11, 23, 13, 2, tzinfo=UTC)
SHOP = Affected(name="Shop", when_down={"en": "You cannot place orders."})
INCIDENT = IncidentFacts(
    id="abcdefghij12",
    url="https://status.acme.example/incidents/abcdefghij12",
    started_at=AT,
    impact="critical",
    affected=(SHOP,),
)
SAID = Said(
    words=Words(what_happened="A.", what_we_are_doing="B."),
    language="en",
    translations={"it": Words(what_happened="C.", what_we_are_doing="D.", how_we_prevent_it="E.")},
)
NOTICED = Noticed(incident=INCIDENT, acknowledged=False, next_word_at=AT, said_at=AT)
WORDED = Worded(incident=INCIDENT, status="identified", said=SAID, said_at=AT)
OVER = Over(incident=INCIDENT, ended_at=AT, automatic=True, said_at=AT)


@pytest.mark.parametrize(
    "facts",
    [
        Confirm(expires_at=AT, text_version="2026-11", components=("Shop",)),
        NOTICED,
        WORDED,
        OVER,
        Over(incident=INCIDENT, ended_at=AT, automatic=False, said_at=AT, said=SAID),
        *(example for example in EXAMPLES.values() if isinstance(example, Planned)),
        Merged(parts=(NOTICED, WORDED, OVER, PLANNED)),
    ],
    ids=lambda facts: facts.occasion,
)
def test_every_occasion_survives_json(facts: Facts) -> None:
    assert thaw(json.loads(json.dumps(freeze(facts)))) == facts


def test_times_become_utc_whatever_offset_they_came_with() -> None:
    rome = timezone(timedelta(hours=1))
    facts = Confirm(expires_at=AT.astimezone(rome), text_version="1")
    assert facts.expires_at.utcoffset() == timedelta(0)
    assert freeze(facts)["expires_at"] == "2026-11-23T13:02:00Z"


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValidationError):
        Confirm(expires_at=AT.replace(tzinfo=None), text_version="1")


@pytest.mark.parametrize("frozen", [{}, {"occasion": "party"}, {"occasion": "noticed"}])
def test_what_was_never_frozen_does_not_thaw(frozen: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        thaw(frozen)


def test_a_merged_letter_has_at_least_one_part() -> None:
    with pytest.raises(ValidationError):
        Merged(parts=())
