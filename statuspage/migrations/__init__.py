"""How does an older database become today's?

Alembic's migrations run by themselves at every start, on both engines, each in a
transaction of its own. On PostgreSQL an advisory lock makes replicas that start
together migrate once. A program that is older than its database does not start.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.database import Store
from statuspage.errors import Stop
from statuspage.tables import House

_NOTED = sa.table("alembic_version", sa.column("version_num", sa.String))
ADVISORY_LOCK = 4_718_203_115  # any number that nobody else on this server uses


class ProgramTooOld(Stop):
    """The database was made by a newer version."""


def newest() -> str:
    """The revision that this program knows as the last."""
    return _known()[-1]


async def migrate(store: Store) -> None:
    """Bring the store to today's shape and make sure of its one ``House`` row.

    Errors: ``ProgramTooOld``; the engine's own when the store does not answer.
    """
    async with store.engine.begin() as connection:
        if not store.is_sqlite:
            await connection.execute(
                sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK}
            )
        await connection.run_sync(_upgrade)
        async with AsyncSession(connection) as session:  # still alone: two would both insert it
            if await session.get(House, 1) is None:
                session.add(House(id=1, revision=1, secret=secrets.token_hex(32)))
            await session.commit()
    store.is_migrated = True


def _upgrade(connection: sa.Connection) -> None:
    found = _revision(connection)
    if found == newest():
        return
    if found is not None and found not in _known():
        raise ProgramTooOld(
            f"The database is at revision {found}, which is newer than this program "
            f"(it knows up to {newest()}). Start the newer version, or restore a copy "
            "made before the upgrade."
        )
    from alembic import command  # noqa: PLC0415  a quarter of a second that few starts need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: sa.Connection) -> str | None:
    """Which Alembic noted last; None: nobody has migrated yet."""
    if not sa.inspect(connection).has_table(_NOTED.name):
        return None
    return connection.scalar(sa.select(_NOTED.c.version_num))


@cache
def _known() -> tuple[str, ...]:
    """The revisions, oldest first: each file's name begins with its own."""
    files = (Path(__file__).parent / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))
