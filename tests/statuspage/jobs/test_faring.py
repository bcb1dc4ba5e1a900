"""Do the bars show what happened, with the change itself, and of the past only what was?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import components, fared, measured
from statuspage.actions.revision import raise_revision
from statuspage.migrations import migrate
from statuspage.rules.uptime import Span
from statuspage.tables import Component, Figures, Incident, Maintenance
from statuspage.tables.history import DAY
from tests.statuspage.jobs.night import Night
from tests.statuspage.pages.document import Element, read

MIDNIGHT = datetime.fromisoformat("2026-03-01T00:00:00+00:00")


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    yield made
    await made.publish.close()
    await made.end()


async def days(night: Night, part: str = "shop") -> Element:
    await night.publish.tick(night.now)
    page = night.premises.memory.pages["/en/"][0].page
    return read(page.body).by_id(f"days-{part}")


async def lines(night: Night, part: str = "shop") -> list[str]:
    return [line.text for line in (await days(night, part)).all("li")]


async def breaks(night: Night, minutes: int = 30) -> Incident:
    await night.sees(db="xx", shop="55")
    night.later(minutes=minutes)
    return await night.the_incident()


async def test_what_is_broken_now_stands_in_today_s_bar_at_once(night: Night) -> None:
    assert (await lines(night))[0] == "No trouble was noted on any of these days."
    incident = await breaks(night)
    shown = await days(night)
    assert shown.all("li")[0].text.startswith("1 March 2026: out of service for 30 minutes.")
    assert shown.all("a")[0].attributes["href"] == f"/en/incidents/{incident.id}"
    assert "out of service on 1 day" in shown.one("svg").attributes["aria-label"]
    assert (await lines(night, "blog"))[0].startswith("No trouble")


async def test_what_is_over_is_read_once_and_again_when_somebody_changes_it(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident, asked = await breaks(night, minutes=10), list[Collection[str]]()
    told = fared.said

    async def said(
        session: AsyncSession, ids: Collection[str], now: datetime
    ) -> dict[str, fared.Said]:
        asked.append(ids)
        return await told(session, ids, now)

    monkeypatch.setattr(fared, "said", said)
    await night.sees(db="..", shop="..")
    night.later(minutes=6)
    await night.sees(db=".", shop=".", blog=".")
    assert (await night.the_incident()).resolved_at is not None
    assert "out of service for 10 minutes" in (await lines(night))[0]
    night.later(seconds=10)
    assert "out of service for 10 minutes" in (await lines(night))[0]
    assert [bool(ids) for ids in asked] == [True, False]

    async with night.store.write() as session:
        row = await session.get_one(Incident, incident.id)
        row.false_alarm = True
        await raise_revision(session, incident.id)
    assert (await lines(night))[0].startswith("1 March 2026: a false alarm, 10 minutes.")
    async with night.store.write() as session:
        row = await session.get_one(Incident, incident.id)
        row.withdrawn_at = night.now
        await raise_revision(session, incident.id)
    assert (await lines(night))[0].startswith("No trouble was noted on any of these days.")


async def test_work_that_was_announced_is_told_as_work(night: Night) -> None:
    begun = night.now
    night.later(minutes=20)
    async with night.store.write() as session:
        session.add(
            Maintenance(
                id="m1n2b3v4c5x6",
                series_id="m1n2b3v4c5x6",
                occurs_at=begun,
                language="en",
                components=["shop"],
                scheduled_for=begun,
                scheduled_until=night.now,
                announced_until=night.now,
                anchor_for=begun,
                anchor_until=night.now,
                status="completed",
                created_at=begun,
                created_by="ada",
                updated_at=begun,
                started_at=begun,
                ended_at=night.now,
            )
        )
        await raise_revision(session)
    assert (await lines(night))[0] == "1 March 2026: under maintenance for 20 minutes."


async def was_looked_at(night: Night, checks: dict[str, list[int]], days: int) -> None:
    """Every hour of so many days, but of those (counted back from today) on which none did."""
    rows = [
        {"check_id": check, "minutes": DAY, "begins_at": MIDNIGHT - timedelta(days=n)}
        | {"asked": 1, "failed": 0, "slow": 0, "times": b""}
        | {"seen": (1 << 24) - 1 if n else 0b111}
        for check, away in checks.items()
        for n in range(days)
        if n not in away
    ]
    async with night.store.write() as session:
        await session.run_sync(lambda sync: sync.execute(Figures.__table__.insert(), rows))  # type: ignore[attr-defined]
        for id in ("db", "shop", "blog"):
            row = await session.get_one(Component, id)
            row.created_at = MIDNIGHT - timedelta(days=days - 1)


async def test_only_where_we_looked_at_nothing_we_were_away(night: Night) -> None:
    """What one component's own checks did not see, others show us to have been there for."""
    await was_looked_at(night, {"shop": [4, 5, 9], "blog": [4, 5, 7], "db": [4, 5, 7]}, 40)
    found = await lines(night)
    assert found == [
        "From 24 February 2026 to 25 February 2026: we did not look.",
        "No trouble was noted on any other day.",
        "We have looked at it since 21 January 2026.",
    ]


async def test_when_we_looked_is_read_every_five_minutes_and_no_change_waits_for_it(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ninety days of looks are much to read."""
    told, asked = measured.seen_by_all, list[datetime]()

    async def seen_by_all(session: AsyncSession, *days: datetime) -> list[tuple[str, Span]]:
        if len(days) == 1:  # of today and yesterday
            asked.append(night.now)
        return await told(session, *days)

    monkeypatch.setattr(measured, "seen_by_all", seen_by_all)
    await night.publish.faring.read_again(night.now)
    assert asked == []
    began = night.now
    await night.publish.tick(night.now)
    assert asked == [began], "before anything is shown: a bar without its past would lie"
    night.later(minutes=4)
    await night.publish.faring.read_again(night.now)
    await breaks(night, minutes=5)
    await night.publish.tick(night.now)
    assert asked == [began]
    await night.publish.faring.read_again(night.now)
    assert asked == [began, night.now]


async def test_where_nobody_has_looked_yet_the_first_look_is_soon_known(
    sqlite_url: str, tmp_path: Path
) -> None:
    fresh = Night(sqlite_url, tmp_path)
    await migrate(fresh.store)
    async with fresh.store.write() as session:
        await components.mirror(session, fresh.settings, fresh.now)
    assert "There for" not in (await days(fresh)).one("summary").text
    fresh.later(seconds=30)
    await was_looked_at(fresh, {"shop": [], "blog": [], "db": []}, 2)
    await fresh.publish.faring.read_again(fresh.now)
    assert "There for 100 %" in (await days(fresh)).one("summary").text
    await fresh.publish.close()
    await fresh.end()


async def test_of_ninety_days_only_the_last_two_are_read_each_time(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await was_looked_at(night, {"shop": [4, 5], "blog": [4, 5], "db": [4, 5]}, 40)
    told, asked = measured.seen_by_all, list[int]()

    async def seen_by_all(session: AsyncSession, *days: datetime) -> list[tuple[str, Span]]:
        asked.append((MIDNIGHT - days[0]).days)
        return await told(session, *days)

    monkeypatch.setattr(measured, "seen_by_all", seen_by_all)
    before = await lines(night)
    assert asked == [89, 1]
    night.later(minutes=5)
    await night.publish.faring.read_again(night.now)
    assert asked == [89, 1, 1]
    assert await lines(night) == before
    night.later(days=1)
    await night.publish.faring.read_again(night.now)
    assert asked == [89, 1, 1, 88, 0]
