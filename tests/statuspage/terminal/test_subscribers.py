"""Can those who are written to be listed, added and removed from a terminal?"""

from __future__ import annotations

import json
from pathlib import Path

from statuspage.actions import subscribers
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Subscriber
from tests.statuspage.api.world import World
from tests.statuspage.terminal.conftest import Shell


async def test_somebody_is_added_found_and_removed(world: World, avviso: Shell) -> None:
    said = await avviso(
        *("subscribers", "add", "ada@example.org", "--component", "shop"),
        *("--lang", "it", "--basis", "consent", "--source", "a letter of hers"),
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


async def test_who_chose_for_themselves_is_left_as_they_are(world: World, avviso: Shell) -> None:
    store, settings, now = world.premises.store, world.premises.settings, world.clock.at
    async with store.write() as session:
        await subscribers.ask(session, settings, "ada@example.org", "it", Wishes(), now, {})
    (row,) = await world.rows(Subscriber)
    async with store.write() as session:
        await subscribers.confirm(session, row.confirm_code or "", now, {})
    said = await avviso("subscribers", "add", "ada@example.org", "--basis", "contract")
    assert (said.code, said.out) == (0, f"They keep what they chose themselves: {row.id}\n")
    assert (await world.rows(Subscriber))[0].basis == "consent"
    assert (await avviso("subscribers", "add", "eva@example.org", "--basis", "whim")).code == 2


async def test_all_wishes_can_be_told(world: World, avviso: Shell) -> None:
    said = await avviso(
        *("subscribers", "add", "ada@example.org", "--least-impact", "major", "--ends-only"),
    )
    assert said.code == 0, said.err
    (row,) = await world.rows(Subscriber)
    assert (row.least_impact, row.ends_only) == ("major", True)
    no_group = await avviso("subscribers", "add", "eva@example.org", "--group", "None")
    assert (no_group.code, "Public groups are" in no_group.err) == (2, True)
    assert (await avviso("subscribers", "add", "eva@example.org", "--least-impact", "x")).code == 2


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


async def test_one_of_them_is_shown_with_their_wishes(world: World, avviso: Shell) -> None:
    await world.subscribe("ada@example.org", "it", "shop", "blog")
    said = await avviso("subscribers", "show", "ada@example.org")
    assert "ada@example.org" in said.out
    assert "Told of: shop,blog, in it" in said.out
    assert json.loads((await avviso("subscribers", "show", "ada@example.org", "--json")).out)


async def test_they_are_found_by_a_part_and_a_state(world: World, avviso: Shell) -> None:
    await world.subscribe("ada@one.example")
    await world.subscribe("bea@two.example")
    assert "bea" not in (await avviso("subscribers", "list", "--like", "one.ex")).out
    assert "ada" not in (await avviso("subscribers", "list", "--state", "left")).out
    assert (await avviso("subscribers", "list", "--state", "asleep")).code == 2


async def test_what_they_were_told_is_listed_and_read(world: World, avviso: Shell) -> None:
    store, settings = world.premises.store, world.premises.settings
    async with store.write() as session:
        await subscribers.ask(
            session, settings, "ada@example.org", "en", Wishes(), world.clock.at, {}
        )
    listed = await avviso("subscribers", "letters", "ada@example.org")
    heads, row = listed.out.splitlines()
    assert "SUBJECT" in heads
    assert "queued" in row
    assert "Acme: your letters about outages" in row
    read = await avviso("subscribers", "letters", "ada@example.org", row.split()[0])
    assert read.out.startswith("Subject: Acme: your letters about outages\n\n")
    assert "Yes, write to me" in read.out
    assert (await avviso("subscribers", "letters", "ada@example.org", "99")).code == 2


async def test_the_list_comes_out_whole_or_not_at_all(
    world: World, avviso: Shell, tmp_path: Path
) -> None:
    id = await world.subscribe("ada@example.org")
    file = tmp_path / "out.csv"
    assert (await avviso("subscribers", "export", str(file))).code == 0
    assert "ada@example.org" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    for stdout in ([], ["-"]):
        assert "ada@example.org" in (await avviso("subscribers", "export", *stdout)).out
    for who in (id, "ada@example.org"):
        person = json.loads((await avviso("subscribers", "export", "--who", who)).out)
        assert person["subscriber"]["address"] == "ada@example.org"
    nobody = await avviso("subscribers", "export", "--who", "eva@example.org")
    assert (nobody.code, nobody.err) == (2, "Nobody has this address.")
    file.unlink()
    before = contents(tmp_path)
    assert (await avviso("subscribers", "export", str(file), "--state", "asleep")).code == 2
    assert contents(tmp_path) == before


def contents(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_somebody_is_erased_once_it_is_sure(world: World, avviso: Shell) -> None:
    await world.subscribe("ada@example.org")
    assert (await avviso("subscribers", "erase", "ada@example.org", types="n\n")).code == 1
    (row,) = await world.rows(Subscriber)
    assert row.address == "ada@example.org"
    assert (await avviso("subscribers", "erase", "ada@example.org", "--yes")).out == "Erased.\n"
    (row,) = await world.rows(Subscriber)
    assert (row.state, row.address, row.code) == ("erased", None, None)
    assert (await avviso("subscribers", "show", row.id)).code == 2
