"""Is a deploy said in one short line, and does what writes to customers ask first?"""

from __future__ import annotations

import json

from statuspage.tables import Announcement, Maintenance
from tests.statuspage.api.world import World
from tests.statuspage.terminal.conftest import Shell

ADD = ("maintenance", "add", "shop", "--from", "2026-11-29T01:00+01:00", "--for", "3h")


async def test_one_short_line_begins_a_deploy_and_asks_nobody(world: World, avviso: Shell) -> None:
    said = await avviso("maintenance", "now", "shop", "20m")
    assert said.code == 0
    (row,) = await world.rows(Maintenance)
    assert said.out == (
        f"Begun {row.id}: Shop, 2026-11-23 12:00Z to 2026-11-23 12:20Z. "
        f"https://status.acme.example/maintenances/{row.id}\n"
    )
    assert said.err == f"To end it: avviso maintenance end {row.id}\n"
    assert (row.status, row.body) == ("in_progress", "")
    assert await world.rows(Announcement) == []


async def test_another_ends_it_without_its_id(world: World, avviso: Shell) -> None:
    await avviso("maintenance", "now", "shop", "20m", "A new search.")
    said = await avviso("maintenance", "end")
    assert (said.code, said.out[:6]) == (0, "Ended ")
    (row,) = await world.rows(Maintenance)
    assert (row.status, row.body) == ("completed", "A new search.")
    assert (await avviso("maintenance", "end")).err == "No maintenance is under way."


async def test_of_several_the_one_that_is_meant_is_named(world: World, avviso: Shell) -> None:
    await avviso("maintenance", "now", "shop", "20m")
    await avviso("maintenance", "now", "blog,orders-db", "20m")
    said = await avviso("maintenance", "end")
    assert said.code == 2
    assert "Several are under way; name one:" in said.err
    assert (await avviso("maintenance", "end", "blog")).code == 0
    states = {row.components[0]: row.status for row in await world.rows(Maintenance)}
    assert states == {"shop": "in_progress", "blog": "completed"}
    assert (await avviso("maintenance", "end", "till")).code == 2


async def test_what_is_announced_shows_whom_it_writes_to_and_asks(
    world: World, avviso: Shell
) -> None:
    await world.subscribe("ada@example.org")
    await world.subscribe("bruno@example.org", "it", "blog")
    assert (await avviso(*ADD)).code == 2  # nobody can be asked
    assert (await avviso(*ADD, types="n\n")).code == 1
    assert await world.rows(Maintenance) == []
    said = await avviso(*ADD, types="y\n")
    assert said.code == 0
    assert "To 1 customer (en 1)." in said.err
    assert "Shop: maintenance on Sunday 29 November" in said.err
    (row,) = await world.rows(Maintenance)
    assert row.notify


async def test_a_weekly_one_is_added_moved_and_cancelled(world: World, avviso: Shell) -> None:
    said = await avviso(*ADD, "--every", "week", "--on", "sun,wed", "--yes", "--json")
    told = json.loads(said.out)
    assert told["repeat"]["on"] == ["sun", "wed"]
    id = told["id"]
    moved = await avviso("maintenance", "change", id, "--for", "4h", "--name", "Upgrade", "--yes")
    assert (moved.code, moved.out.startswith(f"Changed {id}: Upgrade, ")) == (0, True)
    listed = await avviso("maintenance", "list")
    assert listed.out.splitlines()[1].split() == [
        *(id, "scheduled", "2026-11-29", "00:00Z", "2026-11-29", "04:00Z", "week", "Upgrade")
    ]
    cancelled = await avviso("maintenance", "cancel", id, "--yes")
    assert cancelled.out.startswith(f"Cancelled {id}")
    assert (await avviso("maintenance", "list")).out == "No maintenance is planned.\n"
    assert "cancelled" in (await avviso("maintenance", "list", "--all")).out


async def test_a_dry_run_does_nothing(world: World, avviso: Shell) -> None:
    assert (await avviso(*ADD, "--dry-run")).code == 0
    assert await world.rows(Maintenance) == []


async def test_what_cannot_be_is_said_in_a_line(avviso: Shell) -> None:
    said = await avviso("maintenance", "now", "till", "20m")
    assert (said.code, said.err[:25]) == (2, "components.till: No such ")
    said = await avviso("maintenance", "now", "shop", "soon")
    assert (said.code, said.err[:6]) == (2, "lasts:")
    assert (await avviso("maintenance", "change", "abc")).code == 2
    assert (await avviso(*ADD, "--on", "sun", "--yes")).code == 2


async def test_what_nobody_should_read_is_refused_said_all_the_same_and_removed(
    world: World, avviso: Shell
) -> None:
    line = ("maintenance", "now", "shop", "20m", "Please reply by Friday.")
    refused = await avviso(*line)
    assert (refused.code, await world.rows(Maintenance)) == (2, [])
    assert "--override" in refused.err
    said = await avviso(*line, "--override")
    assert (said.code, "error: body:" in said.err) == (0, True)
    (row,) = await world.rows(Maintenance)
    refused = await avviso("maintenance", "change", row.id, "Egreggio Cliento.", "--yes")
    assert refused.code == 2
    erased = await avviso("maintenance", "erase", row.id, "--reason", "a name")
    assert (erased.code, erased.out) == (0, "Removed before any letter left.\n")
    (row,) = await world.rows(Maintenance)
    assert row.body == ""
