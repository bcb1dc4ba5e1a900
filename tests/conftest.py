"""Which real servers does a test find ready, and who pays for starting them?

A name alone (`postgresql`, `mariadb`, …) is a server for this test only: stop it, kill it, start it
again. Its siblings with `shared_` run for the whole session and are never stopped; `store_url`
gives a fresh store, migrated already, on each of the two engines of Avviso's own.
"""

import asyncio
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from sqlalchemy.ext.asyncio import AsyncEngine

from statuspage import database
from statuspage.database import Store
from statuspage.migrations import migrate
from tests.servers import plain
from tests.servers.belongings import write_to_memory
from tests.servers.chromium import Chromium
from tests.servers.dovecot import Dovecot
from tests.servers.mariadb import MariaDB
from tests.servers.nginx import Nginx
from tests.servers.postfix import Postfix
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import Redis
from tests.servers.smtp import Relay

plain.know_one_authority()
write_to_memory()
# Whoever sets this spares a folder; but each `avviso` that a test starts would compile itself anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(scope="session", autouse=True)
def hasty_stores() -> Iterator[None]:
    """What a test's own process keeps need not outlive a power cut; `avviso serve`, started by
    a test, keeps it as in production.
    """
    told = [one.replace("synchronous=FULL", "synchronous=OFF") for one in database.SQLITE_PRAGMAS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SQLITE_PRAGMAS", told)
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_compilers() -> Iterator[None]:
    """Each test has its own store, all are asked the same: SQLAlchemy compiles a statement once
    for a dialect, and a store's engine has its own.
    """
    compilers: dict[str, tuple[Any, Any]] = {}
    made = database._engine

    def engine(url: str) -> AsyncEngine:
        new = made(url).sync_engine
        dialect, compiled = compilers.setdefault(
            new.dialect.name, (new.dialect, new._compiled_cache)
        )
        new.dialect = new.pool._dialect = dialect
        new._compiled_cache = compiled
        return AsyncEngine(new)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_engine", engine)
        yield


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: most of the long tests wait for what they started."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several workers none is left alone with the long ones at the end: they come first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda one: one.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The tests themselves are no garbage: not to be gone through at each collection."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL to stop and start."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB to stop and start."""
    with MariaDB() as server:
        yield server


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    """A Redis to stop and start."""
    with Redis() as server:
        yield server


@pytest.fixture
def nginx() -> Iterator[Nginx]:
    """An nginx that answers `well`; `nginx.configure(site)` gives it another site."""
    with Nginx() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[Relay]:
    """A mail relay with an empty mailbox."""
    with Relay() as relay:
        yield relay


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server to stop and start, with empty mailboxes."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    """A relay as most of us run it, with an empty Maildir."""
    if os.geteuid() != 0:
        pytest.skip("Postfix's first process must be root; run this test as root")
    with Postfix() as server:
        yield server


@pytest.fixture(scope="session")
def shared_postgresql() -> Iterator[PostgreSQL]:
    """The session's PostgreSQL, for `database()`; nobody stops it."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The session's Chromium; pages are opened by `browser`."""
    with Chromium() as server:
        yield server


@pytest.fixture
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    """A browser in which nothing is open: `await browser.new_page()`, `new_context(…)`."""
    async with chromium.browser() as connected:
        yield connected


@pytest.fixture(scope="session")
def migrated_postgresql(shared_postgresql: PostgreSQL) -> Iterator[str]:
    """The name of a database with today's tables, to be copied: migrating takes longer."""
    with shared_postgresql.database() as url:
        _migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    file = tmp_path_factory.mktemp("migrated") / "avviso.db"
    _migrate(f"sqlite:///{file}")
    return file


def _migrate(url: str) -> None:
    async def run() -> None:
        store = Store(url)
        await migrate(store)
        await store.close()

    asyncio.run(run())


@pytest.fixture
def postgresql_url(shared_postgresql: PostgreSQL, migrated_postgresql: str) -> Iterator[str]:
    """A fresh store: `postgresql://avviso@127.0.0.1:port/name`."""
    with shared_postgresql.database(migrated_postgresql) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """A fresh store: `sqlite:////…/avviso.db`."""
    shutil.copyfile(migrated_sqlite, tmp_path / "avviso.db")
    return f"sqlite:///{tmp_path}/avviso.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A fresh store: the test runs once on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(
    request: pytest.FixtureRequest, shared_postgresql: PostgreSQL, tmp_path: Path
) -> Iterator[str]:
    """Where nobody has migrated yet, on each engine: on SQLite a file that does not exist."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/avviso.db"
        return
    with shared_postgresql.database() as url:
        yield url


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 2 MB, to be filled."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk to fill")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets not even root mount a small disk to fill")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
