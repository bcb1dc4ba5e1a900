"""Can an operator read another's letter in a terminal, and let it go?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from statuspage.tables import Announcement
from statuspage.vocabulary import Scope
from tests.statuspage.api.test_approvals import SECOND_READER
from tests.statuspage.api.world import World, open_world
from tests.statuspage.serving import served
from tests.statuspage.terminal.conftest import Shell


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with open_world(sqlite_url, SECOND_READER) as opened:
        yield opened


@pytest.fixture
async def letter(world: World, avviso: Shell) -> str:
    """Bob's; the terminal is Anna's."""
    bob = await world.token(Scope.INCIDENTS, name="bob")
    async with served(world.app) as serving:
        shell = Shell({"AVVISO_URL": serving.url, "AVVISO_TOKEN": bob})
        words = ("incident", "open", "shop", "A disk is full.", "--status", "identified")
        said = await shell(*words, "--doing", "We are making room.", "--yes")
        assert said.code == 0, said.err
    (row,) = await world.rows(Announcement)
    return str(row.id)


async def test_it_is_listed_shown_and_let_go_by_another(
    world: World, avviso: Shell, letter: str
) -> None:
    listed = await avviso("letters", "waiting")
    assert listed.out == f"{letter}  by bob, leaves at 2026-11-23 12:10Z\n"
    shown = await avviso("letters", "show", letter)
    assert "A disk is full." in shown.out
    assert shown.out.endswith("--- To 0 customers. By bob.\n")
    assert (await avviso("letters", "approve", letter)).code == 2, "nobody can be asked"
    assert (await avviso("letters", "approve", letter, types="n\n")).code == 1
    gone = await avviso("letters", "approve", letter, types="y\n")
    assert (gone.code, "A disk is full." in gone.err) == (0, True)
    assert "It leaves at 2026-11-23 12:00Z." in gone.out
    (row,) = await world.rows(Announcement)
    assert row.approved_by == "anna"
    assert (await avviso("letters", "waiting")).out == "No letter waits for a second reader.\n"
    assert json.loads((await avviso("letters", "waiting", "--json")).out)["total"] == 0


async def test_twice_is_told_in_a_sentence(avviso: Shell, letter: str) -> None:
    await avviso("letters", "approve", letter, "--yes")
    again = await avviso("letters", "approve", letter, "--yes")
    assert again.code == 1
    assert "anna has approved this letter already." in again.err
