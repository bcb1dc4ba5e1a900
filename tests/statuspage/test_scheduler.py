"""Do the ticks come when they should, also when the clock does not do as it should?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Self

import apscheduler.schedulers.base
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

import statuspage.scheduler
from statuspage.database import Store
from statuspage.jobs.guard_clock import has_stepped, plan_anew
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.scheduler import LONGEST_REST, Run, Scheduler, Tick
from statuspage.settings import loads
from statuspage.tables import Check
from tests.statuspage.jobs.night import Night
from tests.statuspage.serving import eventually

HOUR = timedelta(hours=1)
SETTINGS = """
[site]
name = "Acme"
url = "https://status.acme.example"
[[components]]
id = "shop"
name = "Shop"
"""


@asynccontextmanager
async def running(run: Run) -> AsyncIterator[Premises]:
    async with ticking(run) as scheduler:
        yield scheduler.premises


@asynccontextmanager
async def ticking(
    run: Run, *, every: timedelta = HOUR, at_least: timedelta = timedelta(0)
) -> AsyncIterator[Scheduler]:
    premises = Premises(
        settings=loads(SETTINGS, {}, Path("/nowhere/avviso.toml")),
        store=Store("sqlite:////tmp/never-opened.db"),
        clock=lambda: datetime.now(UTC),
        nudges=Nudges(),
        memory=Memory(),
        metrics=new_metrics(),
    )
    scheduler = Scheduler(premises, [Tick("job", run, at_most=every, at_least=at_least)])
    scheduler.start()
    try:
        yield scheduler
    finally:
        await scheduler.stop()


async def test_a_job_says_itself_when_it_wants_to_run_again() -> None:
    ran: list[datetime] = []

    async def run(now: datetime) -> timedelta:
        ran.append(now)
        return timedelta(milliseconds=5)

    async with running(run):
        await eventually(lambda: len(ran) >= 5)


async def test_a_nudge_brings_a_tick_forward() -> None:
    ran: list[datetime] = []

    async def run(now: datetime) -> None:
        ran.append(now)

    async with running(run) as premises:
        await eventually(lambda: len(ran) == 1)
        premises.nudges.nudge("job")
        await eventually(lambda: len(ran) == 2)


async def test_nudges_that_never_cease_bring_a_tick_forward_and_do_not_put_it_off() -> None:
    ran: list[datetime] = []

    async def run(now: datetime) -> None:
        ran.append(now)

    apart = timedelta(milliseconds=200)
    async with ticking(run, at_least=apart) as scheduler, asyncio.timeout(5):
        while len(ran) < 4:
            scheduler.premises.nudges.nudge("job")
            await asyncio.sleep(0.002)
    assert all(later - earlier > apart * 0.9 for earlier, later in pairwise(ran))


async def test_a_nudge_after_a_long_rest_is_followed_at_once() -> None:
    ran: list[datetime] = []

    async def run(now: datetime) -> None:
        ran.append(now)

    async with ticking(run, at_least=HOUR / 2) as scheduler:
        await eventually(lambda: len(ran) == 1)
        scheduler.ticks["job"].ended_at = datetime.now(UTC) - HOUR
        scheduler.premises.nudges.nudge("job")
        await eventually(lambda: len(ran) == 2)


async def test_a_nudge_while_it_runs_is_not_lost_and_never_runs_it_twice_at_once() -> None:
    at_once, most, rounds = 0, 0, 0
    go_on = asyncio.Event()

    async def run(_: datetime) -> None:
        nonlocal at_once, most, rounds
        at_once += 1
        most, rounds = max(most, at_once), rounds + 1
        await go_on.wait()
        at_once -= 1

    async with running(run) as premises:
        await eventually(lambda: rounds == 1)
        for _ in range(20):
            premises.nudges.nudge("job")
        go_on.set()
        await eventually(lambda: rounds >= 2)
        assert most == 1


async def test_a_job_that_fails_is_tried_again_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries = 0

    async def run(_: datetime) -> timedelta:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise RuntimeError("a mistake of ours")
        return HOUR

    async with running(run) as premises:
        await eventually(lambda: tries == 2)
        assert b'job_failures_total{job="job"} 1.0' in premises.metrics.exposition()
    assert "job failed and is tried again." in caplog.text


async def test_a_store_that_is_away_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    tries = 0

    async def run(_: datetime) -> timedelta:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OperationalError("SELECT 1", {}, Exception("refused"))
        return HOUR

    async with running(run):
        await eventually(lambda: tries == 3)
    said = [record.message for record in caplog.records]
    assert said == [
        "job waits: the store does not answer.",
        "job goes on: the store answers again.",
    ]


async def test_a_statement_that_cannot_be_is_not_taken_for_a_store_that_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused = IntegrityError("INSERT", {}, ValueError("Key (address)=(anna@example.org)"))
    tries = 0

    async def run(_: datetime) -> timedelta:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise refused
        return HOUR

    async with running(run):
        await eventually(lambda: tries == 2)
    assert "job failed and is tried again: ValueError at" in caplog.text
    assert "anna" not in caplog.text


class HourEarlier(datetime):
    """The wall clock after somebody set it back an hour."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) - HOUR


async def test_a_clock_that_steps_back_an_hour_silences_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """APScheduler by itself would run no job for that hour."""
    ran: list[datetime] = []

    async def run(now: datetime) -> timedelta:
        ran.append(now)
        return timedelta(milliseconds=50)

    async with running(run):
        await eventually(lambda: len(ran) >= 2)
        monkeypatch.setattr(apscheduler.schedulers.base, "datetime", HourEarlier)
        monkeypatch.setattr(statuspage.scheduler, "datetime", HourEarlier)
        seen = len(ran)
        await eventually(lambda: len(ran) >= seen + 5)


@pytest.mark.parametrize(
    ("wall", "steady", "stepped"),
    [
        (timedelta(seconds=1), 1.0, False),
        (timedelta(seconds=2.9), 1.0, False),
        (timedelta(seconds=3.1), 1.0, True),
        (-HOUR, 1.0, True),
        (HOUR, 1.0, True),
        (HOUR, 3600.0, False),
    ],
)
def test_a_step_is_where_the_two_clocks_disagree(
    wall: timedelta, steady: float, stepped: bool
) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert has_stepped((noon, 100.0), (noon + wall, 100.0 + steady)) is stepped


async def test_after_a_step_back_no_check_waits_for_the_old_time(
    store_url: str, tmp_path: Path
) -> None:
    night = await Night(store_url, tmp_path).begin()
    night.now -= HOUR
    await plan_anew(night.premises, night.now)
    for check in await night.rows(Check):
        assert check.next_due_at <= night.now + timedelta(seconds=15)
    await night.end()


async def test_what_does_not_end_in_time_is_cancelled_and_may_put_down_what_it_holds() -> None:
    began, put_down = asyncio.Event(), asyncio.Event()

    async def run(_: datetime) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            put_down.set()

    async with ticking(run) as scheduler:
        await began.wait()
        await scheduler.stop(patience=0.05)
        assert put_down.is_set()


def test_what_comes_alone_is_done_at_once_and_a_flood_takes_no_more_than_its_share() -> None:
    now, tick = datetime.now(UTC), Tick("publish", _nothing, timedelta(seconds=1), share=0.2)
    tick.ran(0.05, 10, now)
    assert tick.pause == timedelta(0)
    rounds, rested = 200, 0.0
    for _ in range(rounds):
        rested += tick.pause.total_seconds()
        tick.ran(0.05, tick.pause.total_seconds(), now)
    assert 0.15 < rounds * 0.05 / (rounds * 0.05 + rested) < 0.25
    assert tick.rest(now) == tick.pause > timedelta(0)
    tick.ran(0.05, 60, now)
    assert tick.pause == timedelta(0), "what was owed is worked off"
    tick.ran(30, 0, now)
    assert tick.pause == LONGEST_REST, "however slow a round was, nobody waits for ever"
    tick.ran(0.001, 3, now)
    assert tick.pause == timedelta(0)


async def _nothing(now: datetime) -> None:
    """A round of a job that has nothing to do."""
