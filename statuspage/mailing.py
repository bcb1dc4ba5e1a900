"""What does whoever carries the letters do, from its first line to its last?

In ``--role all`` it is a process of its own, begun by ``mailer``: it waits for its name, works
until it is told to end or its parent is gone, and says once a second what it counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection

import uvloop

from checks.network import Network
from statuspage import log
from statuspage.actions import first_words
from statuspage.garbage import settle_down
from statuspage.jobs.afresh import still_fails
from statuspage.jobs.announce import announce
from statuspage.jobs.deliver import deliver
from statuspage.jobs.postroom import Postroom
from statuspage.metrics import Metrics
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.scheduler import Scheduler, Tick
from statuspage.settings import Settings

SECOND = timedelta(seconds=1)
NICE = 10
PR_SET_PDEATHSIG = 1
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


def run_mailer(settings: Settings, pipe: Connection, parents: Connection | None) -> None:
    """The child. ``parents``: their end of the pipe, which whoever is forked holds as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C: the parent will say so
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is None or os.getppid() != parent.pid:
        return  # it died before the kernel was told
    if parents is not None:
        parents.close()
    os.nice(NICE)
    log.begin()
    try:
        who = pipe.recv_bytes().decode()
    except (EOFError, OSError):
        return  # there is nothing to begin
    uvloop.run(_deliver_until_told(settings, pipe, who))


async def _deliver_until_told(settings: Settings, pipe: Connection, who: str) -> None:
    premises = Premises.made(settings)
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
