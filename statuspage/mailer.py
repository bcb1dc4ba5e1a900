"""Who carries the letters, so that a fan-out takes nothing from page and probes?

``--role all`` keeps the mailer in a child process: niced, with an engine and connections
of its own, and killed by the kernel when its parent dies (a new parent takes all claims
back at once, so no old child may go on sending). What is to be told is spread there too: rows
for a hundred thousand are seconds of work. The parent nudges it with a byte through a pipe; it
answers with what it counted. A child that dies is started again.

The first one is forked before anything runs that a fork would tear apart (a thread, a loop, a
connection): it shares what was imported, which else is a second of work and most of its memory.
Later ones are spawned.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import multiprocessing
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from statuspage.mailing import WAKES, run_mailer
from statuspage.metrics import Metrics
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.settings import Settings

logger = logging.getLogger(__name__)

RESTART_PAUSE_S = 1.0
GRACE_S = 4.0
_THREADS = Path("/proc/self/task")


class Mailer:
    """A child process that waits for its name, and our end of the pipe to it."""

    def __init__(self, settings: Settings, method: Literal["fork", "spawn"]) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        parents = self.pipe if method == "fork" else None
        self.process = multiprocessing.get_context(method).Process(  # type: ignore[attr-defined]
            target=run_mailer, args=(settings, theirs, parents), name="mailer"
        )
        self.process.start()
        theirs.close()

    def begin(self, who: str) -> None:
        with contextlib.suppress(OSError):  # it is gone; whoever listens to it will hear that
            self.pipe.send_bytes(who.encode())

    def end(self) -> None:
        """It may end what it has begun; then it must. Twice is harmless."""
        self.process.terminate()
        self.process.join(GRACE_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()


@contextmanager
def mailer_ahead(settings: Settings) -> Iterator[Mailer | None]:
    """A mailer that waits, forked; None where a thread runs already. For before the loop."""
    if len(list(_THREADS.iterdir())) > 1:
        yield None
        return
    mailer = Mailer(settings, "fork")
    try:
        yield mailer
    finally:
        mailer.end()


@asynccontextmanager
async def mailer_beside(
    premises: Premises, who: str, ahead: Mailer | None = None
) -> AsyncIterator[None]:
    """A mailer runs in a child process as long as this lasts: first the one that waits."""
    keeper = asyncio.create_task(_keep(premises, who, ahead))
    try:
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def _keep(premises: Premises, who: str, ahead: Mailer | None) -> None:
    """Start it, talk to it, start it again when it dies."""
    for number in range(1, 1_000_000):
        mailer = (number == 1 and ahead) or Mailer(premises.settings, "spawn")
        mailer.begin(f"{who}:{number}")
        try:
            await _talk(premises, mailer.pipe.fileno())
        finally:
            await asyncio.to_thread(mailer.end)
        logger.error("The mailer died with %s and is started again.", mailer.process.exitcode)
        await asyncio.sleep(RESTART_PAUSE_S)


async def _talk(premises: Premises, pipe: int) -> None:
    """Pass nudges on and take reports in, until the child hangs up."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    os.set_blocking(pipe, False)

    def hear() -> None:
        try:
            said = os.read(pipe, 65536)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            loop.remove_reader(pipe)
            gone.set()
        for line in said.splitlines():
            _take_in(premises.metrics, json.loads(line))

    loop.add_reader(pipe, hear)
    try:
        with _passing_on(premises.nudges, pipe):
            await gone.wait()
    finally:
        loop.remove_reader(pipe)


@contextmanager
def _passing_on(nudges: Nudges, pipe: int) -> Iterator[None]:
    """As long as this lasts, what wakes its jobs here wakes them there."""

    def pass_on(byte: bytes) -> None:
        with contextlib.suppress(BlockingIOError, OSError):  # full: it has enough to wake it
            os.write(pipe, byte)

    wakes = {job: partial(pass_on, byte) for job, byte in WAKES.items()}
    for job, wake in wakes.items():
        nudges.listen(job, wake)
    try:
        yield
    finally:
        for job, wake in wakes.items():
            nudges.forget(job, wake)


def _take_in(metrics: Metrics, counted: Mapping[str, Any]) -> None:
    metrics.letters_accepted.inc(counted["accepted"])
    for outcome, number in counted["failed"].items():
        metrics.letters_failed.labels(outcome).inc(number)
