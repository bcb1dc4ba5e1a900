"""A visitor, on both stores, in a town that writes letters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statuspage.database import Store
from statuspage.public import asking
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


@pytest.fixture(autouse=True)
def hasty_answers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms answer at once, except where a test is about how long that takes: `in_earnest`."""
    if "in_earnest" not in request.fixturenames:
        monkeypatch.setattr(asking, "GRID_S", 0.01)


@pytest.fixture
def in_earnest() -> None:
    """Answers leave when they leave in production."""
