"""Which store is measured, and how long did its transactions take?"""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.database import Store
from tests.servers.postgresql import PostgreSQL

KINDS = ("sqlite", "postgresql")


@contextmanager
def store_url(kind: str) -> Iterator[str]:
    """The address of an empty store of its own, gone afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="avviso-bench-") as folder:
            yield f"sqlite:///{folder}/avviso.db"
        return
    with PostgreSQL() as server, server.database() as url:
        yield url


@contextmanager
def a_folder() -> Iterator[Path]:
    """For what the program keeps beside its store; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="avviso-bench-") as made:
        yield Path(made)


async def put(store: Store, table: Any, made: Iterator[Mapping[str, Any]], at_once: int) -> int:
    """Store rows as they are made, so many in a transaction; answers how many there were."""
    count = 0
    while some := list(islice(made, at_once)):
        async with store.write() as session:
            await session.execute(sa.insert(table.__table__), some)
        count += len(some)
    return count


class TimedStore(Store):
    """Knows how long each of its writing transactions took, from its turn to its commit."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.took: list[float] = []

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        async with super().write() as session:
            since = time.perf_counter()
            yield session
        self.took.append(time.perf_counter() - since)
