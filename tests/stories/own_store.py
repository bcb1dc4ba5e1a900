"""What does Avviso's own store hold, and how is something put into it beside a running Avviso?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa

from statuspage.actions import subscribers
from statuspage.database import Store

_Made = TypeVar("_Made")


@dataclass
class OwnStore:
    """The store at `url`, asked from the outside."""

    url: str

    def rows(self, query: str, **values: object) -> list[Any]:
        """Ask it; raises while it is away."""
        with self._engine.connect() as connection:
            return list(connection.execute(sa.text(query), values).all())

    def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows there are."""
        return int(self.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])  # noqa: S608

    def change(self, statement: str) -> None:
        """Do what nothing of Avviso would do."""
        with self._engine.begin() as connection:
            connection.execute(sa.text(statement))

    def subscribe(self, *addresses: str, language: str = "en") -> None:
        """Customers who were added by an operator: active at once."""

        async def add(store: Store) -> None:
            async with store.write() as session:
                for address in addresses:
                    await subscribers.add(session, address, language, [], datetime.now(UTC))

        self._within(add)

    def close(self) -> None:
        self._engine.dispose()

    @cached_property
    def _engine(self) -> sa.Engine:
        url = self.url.replace("postgresql:", "postgresql+psycopg:", 1)
        return sa.create_engine(url, poolclass=sa.NullPool)

    def _within(self, work: Callable[[Store], Awaitable[_Made]]) -> _Made:
        async def run() -> _Made:
            store = Store(self.url)
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(run())
