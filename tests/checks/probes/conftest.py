"""Which servers do the probes' tests share? Nobody stops or changes these."""

from collections.abc import Iterator

import pytest

from tests.servers.mariadb import MariaDB
from tests.servers.redis import Redis


@pytest.fixture(scope="package")
def shared_mariadb() -> Iterator[MariaDB]:
    with MariaDB() as server:
        yield server


@pytest.fixture(scope="package")
def shared_redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server
