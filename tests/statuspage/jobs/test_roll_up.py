"""Is what the checks saw counted once, and kept as small as was promised?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statuspage.actions import measured
from statuspage.jobs import roll_up as rolling
from statuspage.jobs.roll_up import roll_up
from statuspage.jobs.sweep import sweep
from statuspage.jobs.thinning import thin_out
from statuspage.rules.tally import Tally
from statuspage.tables import Change, Check, Figures, Looks
from statuspage.tables.history import DAY, FIVE_MINUTES, HOUR
from tests.statuspage.jobs.night import Night

MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
SAME_NIGHT = MIDNIGHT + timedelta(hours=3)


async def figures(night: Night, minutes: int, check: str = "shop") -> list[tuple[datetime, Tally]]:
    async with night.store.read() as session:
        return await measured.figures(session, check, minutes, MIDNIGHT - timedelta(days=999))


async def counts(night: Night, minutes: int) -> list[tuple[int, int]]:
    return [(seen.asked, seen.failed) for _, seen in await figures(night, minutes)]


async def rolls_up(night: Night) -> None:
    await roll_up(night.premises, night.now)


async def test_looks_become_figures_of_minutes_hour_and_day(store_url: str, tmp_path: Path) -> None:
    night = await Night(store_url, tmp_path).begin()
    await night.sees(shop="..5")
    await rolls_up(night)
    assert await figures(night, FIVE_MINUTES) == [], "its five minutes are not over"
    night.later(minutes=5)
    await night.sees(shop="....")
    await rolls_up(night)
    night.later(minutes=6)
    await rolls_up(night)
    await rolls_up(night)
    assert await counts(night, FIVE_MINUTES) == [(4, 1), (4, 0)]
    assert await counts(night, HOUR) == [(8, 1)]
    assert await counts(night, DAY) == [(8, 1)]
    (hour,) = await figures(night, HOUR)
    assert hour[0] == SAME_NIGHT
    assert hour[1].percentile_ms(0.95) == pytest.approx(3.0, rel=0.02)
    await night.end()


async def test_a_look_that_comes_late_is_added_once(store_url: str, tmp_path: Path) -> None:
    night = await Night(store_url, tmp_path).begin()
    await night.sees(shop="5.")
    began, night.now = night.now, night.now + 6 * MINUTE
    await rolls_up(night)
    assert await counts(night, HOUR) == [(3, 1)]
    night.now = began
    await night.sees(shop="5")
    night.later(minutes=6)
    await rolls_up(night)
    for minutes in (FIVE_MINUTES, HOUR, DAY):
        assert await counts(night, minutes) == [(4, 2)]
    await night.end()


async def test_a_look_that_comes_when_the_others_are_gone_is_added_too(
    store_url: str, tmp_path: Path
) -> None:
    night = await Night(store_url, tmp_path).begin()
    await night.sees(shop="..")
    began, night.now = night.now, night.now + timedelta(days=3)
    await rolls_up(night)
    await thin_out(night.premises, night.now)
    assert await night.rows(Looks) == []
    night.now = began
    await night.sees(shop="5")
    night.later(days=3)
    await rolls_up(night)
    for minutes in (FIVE_MINUTES, HOUR, DAY):
        assert await counts(night, minutes) == [(4, 1)]
    await night.end()


async def test_one_that_is_written_while_its_row_is_rolled_up_is_not_lost(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL both happen at once."""
    night = await Night(postgresql_url, tmp_path).begin()
    began, write = night.now, rolling._write

    async def meanwhile(*given: object) -> None:
        monkeypatch.setattr(rolling, "_write", write)
        now, night.now = night.now, began
        await night.sees(shop="5")
        night.now = now
        await write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(rolling, "_write", meanwhile)
    night.later(minutes=6)
    await rolls_up(night)
    await rolls_up(night)
    for minutes in (FIVE_MINUTES, HOUR, DAY):
        assert await counts(night, minutes) == [(2, 1)]
    await night.end()


async def test_when_we_are_cut_off_nothing_is_seen(sqlite_url: str, tmp_path: Path) -> None:
    night = await Night(sqlite_url, tmp_path, checks='reference = ["tcp://127.0.0.1:1"]').begin()
    await night.sees(shop="xx")
    night.later(minutes=6)
    await rolls_up(night)
    assert await counts(night, FIVE_MINUTES) == [(1, 0)]
    await night.end()


async def test_when_it_was_watched_is_known_at_once_and_for_ninety_days(
    store_url: str, tmp_path: Path
) -> None:
    night = await Night(store_url, tmp_path).begin()
    shop = next(one for one in night.settings.components if one.id == "shop")

    async def watched() -> list[tuple[float, float]]:
        async with night.store.read() as session:
            found = await measured.watched(
                session, night.settings, shop, night.now - timedelta(days=90)
            )
        return [tuple((at - SAME_NIGHT) / MINUTE for at in (s.begins, s.ends)) for s in found]  # type: ignore[misc]

    assert await watched() == [(10, 15)], "also before it is rolled up"
    night.now = SAME_NIGHT + 41 * MINUTE
    await night.sees(shop=".")
    night.later(days=89)
    await rolls_up(night)
    await thin_out(night.premises, night.now)
    assert await watched() == [(10, 15), (40, 45)]
    night.later(days=2)
    assert await watched() == []
    await night.end()


async def test_each_kind_is_kept_for_its_time(store_url: str, tmp_path: Path) -> None:
    night = await Night(store_url, tmp_path).begin()
    await night.sees(shop="..")
    night.later(minutes=6)
    await rolls_up(night)

    async def kept() -> list[int]:
        await thin_out(night.premises, night.now)
        looks = [row for row in await night.rows(Looks) if row.check_id == "shop"]
        rows = [row.minutes for row in await night.rows(Figures) if row.check_id == "shop"]
        return [0] * len(looks) + sorted(rows)

    assert await kept() == [0, FIVE_MINUTES, HOUR, DAY]
    night.later(hours=47)
    assert await kept() == [0, FIVE_MINUTES, HOUR, DAY]
    night.later(hours=2)
    assert await kept() == [FIVE_MINUTES, HOUR, DAY]
    night.later(days=6)
    assert await kept() == [HOUR, DAY]
    night.later(days=82)
    assert await kept() == [DAY]
    night.later(days=4000)
    assert await kept() == [DAY]
    await night.end()


async def test_looks_that_are_in_no_figures_yet_are_not_deleted(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The program was stopped for a week in the middle of five minutes."""
    night = await Night(sqlite_url, tmp_path).begin()
    night.later(days=7)
    await thin_out(night.premises, night.now)
    await rolls_up(night)
    assert await counts(night, DAY) == [(1, 0)]
    await night.end()


async def test_the_number_of_rows_does_not_depend_on_the_interval(
    sqlite_url: str, tmp_path: Path
) -> None:
    night = await Night(sqlite_url, tmp_path).begin()
    await night.sees(shop="." * 20, blog=".")
    night.later(minutes=6)
    await rolls_up(night)
    rows = [row.check_id for row in await night.rows(Looks)]
    rows += [row.check_id for row in await night.rows(Figures)]
    assert rows.count("shop") == rows.count("blog") == 4
    await night.end()


async def test_more_rows_than_one_transaction_takes(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolling, "AT_ONCE", 2)
    night = await Night(sqlite_url, tmp_path).begin()
    for _ in range(4):
        night.later(minutes=5)
        await night.sees(shop=".", blog=".")
    night.later(minutes=6)
    await rolls_up(night)
    assert await counts(night, HOUR) == [(5, 0)]
    assert len(await figures(night, FIVE_MINUTES)) == 5
    assert {row.rolled_up for row in await night.rows(Looks)} == {True}
    await night.end()


async def test_changes_are_forgotten_after_their_time(sqlite_url: str, tmp_path: Path) -> None:
    night = await Night(sqlite_url, tmp_path).begin()
    await night.sees(shop="55..")
    assert await night.rows(Change)
    night.later(days=399)
    await sweep(night.premises, night.now)
    assert await night.rows(Change)
    night.later(days=2)
    await sweep(night.premises, night.now)
    assert await night.rows(Change) == []
    assert await night.rows(Check)
    await night.end()
