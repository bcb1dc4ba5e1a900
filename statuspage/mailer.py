"""Who carries the letters, so that a fan-out takes nothing from page and probes?

``--role all`` keeps the mailer in a child process: niced, with an engine and connections
of its own, and killed by the kernel when its parent dies (a new parent takes all claims
back at once, so no old child may go on sending). What is to be told is spread there too: rows
for a hundred thousand are seconds of work. The parent nudges it with a byte through a pipe; it
answers with what it counted. A child that dies is started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import logging
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from checks.network import Network
from statuspage import log
from statuspage.actions import first_words
from statuspage.database import Store
from statuspage.jobs.afresh import still_fails
from statuspage.jobs.announce import announce
from statuspage.jobs.deliver import deliver
from statuspage.jobs.postroom import Postroom
from statuspage.memory import Memory
from statuspage.metrics import Metrics, new_metrics
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.scheduler import Scheduler, Tick, settle_down
from statuspage.settings import Settings

logger = logging.getLogger(__name__)

SECOND = timedelta(seconds=1)
NICE = 10
PR_SET_PDEATHSIG = 1
RESTART_PAUSE_S = 1.0
GRACE_S = 4.0
REPORT_S = 1.0
WAKES = {"announce": b"a", "deliver": b"d"}
"""By which byte the parent wakes which job of the child."""


@asynccontextmanager
async def mailing(premises: Premises, network: Network, who: str) -> AsyncIterator[list[Tick]]:
    """The jobs of letters: whom to write to, and carrying what is written."""
    settings, store, nudges = premises.settings, premises.store, premises.nudges
    asks = partial(still_fails, premises, network)
    freeze = partial(first_words.freeze_noticed, settings)
    spread_some = partial(nudges.nudge, "deliver")

    async def spread(now: datetime) -> timedelta | None:
        return await announce(store, settings, asks, freeze, now, who, spread_some=spread_some)

    async with Postroom(settings, store, premises.metrics) as room:
        yield [
            Tick("announce", spread, at_most=SECOND),
            Tick("deliver", lambda now: deliver(room, now, who), at_most=SECOND),
        ]


@asynccontextmanager
async def mailer_beside(premises: Premises, who: str) -> AsyncIterator[None]:
    """A mailer runs in a child process as long as this lasts."""
    keeper = asyncio.create_task(_keep(premises, who))
    try:
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def _keep(premises: Premises, who: str) -> None:
    """Start it, talk to it, start it again when it dies."""
    for number in range(1, 1_000_000):
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.get_context("spawn").Process(
            target=run_mailer, args=(premises.settings, theirs, f"{who}:{number}"), name="mailer"
        )
        child.start()
        theirs.close()
        try:
            await _talk(premises, ours)
        finally:
            await _end(child)
            ours.close()
        logger.error("The mailer died with %s and is started again.", child.exitcode)
        await asyncio.sleep(RESTART_PAUSE_S)


async def _talk(premises: Premises, pipe: Connection) -> None:
    """Pass nudges on and take reports in, until the child hangs up."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    os.set_blocking(pipe.fileno(), False)

    def hear() -> None:
        try:
            said = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            loop.remove_reader(pipe.fileno())
            gone.set()
        for line in said.splitlines():
            _take_in(premises.metrics, json.loads(line))

    loop.add_reader(pipe.fileno(), hear)
    try:
        with _passing_on(premises.nudges, pipe):
            await gone.wait()
    finally:
        loop.remove_reader(pipe.fileno())


@contextmanager
def _passing_on(nudges: Nudges, pipe: Connection) -> Iterator[None]:
    """As long as this lasts, what wakes its jobs here wakes them there."""

    def pass_on(byte: bytes) -> None:
        with contextlib.suppress(BlockingIOError, OSError):  # full: it has enough to wake it
            os.write(pipe.fileno(), byte)

    wakes = {job: partial(pass_on, byte) for job, byte in WAKES.items()}
    for job, wake in wakes.items():
        nudges.listen(job, wake)
    try:
        yield
    finally:
        for job, wake in wakes.items():
            nudges.forget(job, wake)


async def _end(child: multiprocessing.context.SpawnProcess) -> None:
    """It may end what it has begun; then it must."""
    child.terminate()
    await asyncio.to_thread(child.join, GRACE_S)
    if child.is_alive():
        child.kill()
        await asyncio.to_thread(child.join)


def _take_in(metrics: Metrics, counted: Mapping[str, Any]) -> None:
    metrics.letters_accepted.inc(counted["accepted"])
    for outcome, number in counted["failed"].items():
        metrics.letters_failed.labels(outcome).inc(number)


def run_mailer(settings: Settings, pipe: Connection, who: str) -> None:
    """The child, from its first line to its last."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is None or os.getppid() != parent.pid:
        return  # it died before the kernel was told
    os.nice(NICE)
    log.begin()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C: the parent will say so
    uvloop.run(_deliver_until_told(settings, pipe, who))


async def _deliver_until_told(settings: Settings, pipe: Connection, who: str) -> None:
    premises = Premises(
        settings=settings,
        store=Store(settings.database.url.get_secret_value()),
        clock=lambda: datetime.now(UTC),
        nudges=Nudges(),
        memory=Memory(),
        metrics=new_metrics(),
    )
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    os.set_blocking(pipe.fileno(), False)
    loop.add_reader(pipe.fileno(), lambda: _hear(pipe, premises.nudges, told))
    async with Network() as network, mailing(premises, network, who) as ticks:
        scheduler = Scheduler(premises, ticks)
        settle_down()
        scheduler.start()
        reporting = asyncio.create_task(_report(premises.metrics, pipe))
        await told.wait()
        reporting.cancel()
        await scheduler.stop(patience=0.2, grace=3.0)
    await premises.store.close()


def _hear(pipe: Connection, nudges: Nudges, told: asyncio.Event) -> None:
    try:
        said = os.read(pipe.fileno(), 65536)
    except BlockingIOError:
        return
    except OSError:
        said = b""
    if not said:
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        told.set()
    nudges.nudge(*(job for job, byte in WAKES.items() if byte in said))


async def _report(metrics: Metrics, pipe: Connection) -> None:
    """Once a second, what was counted since the last time: a line of JSON."""
    before = _counted(metrics)
    while True:
        await asyncio.sleep(REPORT_S)
        now = _counted(metrics)
        news = {
            "accepted": now.get("", 0) - before.get("", 0),
            "failed": {
                outcome: number - before.get(outcome, 0)
                for outcome, number in now.items()
                if outcome and number > before.get(outcome, 0)
            },
        }
        if news["accepted"] or news["failed"]:
            with contextlib.suppress(BlockingIOError, OSError):
                os.write(pipe.fileno(), json.dumps(news).encode() + b"\n")
                before = now


def _counted(metrics: Metrics) -> Mapping[str, float]:
    """By outcome of what failed; the empty one is what was accepted."""
    counted: dict[str, float] = {}
    for counter in (metrics.letters_accepted, metrics.letters_failed):
        for family in counter.collect():
            for sample in family.samples:
                if sample.name.endswith("_total"):
                    counted[sample.labels.get("outcome", "")] = sample.value
    return counted
