"""What do customers get of a target that comes and goes, of a false alarm, of a correction?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statuspage.rules.uptime import Span, availability, outages
from statuspage.tables import Incident, Share, Update
from statuspage.vocabulary import Phase
from tests.servers.smtp import Relay
from tests.statuspage.jobs.correspondence import ANNA, PAUL, Correspondence
from tests.statuspage.jobs.operator import says
from tests.statuspage.jobs.test_promises import NINE_IN_THE_MORNING, ROME


@pytest.fixture
async def day(sqlite_url: str, tmp_path: Path, smtp: Relay) -> AsyncIterator[Correspondence]:
    made = await Correspondence(sqlite_url, tmp_path, smtp, site=ROME).begin()
    made.now = NINE_IN_THE_MORNING
    yield made
    await made.end()


async def test_a_target_that_comes_and_goes_for_two_hours_is_no_letter_each_time(
    day: Correspondence,
) -> None:
    for _ in range(60):
        await day.sees(blog="xx")
        await day.passes(minutes=1)
        await day.sees(blog="..")
        await day.passes(minutes=1)
    assert len(await day.letters()) <= 1, await day.subjects()
    assert len(await day.incidents()) == 1
    for _ in range(3):
        await day.passes(minutes=6)
        await day.sees(db="..", shop="..", blog="..")
    assert (await day.the_incident()).resolved_at is not None
    assert len(await day.letters()) <= 2, await day.subjects()


async def test_a_false_alarm_is_owned_up_to_before_those_who_were_told(
    day: Correspondence,
) -> None:
    await day.sees(db="xx", shop="55")
    began = day.now
    await day.passes(minutes=6)
    await day.subscribes("late@example.org")
    assert len(await day.letters()) == 1
    await says(
        day, status=Phase.RESOLVED, false_alarm=True, what_happened="Our checks asked wrongly."
    )
    await day.passes(minutes=1)
    _, mistake = await day.letters()
    assert mistake.subject == "Shop: a false alarm, our mistake"
    assert "That was our mistake: nothing was wrong." in " ".join(mistake.text.split())
    assert "un nostro errore" in (await day.letters(ANNA))[-1].text
    assert await day.letters("late@example.org") == []

    told = list(
        outages(
            "shop",
            await day.rows(Incident),
            await day.rows(Share),
            await day.rows(Update),
            day.now,
        )
    )
    found = availability(Span(began, day.now), [Span(began, day.now)], told)
    assert found.percent == 100
    assert found.false_alarms.total_seconds() > 300, "marked, and counted apart"


async def test_a_correction_is_a_letter_to_those_who_got_the_wrong_word(
    day: Correspondence,
) -> None:
    await day.sees(db="xx", shop="55")
    wrong = await says(day, what_happened="A disk is full.", what_we_are_doing="We make room.")
    await day.passes(minutes=1)
    await day.subscribes("late@example.org")
    await says(day, corrects=wrong.n, what_happened="A cable is cut.")
    await day.passes(minutes=1)
    first, correction = await day.letters(PAUL)
    assert correction.subject.startswith("Correction: ")
    assert "A cable is cut." in correction.text
    assert "A disk is full." in correction.text, "customers see what was changed"
    assert correction.message["References"] == first.message["References"]
    assert await day.letters("late@example.org") == []
    (told,) = (await day.board()).open_incidents
    assert told.latest_words is not None
    assert told.latest_words.what_happened == "A cable is cut."
