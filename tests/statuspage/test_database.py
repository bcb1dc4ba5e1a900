"""Does the store keep what it is given, on both engines?"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, StatementError

from statuspage import database, migrations
from statuspage.actions.revision import raise_revision, revision
from statuspage.database import Store, Utc
from statuspage.migrations import ProgramTooOld, migrate, newest
from statuspage.tables import AuditEntry, Check, Component, Figures, House, Subscriber

ROME_SUMMER = timezone(timedelta(hours=2))
HOUR = timedelta(hours=1)
JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
async def store(empty_url: str) -> Store:
    made = Store(empty_url)
    await migrate(made)
    return made


async def test_a_time_with_an_offset_comes_back_as_the_same_moment(store: Store) -> None:
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=ROME_SUMMER)
    async with store.write() as session:
        session.add(AuditEntry(at=moment, who="ada", did="tested", what="times"))
    async with store.read() as session:
        found = (await session.scalars(sa.select(AuditEntry))).one()
    assert found.at == moment
    assert found.at.utcoffset() == timedelta(0)
    await store.close()


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with store.write() as session:
            session.add(AuditEntry(at=datetime(2026, 7, 1), who="a", did="b", what="c"))  # noqa: DTZ001
    await store.close()


async def test_two_that_read_and_then_write_take_turns(store: Store) -> None:
    """With a deferred BEGIN the second would get "database is locked" at once."""

    async def add_one() -> None:
        async with store.write() as session:
            house = (await session.scalars(sa.select(House).with_for_update())).one()
            await asyncio.sleep(0)
            house.revision += 1

    await asyncio.gather(*(add_one() for _ in range(8)))
    async with store.read() as session:
        assert (await session.scalars(sa.select(House))).one().revision == 9
    await store.close()


async def test_starting_together_migrates_once(empty_url: str) -> None:
    stores = [Store(empty_url) for _ in range(3)]
    await asyncio.gather(*(migrate(store) for store in stores))
    async with stores[0].read() as session:
        assert len((await session.scalars(sa.select(House))).all()) == 1
    for store in stores:
        await store.close()


async def test_the_tables_are_those_that_the_migrations_make(store: Store) -> None:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from sqlmodel import SQLModel  # noqa: PLC0415

    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await store.close()


def test_each_migration_is_in_a_file_of_its_number() -> None:
    """By the names it is known which is the newest, without loading Alembic."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert numbers[::-1] == list(migrations._known())
    assert newest() == scripts.get_current_head()


def _upgrade(connection: sa.Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_of_mailboxes_that_were_there_twice_the_one_that_left_stays(empty_url: str) -> None:
    """Before 0007 capitals made another row."""
    store = Store(empty_url)
    async with store.engine.begin() as connection:
        await connection.run_sync(_upgrade, "0006")
    rows = [
        {"id": "a", "address": "ADA@example.org", "state": "active"},
        {"id": "b", "address": "ada@example.org", "state": "left"},
        {"id": "c", "address": "eva@example.org", "state": "active"},
    ]
    async with store.write() as session:
        for row in rows:
            await session.execute(
                sa.text(
                    "INSERT INTO subscribers"
                    " (id, channel, address, language, components, state, code, created_at, proof)"
                    " VALUES (:id, 'email', :address, 'en', '[]', :state, :id,"
                    " '2026-07-01 12:00:00', '{}')"
                ),
                row,
            )
    await migrate(store)
    async with store.read() as session:
        found = (await session.scalars(sa.select(Subscriber).order_by(Subscriber.id))).all()
    states = [(row.state, row.address, row.mailbox) for row in found]
    assert states == [
        ("erased", None, None),
        ("left", "ada@example.org", "ada@example.org"),
        ("active", "eva@example.org", "eva@example.org"),
    ]
    await store.close()


async def test_what_was_seen_before_0009_is_known_as_finely_as_before(empty_url: str) -> None:
    store = Store(empty_url)
    async with store.engine.begin() as connection:
        await connection.run_sync(_upgrade, "0008")
    async with store.write() as session:
        session.add(Component(id="shop", name="Shop", created_at=JULY, updated_at=JULY))
        await session.flush()
        session.add(Check(id="shop", component_id="shop", kind="http", next_due_at=JULY))
        await session.flush()
        samples = sa.table(
            "samples",
            *(sa.column(name) for name in ("check_id", "asked", "failed", "slow")),
            *(sa.column(name) for name in ("latency_sum_ms", "latency_max_ms")),
            sa.column("slot_at", Utc()),
        )
        for minutes in (0, 5, 55, 60, 12 * 60, 10 * 24 * 60):
            values = {"check_id": "shop", "asked": 20, "failed": 1, "slow": 2, "latency_sum_ms": 9}
            at = JULY + timedelta(minutes=minutes)
            await session.execute(sa.insert(samples).values(**values, latency_max_ms=9, slot_at=at))
    await migrate(store)
    async with store.read() as session:
        rows = (await session.scalars(sa.select(Figures))).all()
    found = sorted(
        (row.minutes, (row.begins_at - JULY) / HOUR, row.asked, row.seen) for row in rows
    )
    assert found == [
        (5, 240, 20, 1),  # of five minutes the last eight days
        (60, 0, 60, 0b100000000011),
        (60, 1, 20, 1),
        (60, 12, 20, 1),
        (60, 240, 20, 1),
        (1440, -12, 80, 1 << 12 | 1 << 13),
        (1440, 12, 20, 1),
        (1440, 228, 20, 1 << 12),
    ]
    assert {(row.failed * 20, row.slow * 10, row.times) for row in rows} == {
        (row.asked, row.asked, b"") for row in rows
    }
    await store.close()


async def test_a_program_older_than_its_database_refuses_to_start(store: Store) -> None:
    async with store.write() as session:
        await session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ProgramTooOld, match=f"9999.*newer.*{newest()}"):
        await migrate(store)
    await store.close()


async def test_a_store_that_is_away_says_so_and_raises_no_surprise(
    postgresql_url: str, sqlite_url: str
) -> None:
    gone = Store("postgresql://avviso@127.0.0.1:1/none")
    assert not await gone.answers()
    for url in (postgresql_url, sqlite_url):
        there = Store(url)
        assert await there.answers()
        await there.close()
    await gone.close()


async def test_an_error_of_the_store_names_no_value(store_url: str) -> None:
    """It ends in a log, and a value may be a customer's address."""
    asked = Store(store_url)
    with pytest.raises(sa.exc.DBAPIError) as error:
        async with asked.read() as session:
            await session.execute(sa.text("SELECT :who FROM nowhere"), {"who": "anna@example.org"})
    assert "anna" not in str(error.value)
    await asked.close()


def test_moments_are_stored_in_utc_whatever_the_engine() -> None:
    """What is written sorts as it happened, also as SQLite's text."""
    from statuspage.database import Utc  # noqa: PLC0415

    bound = Utc().process_bind_param(datetime(2026, 7, 1, 1, 0, tzinfo=ROME_SUMMER), None)  # type: ignore[arg-type]
    assert bound == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)


async def test_a_reader_sees_one_moment_however_long_it_reads(store: Store) -> None:
    """Else a page shows the rows of one revision under the number of the next."""
    async with store.read() as reader:
        before = await revision(reader)
        async with store.write() as writer:
            await raise_revision(writer)
        assert await revision(reader) == before
    async with store.read() as reader:
        assert await revision(reader) == before + 1
    await store.close()


async def test_whoever_is_frozen_in_a_transaction_lets_others_go_on(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "IDLE_MS", 200)
    frozen, other = Store(postgresql_url), Store(postgresql_url)
    with suppress(DBAPIError):  # told when it wakes
        async with frozen.write() as session:
            await session.execute(sa.select(House).with_for_update())
            async with asyncio.timeout(10), other.write() as waits:
                await waits.execute(sa.select(House).with_for_update())
    await frozen.close()
    await other.close()
