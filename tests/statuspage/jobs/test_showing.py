"""Is it known when the page first said so, and is the page told of 90 days in time?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from statuspage.actions import how_told
from statuspage.jobs.publish import Publish
from statuspage.tables import Incident
from tests.statuspage.jobs.night import Night


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    await made.publish.tick(made.now)
    yield made
    await made.publish.close()
    await made.end()


async def breaks(night: Night) -> None:
    await night.sees(db="xx", shop="55")


def shown(night: Night, path: str) -> str:
    return night.premises.memory.pages[path][0].page.body.decode()


async def test_the_first_time_is_noted_and_stands_on_the_page(night: Night) -> None:
    await breaks(night)
    night.later(seconds=2)
    noticed, at = (await night.the_incident()).noticed_at, night.now
    await night.publish.tick(at)
    assert (await night.the_incident()).shown_at == at
    night.later(seconds=30)
    await night.publish.tick(night.now)
    incident = await night.the_incident()
    assert incident.shown_at == at, "later it is shown still, and not anew"
    after = round((at - noticed).total_seconds())
    assert f"The page said so {after} seconds later." in shown(
        night, f"/en/incidents/{incident.id}"
    )


async def test_of_two_processes_the_first_counts(night: Night) -> None:
    await breaks(night)
    first = night.now
    await night.publish.tick(first)
    night.later(seconds=7)
    another = Publish(night.premises)
    await another.tick(night.now)
    await another.close()
    assert (await night.the_incident()).shown_at == first


async def test_a_store_that_takes_nothing_costs_no_page_and_no_time(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OperationalError("UPDATE", {}, ConnectionRefusedError())

    await breaks(night)
    at = night.now
    with monkeypatch.context() as broken:
        broken.setattr(how_told, "note_shown", away)
        with pytest.raises(OperationalError):
            await night.publish.tick(night.now)
    incident = await night.the_incident()
    assert f"/en/incidents/{incident.id}" in night.premises.memory.pages
    assert incident.shown_at is None
    night.later(seconds=20)
    await night.publish.tick(night.now)
    assert (await night.the_incident()).shown_at == at, "the time that was right"


async def test_of_what_was_over_before_we_began_nothing_is_claimed(night: Night) -> None:
    await breaks(night)
    async with night.store.write() as session:
        row = await session.get_one(Incident, (await night.the_incident()).id)
        row.status, row.resolved_at = "resolved", night.now
    later = Publish(night.premises)
    night.later(seconds=1)
    await later.tick(night.now)
    await later.close()
    assert (await night.the_incident()).shown_at is None


async def test_ninety_days_are_counted_within_a_minute(night: Night) -> None:
    """And behind what is shown: the next rendering, seconds later, has it."""

    async def shows_next() -> None:
        await night.publish.tick(night.now)
        night.later(seconds=5)
        await night.publish.tick(night.now)

    assert "Nothing has happened in that time" in shown(night, "/en/how-we-do")
    await breaks(night)
    night.later(minutes=1)
    await shows_next()
    assert "There was 1 incident." in shown(night, "/en/how-we-do")
    night.now += timedelta(days=91)
    await shows_next()
    assert "Nothing has happened in that time" in shown(night, "/en/how-we-do")


async def test_what_concerns_no_visitor_or_was_taken_back_is_not_counted(night: Night) -> None:
    async def counted() -> int:
        async with night.store.read() as session:
            told = await how_told.of_the_last(session, night.settings, night.now)
        return told.incidents

    await night.sees(db="xx")
    incident = await night.the_incident()
    assert (await night.board()).open_incidents == ()
    assert await counted() == 0, "it names an internal system alone"
    await night.sees(shop="55")
    assert await counted() == 1
    async with night.store.write() as session:
        row = await session.get_one(Incident, incident.id)
        row.withdrawn_at = night.now
    assert await counted() == 0
