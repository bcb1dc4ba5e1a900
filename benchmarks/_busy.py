"""What does Avviso's front door do while its page changes many times a second?

    python -m benchmarks._busy PORT CORE A_SECOND

A whole application on a store of its own, its publish job under the scheduler. At SIGUSR1 it
begins to write: most changes hold a component's status, every fifth is a word of an open incident.
At the next it ends, and says on a line how many it wrote, and how soon each was on the page.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession
from uvicorn import Server

from benchmarks._machine import percentile, run, stay_on
from statuspage.actions import components, updates
from statuspage.actions.revision import revision
from statuspage.actions.standings import standings
from statuspage.app import build
from statuspage.garbage import settle_down
from statuspage.jobs.publish import Publish
from statuspage.listening import serve_config
from statuspage.migrations import migrate
from statuspage.premises import Premises, clock
from statuspage.room import raise_file_limit
from statuspage.rota import publishing
from statuspage.rules.words import Word
from statuspage.scheduler import Scheduler
from statuspage.settings import loads
from statuspage.vocabulary import Status

PARTS, OPEN = 10, 5
WORD_EACH = 5


class Writer:
    """Writes so many changes a second, as the doors do: by actions, and waiting to be shown."""

    def __init__(self, premises: Premises, a_second: float) -> None:
        self.premises, self.pause = premises, 1 / a_second
        self._told: list[str] = []
        self._waits: list[float] = []
        self._writing: asyncio.Task[None] | None = None
        self._shown: set[asyncio.Task[None]] = set()
        self._began = 0.0

    async def begin(self) -> None:
        for n in range(OPEN):
            async with self.premises.store.write() as session:
                known = await standings(session, self.premises.settings)
                made, _, _ = await updates.open_incident(
                    session, self.premises.settings, _word(n), known, "ada", clock()
                )
            self._told.append(made.id)
        self.premises.nudges.nudge("publish")

    def toggle(self) -> None:
        if self._writing is None:
            self._waits.clear()
            self._began = time.monotonic()
            self._writing = asyncio.create_task(self._write())
        else:
            self._writing.cancel()
            self._writing = None
            took = time.monotonic() - self._began
            seen = {"rate": len(self._waits) / took} | {
                f"p{share:.0%}"[:-1]: percentile(self._waits, share) for share in (0.5, 0.99)
            }
            print(json.dumps(seen), flush=True)

    async def _write(self) -> None:
        n, due = 0, time.monotonic()
        while True:
            await asyncio.sleep(due - time.monotonic())
            since = time.monotonic()
            async with self.premises.store.write() as session:
                made = await self._change(session, n)
            self.premises.nudges.nudge("publish")
            waiting = asyncio.create_task(self._until_shown(made, since))
            self._shown.add(waiting)
            waiting.add_done_callback(self._shown.discard)
            n, due = n + 1, max(due + self.pause, time.monotonic() - 1)

    async def _change(self, session: AsyncSession, n: int) -> int:
        settings = self.premises.settings
        if n % WORD_EACH:
            status = Status.DEGRADED if n // PARTS % 2 else None
            return await components.hold(session, f"part-{n % PARTS}", status, None, "ada", clock())
        known, told = await standings(session, settings), self._told[n // WORD_EACH % OPEN]
        await updates.add_update(session, settings, told, _word(n), known, "ada", clock())
        return await revision(session)

    async def _until_shown(self, made: int, since: float) -> None:
        assert await self.premises.memory.shows(made, patience=10), "it was not shown"
        self._waits.append(time.monotonic() - since)


def _word(n: int) -> Word:
    return Word(
        what_happened="A disk is full.",
        what_we_are_doing=f"We make room. Step {n} is done.",
        components={f"part-{n % OPEN}": Status.PARTIAL_OUTAGE},
        notify=False,
    )


async def serve(listener: socket.socket, a_second: float, folder: Path) -> None:
    raise_file_limit()
    async with _premises(folder) as premises:
        publish = Publish(premises)
        scheduler = Scheduler(premises, [publishing(publish)])
        scheduler.start()
        writer = Writer(premises, a_second)
        await writer.begin()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, writer.toggle)
        settle_down()
        app = build(premises)
        server = Server(serve_config(app, "127.0.0.1", 0, at_once=app.ready))
        await server.serve(sockets=[listener])
        await scheduler.stop()
        await publish.close()


@asynccontextmanager
async def _premises(folder: Path) -> AsyncIterator[Premises]:
    text = (
        f'[site]\nname = "Acme"\nurl = "https://status.acme.example"\nlanguages = ["en", "it"]\n'
        f'state_dir = "{folder}/state"\n[database]\nurl = "sqlite:///{folder}/avviso.db"\n'
    )
    parts = "".join(f'[[components]]\nid = "part-{n}"\nname = "Part {n}"\n' for n in range(PARTS))
    settings = loads(text + parts, {}, folder / "avviso.toml")
    premises = Premises.made(settings)
    await migrate(premises.store)
    async with premises.store.write() as session:
        await components.mirror(session, settings, clock())
    yield premises
    await premises.store.close()


if __name__ == "__main__":
    stay_on(int(sys.argv[2]))
    with (
        tempfile.TemporaryDirectory(prefix="avviso-bench-") as made,
        socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024) as bound,
    ):
        run(serve(bound, float(sys.argv[3]), Path(made)))
