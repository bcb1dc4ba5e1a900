"""What one process changes wakes the others at once, and also after the line was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from statuspage.actions.revision import raise_revision
from statuspage.database import Store
from statuspage.hints import heard
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.migrations import migrate
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from tests.servers.postgresql import PostgreSQL
from tests.statuspage.jobs.town import town_settings

LISTENERS = sa.text("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN avviso%'")


class Neighbour:
    """Another process on the same store, as far as hints reach."""

    def __init__(self, url: str) -> None:
        self.woken, self.times = asyncio.Event(), 0
        nudges = Nudges()
        nudges.listen("publish", self._wake)
        self.premises = Premises(
            settings=town_settings(),
            store=Store(url),
            clock=lambda: datetime.now(UTC),
            nudges=nudges,
            memory=Memory(),
            metrics=new_metrics(),
        )

    def _wake(self) -> None:
        self.times += 1
        self.woken.set()

    async def wakes(self) -> None:
        async with asyncio.timeout(20):
            await self.woken.wait()
        self.woken.clear()


@pytest.fixture
async def store(postgresql: PostgreSQL) -> AsyncIterator[Store]:
    """Ours, which changes something."""
    store = Store(postgresql.url("postgres"))
    await migrate(store)
    yield store
    await store.close()


async def changes(store: Store) -> None:
    async with store.write() as session:
        await raise_revision(session)


async def changes_nothing(store: Store) -> None:
    async with store.write() as session:
        await raise_revision(session)
        raise ZeroDivisionError


async def test_what_is_committed_wakes_the_others(store: Store) -> None:
    neighbour = Neighbour(store.url)
    async with heard(neighbour.premises):
        await neighbour.wakes()  # it listens
        await changes(store)
        await neighbour.wakes()


async def test_what_is_rolled_back_wakes_nobody(store: Store) -> None:
    neighbour = Neighbour(store.url)
    async with heard(neighbour.premises):
        await neighbour.wakes()
        with pytest.raises(ZeroDivisionError):
            await changes_nothing(store)
        await changes(store)  # hints come in the order of commits
        await neighbour.wakes()
        assert neighbour.times == 2, "when it began to listen, and now"


async def test_a_lost_line_is_opened_again_and_what_was_missed_is_looked_at(store: Store) -> None:
    neighbour = Neighbour(store.url)
    async with heard(neighbour.premises):
        await neighbour.wakes()
        async with store.read() as session:
            [(listener,)] = (await session.execute(LISTENERS)).all()
            await session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": listener})
        await neighbour.wakes()
        await changes(store)
        await neighbour.wakes()


async def test_it_begins_and_ends_while_the_store_is_away(postgresql: PostgreSQL) -> None:
    url = postgresql.url("postgres")
    postgresql.stop()
    neighbour = Neighbour(url)
    async with heard(neighbour.premises):
        await asyncio.sleep(0)
        postgresql.start()
        await neighbour.wakes()
