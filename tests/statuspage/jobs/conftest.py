"""The town, on both stores, with a relay that it writes through."""

from collections.abc import AsyncIterator

import pytest

from statuspage.database import Store
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import Town, town_settings


@pytest.fixture
async def town(store_url: str, smtp: Relay) -> AsyncIterator[Town]:
    made = await Town(Store(store_url), town_settings(smtp.dsn)).build()
    yield made
    await made.close()
