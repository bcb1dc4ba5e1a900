"""Are response times on the page soon, and is no more read for it than must be?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import measured
from statuspage.jobs import speeds
from statuspage.jobs.roll_up import roll_up
from statuspage.jobs.speeds import Speeds
from statuspage.rules.tally import Tally
from tests.statuspage.jobs.night import Night
from tests.statuspage.pages.document import Element, read


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    made.later(minutes=6)
    await roll_up(made.premises, made.now)
    yield made
    await made.publish.close()
    await made.end()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Check and minutes of each question."""
    told, questions = measured.figures, list[tuple[str, int]]()

    async def figures(
        session: AsyncSession, check_id: str, minutes: int, since: datetime
    ) -> list[tuple[datetime, Tally]]:
        questions.append((check_id, minutes))
        return await told(session, check_id, minutes, since)

    monkeypatch.setattr(measured, "figures", figures)
    return questions


def shown(night: Night) -> Element:
    page = night.premises.memory.pages["/en/components/shop"][0].page
    return read(page.body).by_id("speeds")


async def test_what_was_read_stands_on_the_page_with_the_next_rendering(night: Night) -> None:
    await night.publish.tick(night.now)
    assert not shown(night).all("svg")
    await night.publish.speeds.read_on(night.now)
    night.later(seconds=5)
    await night.publish.tick(night.now)
    told = shown(night)
    assert len(told.all("svg")) == 3
    said = [one.text for one in told.all("p")[1:]]
    assert said == ["Half of the answers came within 3 ms, 95 % within 3 ms."] * 3
    assert "/en/components/db" not in night.premises.memory.pages, "it is not public"


async def test_a_day_is_read_every_five_minutes_and_the_rest_every_hour(
    night: Night, asked: list[tuple[str, int]]
) -> None:
    known = Speeds(night.premises)
    await known.read_on(night.now)
    assert asked == [(id, n) for n in (5, 60, 1440) for id in ("shop", "blog")]
    asked.clear()
    night.later(minutes=4)
    await known.read_on(night.now)
    assert asked == []
    night.later(minutes=1)
    await known.read_on(night.now)
    assert asked == [("shop", 5), ("blog", 5)]
    night.later(minutes=55)
    await known.read_on(night.now)
    assert sorted(asked[2:]) == sorted((id, n) for n in (5, 60, 1440) for id in ("shop", "blog"))


async def test_only_a_few_are_read_at_a_time_and_none_is_forgotten(
    night: Night, asked: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speeds, "AT_ONCE", 1)
    known = Speeds(night.premises)
    for n in range(1, 7):
        assert await known.read_on(night.now) == speeds.SOON
        night.now += timedelta(seconds=5)
        assert len(asked) == n
    assert len(set(asked)) == 6
    assert await known.read_on(night.now) is None, "nothing is left to be read"
    assert [one.name for one in known.of_all["blog"]] == ["day", "week", "quarter"]
    night.later(minutes=5)
    await known.read_on(night.now)
    assert asked[6:] == [("shop", 5)]
