"""What does every test of a probe need?"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from checks.network import Network
from tests.checks.chaos import AUTHORITY

PATIENCE = timedelta(seconds=5)
IMPATIENCE = timedelta(milliseconds=300)


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    """The real network, which trusts the tests' own authority too."""
    async with Network() as opened:
        opened.verifying.load_verify_locations(AUTHORITY)
        yield opened
