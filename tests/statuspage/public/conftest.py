"""A visitor, on both stores, in a town that writes letters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statuspage.database import Store
from statuspage.settings import loads
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import CONFIGURATION, Town
from tests.statuspage.public.visitor import Visitor


@pytest.fixture
async def visitor(store_url: str, smtp: Relay) -> AsyncIterator[Visitor]:
    text = CONFIGURATION.format(server=smtp.dsn, mail="", letters="", operators="")
    town = await Town(Store(store_url), loads(text, {}, Path("/nowhere/avviso.toml"))).build()
    yield Visitor(town)
    await town.close()
