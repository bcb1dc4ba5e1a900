"""Limits hold whatever goes wrong elsewhere, and operators hear of it once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from notifications.alarms import Alarm
from statuspage.jobs.measure import Measure
from statuspage.tables import Call
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, Town, town_settings


@pytest.fixture
def watched(town: Town, smtp: Relay) -> Town:
    hook = 'notify = ["https://hooks.acme.example/x"]'
    town.settings = town_settings(smtp.dsn, operators=hook)
    return town


async def at_once(alarm: Alarm) -> None:
    raise AssertionError(f"not asked for: {alarm}")


async def calls(town: Town) -> list[dict[str, Any]]:
    async with town.store.read() as session:
        return [
            row.facts for row in await session.scalars(sa.select(Call).order_by(sa.column("id")))
        ]


async def gone_wild(town: Town, *words: int) -> None:
    """Something announces a word a minute, each about another incident."""
    for n in words:
        await town.incident(f"inc{n}")
        await town.tell(f"Word {n}.", f"inc{n}")
        await town.mail()
        town.at += MINUTE


async def test_operators_are_called_once_when_letters_begin_to_be_held_back(
    watched: Town, smtp: Relay
) -> None:
    town, measure = watched, Measure(watched.premises, at_once)
    await town.crowd(3)
    await gone_wild(town, 1, 2, 3, 4)
    await measure.tick(town.at)
    assert await calls(town) == []
    await gone_wild(town, 5)
    await measure.tick(town.at)
    (call,) = await calls(town)
    assert (call["occasion"], call["customers"], call["per_hour"]) == ("held_back", 3, 4)
    assert "avviso_letters_held_back 3.0" in town.room.metrics.exposition().decode()
    await gone_wild(town, 6, 7)
    await measure.tick(town.at)
    await Measure(town.premises, at_once).tick(town.at)  # after a restart
    assert len(await calls(town)) == 1
    assert Counter(letter.recipient for letter in smtp.letters).most_common(1)[0][1] == 4


async def test_the_next_time_is_another_occasion(watched: Town, smtp: Relay) -> None:
    town, measure = watched, Measure(watched.premises, at_once)
    await town.crowd(1)
    await gone_wild(town, 1, 2, 3, 4, 5)
    await measure.tick(town.at)
    town.at += HOUR
    await town.deliver()
    await measure.tick(town.at)
    assert await town.count("queued") == 0
    town.at += 2 * HOUR
    await gone_wild(town, 6, 7, 8, 9, 10)
    await measure.tick(town.at)
    assert [call["occasion"] for call in await calls(town)] == ["held_back", "held_back"]


async def test_a_letter_that_was_held_back_says_so_until_it_leaves(
    watched: Town, smtp: Relay
) -> None:
    town = watched
    await town.crowd(1)
    await gone_wild(town, 1, 2, 3, 4, 5)
    (waits,) = [one for one in await town.deliveries() if one.state == "queued"]
    assert (waits.reason or "").startswith("held back: ")
    assert waits.attempts == 0
    town.at += HOUR
    await town.deliver()
    assert len(smtp.letters) == 5
    assert {one.reason for one in await town.deliveries()} == {None}


async def test_a_crowd_is_held_back_as_one_person_is(watched: Town, smtp: Relay) -> None:
    town = watched
    town.room.limits = replace(town.room.limits, per_hour=1)
    await town.crowd(120)
    await gone_wild(town, 1, 2, 3, 4)
    assert set(Counter(letter.recipient for letter in smtp.letters).values()) == {1}
    town.at += HOUR
    await town.deliver()
    per_reader = Counter(letter.recipient for letter in smtp.letters)
    assert (len(per_reader), set(per_reader.values())) == (120, {2})
    last = [letter for letter in smtp.letters[-120:] if "Word 4." in letter.text]
    assert len(last) == 120
    assert all("Word 2." in letter.text for letter in last)
