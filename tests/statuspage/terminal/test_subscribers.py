"""Can those who are written to be listed, added and removed from a terminal?"""

from __future__ import annotations

import json

from statuspage.tables import Subscriber
from tests.statuspage.api.world import World
from tests.statuspage.terminal.conftest import Shell


async def test_somebody_is_added_found_and_removed(world: World, avviso: Shell) -> None:
    said = await avviso(
        *("subscribers", "add", "ada@example.org", "--component", "shop"),
        *("--lang", "it", "--consent", "--source", "a letter of hers"),
    )
    (row,) = await world.rows(Subscriber)
    assert (said.code, said.out) == (0, f"Active: {row.id}\n")
    assert (row.language, row.components, row.basis) == ("it", ["shop"], "consent")
    await world.subscribe("bea@example.org")
    listed = await avviso("subscribers", "list", "--address", "ada@example.org")
    assert "ada@example.org" in listed.out
    assert "bea@example.org" not in listed.out
    assert (await avviso("subscribers", "remove", "ada@example.org")).code == 0
    back = await avviso("subscribers", "add", "ada@example.org")
    assert "not brought back" in back.out
    assert (await avviso("subscribers", "remove", "nobody@example.org")).code == 2


async def test_programs_get_the_answer_itself(world: World, avviso: Shell) -> None:
    await world.subscribe("ada@example.org")
    said = await avviso("subscribers", "list", "--json")
    assert json.loads(said.out)["items"][0]["address"] == "ada@example.org"


async def test_who_is_not_shown_is_counted(world: World, avviso: Shell) -> None:
    for n in range(3):
        await world.subscribe(f"reader{n}@example.org")
    said = await avviso("subscribers", "list", "--limit", "2")
    assert len(said.out.splitlines()) == 3
    assert said.err == "2 of 3; --limit shows more.\n"
