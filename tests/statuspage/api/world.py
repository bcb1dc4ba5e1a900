"""In which small world is the operators' API asked?

A shop on an orders database, its store migrated and mirrored, a clock that stands still
until it is moved, and a memory that shows every revision at once.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from sqlmodel import col

from checks.verdict import Belief, Verdict, freeze
from statuspage import api
from statuspage.actions import components, subscribers, tokens
from statuspage.database import Store
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.migrations import migrate
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.settings import Settings, loads
from statuspage.tables import Check
from statuspage.vocabulary import Scope

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXT = """
[site]
name = "Acme"
url = "https://status.acme.example"
languages = ["en", "it"]
[mail]
server = "smtp://127.0.0.1:2525"
from = "Acme status <status@acme.example>"
[[components]]
id = "orders-db"
name = "Orders database"
public = false
[[components.checks]]
kind = "tcp"
host = "127.0.0.1"
port = 5432
[[components]]
id = "shop"
name = "Shop"
depends_on = ["orders-db"]
when_down = { en = "You cannot place orders.", it = "Non è possibile fare ordini." }
[[components.checks]]
kind = "http"
url = "http://127.0.0.1:8080/"
[[components]]
id = "blog"
name = "Blog"
"""


@dataclass(slots=True)
class Clock:
    """Stands still; ``pass_`` moves it."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **length: float) -> None:
        self.at += timedelta(**length)


class ShowsAll(Memory):
    """Every revision is shown at once: nobody publishes in this world."""

    async def shows(self, revision: int, patience: float = 1.0) -> bool:
        return True


@dataclass(slots=True)
class World:
    app: FastAPI
    premises: Premises
    clock: Clock
    nudged: list[str] = field(default_factory=list)

    def client(self, token: str | None = None, peer: str = "192.0.2.7") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(peer, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://avviso", headers=headers)

    async def token(self, *scopes: Scope, name: str = "night", user: str | None = None) -> str:
        async with self.premises.store.write() as session:
            _, plain = await tokens.create(session, name, scopes, user, self.clock.at)
        return plain

    async def subscribe(self, address: str, language: str = "en", *chosen: str) -> str:
        async with self.premises.store.write() as session:
            added = await subscribers.add(session, address, language, chosen, self.clock.at)
            assert added.subscriber is not None
            return added.subscriber.id

    async def believe(self, component_id: str, belief: Belief) -> None:
        """All checks of a component show that, since a minute."""
        since = self.clock.at - timedelta(minutes=1)
        verdict = freeze(Verdict(belief=belief, since=since))
        async with self.premises.store.write() as session:
            await session.execute(
                sa.update(Check)
                .where(col(Check.component_id) == component_id)
                .values(verdict=verdict, belief=belief.value)
            )

    async def rows(self, table: type[Any]) -> list[Any]:
        async with self.premises.store.read() as session:
            return list((await session.scalars(sa.select(table))).all())


@contextlib.asynccontextmanager
async def open_world(url: str, text: str = TEXT) -> AsyncIterator[World]:
    """A world on this store, from noon on."""
    settings = loads(text, {})
    store, clock = Store(url), Clock()
    await migrate(store)
    async with store.write() as session:
        await components.mirror(session, settings, clock.at)
    world = built(settings, store, clock)
    try:
        yield world
    finally:
        await store.close()
        _put_back(world)


def built(settings: Settings, store: Store, clock: Clock) -> World:
    """The application alone: its store need not be there."""
    nudges, nudged = Nudges(), list[str]()
    for job in ("publish", "announce", "call", "deliver"):
        nudges.listen(job, lambda job=job: nudged.append(job))  # type: ignore[misc]
    premises = Premises(settings, store, clock, nudges, ShowsAll(), new_metrics())
    free = _free[settings.site.url]
    app = free.pop() if free else _application(premises)
    app.state.premises = premises
    return World(app, premises, clock, nudged)


_free: defaultdict[str, list[FastAPI]] = defaultdict(list)
"""Applications that no world has now, by the site's address. All that one remembers is its
premises, and to read its routes' signatures takes it longer than most tests take.
"""


def _application(premises: Premises) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.premises = premises
    api.include(app)
    app.state.routes = tuple(app.routes)
    return app


def _put_back(world: World) -> None:
    if tuple(world.app.routes) == world.app.state.routes:
        _free[world.premises.settings.site.url].append(world.app)
