"""The small world with its post and its printing press: what is said arrives, and is shown.

The API of ``world``, a mailer that writes through a real relay, and pages published into
memory and onto the disk; all by the world's clock.
"""

from __future__ import annotations

import contextlib
import html
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlmodel import SQLModel

from statuspage.jobs.announce import announce
from statuspage.jobs.deliver import deliver
from statuspage.jobs.postroom import Postroom
from statuspage.jobs.publish import Publish
from statuspage.metrics import new_metrics
from statuspage.vocabulary import Scope
from tests.servers.received import Received
from tests.servers.smtp import Relay
from tests.statuspage.api.world import TEXT, World, open_world
from tests.statuspage.jobs.town import frozen, still_failing

PATH = "/api/v1/incidents"


def flat(text: str) -> str:
    """A letter's text or HTML as one line, whatever wraps it."""
    return " ".join(html.unescape(text).split())


@dataclass(slots=True)
class Office:
    world: World
    anna: httpx.AsyncClient
    room: Postroom
    publish: Publish
    relay: Relay
    folder: Path

    async def say(self, path: str = "", **said: Any) -> Any:
        """Whatever the review of letters would say of it."""
        answer = await self.anna.post(f"{PATH}{path}", json={"override": True, **said})
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def take(self, path: str, **said: Any) -> Any:
        answer = await self.anna.request("DELETE", f"{PATH}{path}", json=said)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def tell(self, path: str) -> Any:
        return (await self.anna.get(f"{PATH}{path}")).json()

    async def shows(self) -> None:
        """Publish what the store knows, in memory and on the disk."""
        await self.publish.tick(self.world.clock.at)
        await self.publish.close()

    async def spreads(self) -> None:
        premises, now = self.world.premises, self.world.clock.at
        for _ in range(50):
            waits = await announce(
                premises.store, premises.settings, still_failing, frozen, now, "office"
            )
            if waits != timedelta(0):
                return

    async def mails(self, *, seconds: float = 11) -> None:
        """After the time to take a word back: everything that is due is spread and sent. That
        takes a while, and afterwards it is later than any of it was accepted.
        """
        self.world.clock.pass_(seconds=seconds)
        await self.spreads()
        began = time.monotonic()
        await deliver(self.room, self.world.clock.at, "office")
        self.world.clock.pass_(seconds=time.monotonic() - began)

    async def subjects(self, address: str) -> list[str]:
        return [letter.subject for letter in self.relay.to(address)]

    def letter(self, address: str) -> Received:
        """The newest one."""
        return self.relay.to(address)[-1]

    def page(self, path: str) -> str:
        """What a visitor gets, as it was published last."""
        (only,) = self.world.premises.memory.pages[path]
        return only.page.body.decode()

    async def everything_kept(self) -> str:
        """Every row of every table, every file of the snapshots, every page in memory."""
        kept = []
        async with self.world.premises.store.read() as session:
            for table in SQLModel.metadata.sorted_tables:
                kept += [str(row) for row in (await session.execute(sa.select(table))).all()]
        kept += [
            file.read_text(errors="replace")
            for file in (self.folder / "state").rglob("*.*")
            if file.is_file()
        ]
        bodies = self.folder / "state" / "bodies"
        kept += (
            [file.read_text(errors="replace") for file in bodies.iterdir()]
            if bodies.exists()
            else []
        )
        for variants in self.world.premises.memory.pages.values():
            kept += [one.page.body.decode(errors="replace") for one in variants]
        return "\n".join(kept)


@contextlib.asynccontextmanager
async def open_office(
    url: str, relay: Relay, folder: Path, *, slo: float | None = None, site: str = ""
) -> AsyncIterator[Office]:
    text = TEXT.replace("[site]\n", f'[site]\nstate_dir = "{folder}/state"\n{site}\n')
    if slo is not None:
        text = text.replace('name = "Shop"\n', f'name = "Shop"\nslo = {slo}\n')
    text = text.replace("smtp://127.0.0.1:2525", relay.dsn)
    async with open_world(url, text) as world:
        premises = world.premises
        token = await world.token(
            Scope.INCIDENTS, Scope.READ, name="anna", user="anna@acme.example"
        )
        room = Postroom(premises.settings, premises.store, new_metrics())
        async with world.client(token) as anna, room:
            yield Office(world, anna, room, Publish(premises), relay, folder)
