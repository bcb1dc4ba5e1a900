"""Which worlds do the tests of the API find ready?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World, open_world


@pytest.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    """Once on each engine."""
    async with open_world(store_url) as opened:
        yield opened


@pytest.fixture
async def small_world(sqlite_url: str) -> AsyncIterator[World]:
    """For what does not touch the engine."""
    async with open_world(sqlite_url) as opened:
        yield opened


@pytest.fixture
async def anna(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The operator on duty, who may do all about incidents."""
    token = await world.token(Scope.INCIDENTS, Scope.READ, name="anna", user="anna@acme.example")
    async with world.client(token) as client:
        yield client
