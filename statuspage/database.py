"""How do we reach the store, on SQLite and PostgreSQL alike?

One engine, two kinds of session: ``write`` begins IMMEDIATE on SQLite (a deferred
transaction that reads first gets SQLITE_BUSY_SNAPSHOT at once, whatever the
busy_timeout), ``read`` never waits for a writer. Times are UTC in and out: SQLite
would drop an offset without a word. Nobody waits on the network inside either.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from statuspage.turns import Turns

STORE_AWAY = (OperationalError, InterfaceError, InternalError, NoConnection, OSError)
"""How a store that does not answer shows. Other errors of a driver are an answer: that what
was asked of it cannot be, which is a mistake of ours.
"""
BUSY_MS = 10_000
IDLE_MS = 20_000
"""No transaction of ours waits for anything but the store, so this is somebody who is frozen."""
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL may lose acknowledged commits on power loss
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MS}",
    "secure_delete=ON",  # what was erased is overwritten, in pages that are free as well
)
_CHECKPOINT_WAITS_MS = 50


class Utc(sa.TypeDecorator[datetime]):
    """An aware time, stored as UTC on every engine; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


class Store:
    """The engine and its sessions. ``url`` is the configured one: ``sqlite:///…`` or
    ``postgresql://…``. Creating it connects to nothing.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_migrated = False
        """The tables are there, in today's shape: ``migrate`` says so."""
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _engine(url)
        self._reading = self.engine.execution_options(reading=True, **_one_view(self.is_sqlite))
        file = self.file
        self._turns = Turns(file, BUSY_MS / 1000) if file else None

    @property
    def file(self) -> Path | None:
        """SQLite's file; None on PostgreSQL."""
        return Path(self.url.removeprefix("sqlite:///")) if self.is_sqlite else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back on any exception."""
        session = AsyncSession(self.engine, expire_on_commit=False)
        async with self._turns or nullcontext(), session, session.begin():
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A consistent view; writes nothing."""
        async with AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session

    async def answers(self) -> bool:
        """Is the store there, right now?"""
        try:
            async with self.read() as session:
                await session.execute(sa.text("SELECT 1"))
        except (DBAPIError, OSError):
            return False
        return True

    async def empty_log(self) -> bool:
        """Bring what SQLite's write-ahead log has into the file, and cut it off: it holds what
        was erased, as it was before. False: a reader needs it still, so ask again soon; no
        writer waits for that reader meanwhile.
        """
        if self._turns is None:
            return True
        async with self._turns, self.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.execute(f"PRAGMA busy_timeout={_CHECKPOINT_WAITS_MS}")
            try:
                async with raw.execute("PRAGMA wal_checkpoint(TRUNCATE)") as found:
                    is_busy = (await found.fetchone())[0]
            finally:
                await raw.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return not is_busy

    async def close(self) -> None:
        await self.engine.dispose()
        if self._turns is not None:
            self._turns.close()


def _one_view(is_sqlite: bool) -> dict[str, str]:
    """SQLite's readers have one view of the store from their first statement to their last;
    PostgreSQL's must ask for it, or a page mixes rows of two revisions.
    """
    return {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}


def _engine(url: str) -> AsyncEngine:
    """Its errors name no values: they end in a log, and a value may be a customer's address."""
    if not url.startswith("sqlite"):
        engine = create_async_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=5,
            max_overflow=10,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5},
            hide_parameters=True,
        )
        event.listen(engine.sync_engine, "connect", _prepare_postgresql)
        return engine
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url.replace("sqlite://", "sqlite+aiosqlite://", 1),
        connect_args={"timeout": 10},
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Whoever is frozen in a transaction must not hold up all others until it wakes."""
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
    cursor.execute("SET random_page_cost = 1.1")
    cursor.close()
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not say BEGIN for us
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
