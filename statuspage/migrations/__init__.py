"""How does an older database become today's?

Alembic's migrations run by themselves at every start, on both engines, each in a
transaction of its own. On PostgreSQL an advisory lock makes replicas that start
together migrate once. A program that is older than its database does not start.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from statuspage.database import Store
from statuspage.errors import Stop
from statuspage.tables import House

ADVISORY_LOCK = 4_718_203_115  # any number that nobody else on this server uses


class ProgramTooOld(Stop):
    """The database was made by a newer version."""


def newest() -> str:
    """The revision that this program knows as the last."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


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
    async with store.write() as session:
        if await session.get(House, 1) is None:
            session.add(House(id=1, revision=1, secret=secrets.token_hex(32)))
    store.is_migrated = True


def _upgrade(connection: sa.Connection) -> None:
    config = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in known:
        raise ProgramTooOld(
            f"The database is at revision {found}, which is newer than this program "
            f"(it knows up to {newest()}). Start the newer version, or restore a copy "
            "made before the upgrade."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
