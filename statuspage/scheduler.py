"""Which job runs how often?

The only file that knows APScheduler. Each job is one tick that says itself when it wants
to run again; a nudge brings that forward. What is due is a column in the store, so the
scheduler holds a handful of ticks in every replica, and none of them leads.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy.exc import DBAPIError

from statuspage.database import STORE_AWAY
from statuspage.jobs.guard_clock import has_stepped
from statuspage.premises import Premises

logger = logging.getLogger(__name__)

Run = Callable[[datetime], Awaitable[timedelta | None]]
"""A job's round at a time; answers how long it may wait, None for as long as it may."""

AFTER_FAILURE = timedelta(seconds=1)
AT_ONCE_S = 0.2
"""So much work is done before a share is looked at."""
LONGEST_REST = timedelta(milliseconds=300)
"""A door waits for a second until what it wrote is shown."""


@dataclass(slots=True)
class Tick:
    """One job: at the latest every ``at_most``, and never sooner than ``at_least`` again."""

    name: str
    run: Run
    at_most: timedelta
    at_least: timedelta = timedelta(0)
    share: float = 1.0
    """Of the time, that it may take while there is always something to do; then it does many
    things in one round. What comes alone is done at once.
    """
    idle: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    nudged: bool = field(default=False, init=False)
    away: bool = field(default=False, init=False)
    """The store did not answer last time."""
    ended_at: datetime | None = field(default=None, init=False)
    rests_since: float = field(default_factory=time.monotonic, init=False)
    pause: timedelta = field(default=timedelta(0), init=False)
    """Before which it does not run again; of ``at_least``, and of what it owes."""
    _spent_s: float = field(default=0.0, init=False)
    """Of its share; it grows with each round, and is worked off while it rests."""

    def __post_init__(self) -> None:
        self.idle.set()
        self.pause = self.at_least

    def rest(self, now: datetime) -> timedelta:
        """What is left of its pause since it last ended; all of it if the clock stepped back."""
        since = self.pause if self.ended_at is None else now - self.ended_at
        return min(max(self.pause - since, timedelta(0)), self.pause)

    def ran(self, took_s: float, rested_s: float, now: datetime) -> None:
        """A round has ended; ``rested_s``: how long none ran before it."""
        spent_s = max(self._spent_s - self.share * rested_s, 0) + (1 - self.share) * took_s
        self._spent_s = min(spent_s, AT_ONCE_S + self.share * LONGEST_REST.total_seconds())
        owed_s = max(self._spent_s - AT_ONCE_S, 0) / self.share
        self.pause = max(self.at_least, timedelta(seconds=owed_s))
        self.ended_at = now


class Scheduler:
    """The ticks of one process. Start and stop it inside a running loop."""

    def __init__(self, premises: Premises, ticks: list[Tick]) -> None:
        self.premises = premises
        self.ticks = {tick.name: tick for tick in ticks}
        # A late tick is run once, however late: with the default grace of 1 s it would be dropped.
        # A tick plans its next while APScheduler still counts it as running; never two at once
        # is seen to by ``Tick.idle``.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 3},
        )
        self._guard: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        for tick in self.ticks.values():
            self.premises.nudges.listen(tick.name, lambda tick=tick: self._nudged(tick))  # type: ignore[misc]
            self._plan(tick, timedelta(0))
        self._scheduler.start()
        self._guard = asyncio.create_task(self._guard_clock())

    async def stop(self, patience: float = 1.0, grace: float = 3.0) -> None:
        """No tick begins any more; those that run may end within ``patience`` seconds, then
        they are cancelled and have ``grace`` seconds to put down what they hold.
        """
        self._stopping = True
        if self._guard is not None:
            self._guard.cancel()
        if self._scheduler.running:
            self._scheduler.pause()
        if not await self._come_to_rest(patience):
            self._scheduler.shutdown(wait=False)  # cancels what runs
            await self._come_to_rest(grace)
        elif self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _come_to_rest(self, seconds: float) -> bool:
        resting = asyncio.gather(*(tick.idle.wait() for tick in self.ticks.values()))
        try:
            await asyncio.wait_for(resting, seconds)
        except TimeoutError:
            return False
        return True

    def _plan(self, tick: Tick, pause: timedelta) -> None:
        """APScheduler plans by the wall clock, whatever clock the jobs are handed."""
        if self._stopping:
            return
        self._scheduler.add_job(
            self._run,
            DateTrigger(datetime.now(UTC) + pause, UTC),
            args=[tick],
            id=tick.name,
            replace_existing=True,
        )

    def _nudged(self, tick: Tick) -> None:
        """Many nudges are one: each planning afresh would put the run off as long as they come."""
        if tick.idle.is_set() and not tick.nudged:
            self._plan(tick, tick.rest(datetime.now(UTC)))
        tick.nudged = True

    async def _run(self, tick: Tick) -> None:
        if not tick.idle.is_set():
            return
        tick.idle.clear()
        tick.nudged = False
        began, rested_s = time.monotonic(), time.monotonic() - tick.rests_since
        pause: timedelta | None = AFTER_FAILURE
        try:
            with self.premises.metrics.job_seconds.labels(tick.name).time():
                pause = await tick.run(self.premises.clock())
            self._note_success(tick)
        except Exception as error:  # noqa: BLE001  one job's mistake must not stop the clock
            self._note_failure(tick, error)
        finally:
            tick.idle.set()
            tick.rests_since = time.monotonic()
            tick.ran(tick.rests_since - began, rested_s, datetime.now(UTC))
            wanted = tick.at_most if pause is None else min(pause, tick.at_most)
            self._plan(tick, tick.pause if tick.nudged else max(wanted, tick.pause))

    def _note_success(self, tick: Tick) -> None:
        if tick.away:
            logger.warning("%s goes on: the store answers again.", tick.name)
        tick.away = False

    def _note_failure(self, tick: Tick, error: Exception) -> None:
        """The store being away is said once; anything else is a mistake of ours."""
        self.premises.metrics.job_failures.labels(tick.name).inc()
        if isinstance(error, STORE_AWAY):
            if not tick.away:
                logger.warning("%s waits: the store does not answer.", tick.name)
            tick.away = True
        elif isinstance(error, DBAPIError):
            # without its message: a driver's may repeat what was to be stored
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error.orig).__name__
            logger.error("%s failed and is tried again: %s at\n%s", tick.name, kind, where)
        else:
            logger.error("%s failed and is tried again.", tick.name, exc_info=error)

    async def _guard_clock(self) -> None:
        """Not one of APScheduler's jobs: those sleep through a clock that stepped back."""
        before = (datetime.now(UTC), time.monotonic())
        while True:
            await asyncio.sleep(1)
            after = (datetime.now(UTC), time.monotonic())
            if has_stepped(before, after):
                logger.warning("The clock has stepped; everything is planned anew.")
                for tick in self.ticks.values():
                    self._plan(tick, timedelta(0))
                self.premises.nudges.nudge("guard_clock")
            before = after
