"""What does every test of a probe need?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from checks.network import Network
from tests.checks.chaos import AUTHORITY

PATIENCE = timedelta(seconds=5)
IMPATIENCE = timedelta(milliseconds=300)


@asynccontextmanager
async def no_socket_left() -> AsyncIterator[None]:
    """Every look closes what it opened, at the latest when the other side had time to agree."""
    before = _sockets()
    yield
    async with asyncio.timeout(3):
        while _sockets() > before:  # noqa: ASYNC110 - the kernel sets no event for it
            await asyncio.sleep(0.005)


def _sockets() -> int:
    return sum(_is_socket(entry) for entry in Path("/proc/self/fd").iterdir())


def _is_socket(path: Path) -> bool:
    with suppress(OSError):  # the folder's own number is gone when it is read
        return path.readlink().name.startswith("socket:")
    return False


@asynccontextmanager
async def trusting_network() -> AsyncIterator[Network]:
    """The real network, which trusts the tests' own authority too."""
    async with no_socket_left(), Network() as opened:
        opened.verifying.load_verify_locations(AUTHORITY)
        yield opened


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    async with trusting_network() as opened:
        yield opened
