"""Which real servers does a test find ready, and who pays for starting them?

A name alone (`postgresql`, `mariadb`, …) is a server for this test only: stop it, kill it, start it
again. Its siblings with `shared_` run for the whole session and are never stopped; `store_url`
gives a fresh, empty database on each of the two engines of Avviso's own store.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.servers.chromium import Chromium
from tests.servers.mariadb import MariaDB
from tests.servers.nginx import Nginx
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import Redis
from tests.servers.smtp import Relay


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


@pytest.fixture
def postgresql_url(shared_postgresql: PostgreSQL) -> Iterator[str]:
    """A fresh, empty database: `postgresql://avviso@127.0.0.1:port/name`."""
    with shared_postgresql.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database file that does not exist yet: `sqlite:////…/avviso.db`."""
    return f"sqlite:///{tmp_path}/avviso.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A fresh, empty store: the test runs once on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))
