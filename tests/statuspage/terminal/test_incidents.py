"""Does one short line at 3 a.m. say what is wrong, to those who were shown?"""

from __future__ import annotations

import inspect
import json
import shlex

import pytest

from notifications import commands
from statuspage.tables import Announcement, Incident, Update
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import TEXT, World, open_world
from tests.statuspage.serving import served
from tests.statuspage.terminal.conftest import Shell

OPEN = ("incident", "open", "shop", "We cannot take orders.")


async def test_one_line_opens_an_incident(world: World, avviso: Shell) -> None:
    said = await avviso(*OPEN, "--yes")
    assert said.code == 0
    (row,) = await world.rows(Incident)
    assert said.out == f"Opened {row.id}: Shop. https://status.acme.example/incidents/{row.id}\n"
    (told,) = await world.rows(Announcement)
    assert told.facts["said"]["words"]["what_happened"] == "We cannot take orders."


async def test_whom_it_writes_to_is_shown_before_it_asks(world: World, avviso: Shell) -> None:
    await world.subscribe("ada@example.org")
    await world.subscribe("bruno@example.org", "it")
    said = await avviso(*OPEN, types="n\n")
    assert said.code == 1
    assert await world.rows(Incident) == []
    said = await avviso(*OPEN, types="y\n")
    assert said.code == 0
    assert "To 2 customers (en 1, it 1)." in said.err
    assert "We cannot take orders." in said.err
    assert len(await world.rows(Incident)) == 1


async def test_where_nobody_can_be_asked_yes_must_be_said(world: World, avviso: Shell) -> None:
    said = await avviso(*OPEN)
    assert (said.code, said.out) == (2, "")
    assert "--yes" in said.err
    assert await world.rows(Incident) == []


async def test_a_dry_run_asks_nothing_and_does_nothing(world: World, avviso: Shell) -> None:
    said = await avviso(*OPEN, "--dry-run")
    assert said.code == 0
    assert "To 0 customers." in said.err
    assert await world.rows(Incident) == []


async def test_what_stands_on_the_page_alone_need_not_be_asked(world: World, avviso: Shell) -> None:
    assert (await avviso(*OPEN, "--no-notify")).code == 0
    assert await world.rows(Announcement) == []


async def test_everything_can_be_said(avviso: Shell) -> None:
    said = await avviso(
        *("incident", "open", "shop=partial_outage,blog", "Half of it is gone."),
        *("--doing", "We look.", "--prevent", "We will see.", "--impact", "major"),
        *("--status", "identified", "--name", "Half", "--next", "20m", "--lang", "en"),
        *("--separate", "--yes", "--json"),
    )
    told = json.loads(said.out)
    assert told["components"] == {"shop": "partial_outage", "blog": "partial_outage"}
    assert (told["name"], told["impact"], told["status"]) == ("Half", "major", "identified")
    assert told["promises"][0]["due_at"] == "2026-11-23T12:20:00Z"


async def test_a_night(world: World, avviso: Shell) -> None:
    await avviso(*OPEN, "--yes")
    (row,) = await world.rows(Incident)
    listed = await avviso("incident", "list")
    assert row.id in listed.out
    assert "2026-11-23 12:30Z" in listed.out
    said = await avviso("incident", "update", row.id, "It is the disc.", "--yes", "--json")
    assert [one["n"] for one in json.loads(said.out)["updates"]] == [1, 2]
    taken = await avviso("incident", "withdraw", row.id)
    assert taken.out == "Taken back before any letter left.\n"
    world.clock.pass_(minutes=1)
    said = await avviso(
        *("incident", "update", row.id, "It is the disk.", "--status", "identified", "-y"),
        *("--doing", "We make room."),
    )
    assert said.code == 0
    assert (await avviso("incident", "resolve", row.id, "It works again.", "-y")).code == 0
    assert (await avviso("incident", "list")).out == "No incident is open.\n"
    assert "resolved" in (await avviso("incident", "list", "--all")).out


async def test_said_twice_in_a_hurry_is_said_once(world: World, avviso: Shell) -> None:
    await avviso(*OPEN, "--yes")
    again = await avviso(*OPEN, "--yes")
    assert (again.code, len(await world.rows(Incident))) == (0, 1)
    assert "not said again" in again.err


@pytest.mark.parametrize(
    "command",
    [
        commands.acknowledge,
        commands.stop_letters,
        commands.release_letters,
        commands.false_alarm,
        commands.resolve,
    ],
)
@pytest.mark.parametrize("language", ["en", "it"])
async def test_the_line_in_the_operators_message_works_as_pasted(
    sqlite_url: str, command: object, language: str
) -> None:
    """In the site's own language, whichever that is."""
    text = TEXT.replace('["en", "it"]', f'["{language}", "{"it" if language == "en" else "en"}"]')
    async with open_world(sqlite_url, text) as world:
        token = await world.token(Scope.ADMIN, name="anna")
        async with served(world.app) as serving:
            avviso = Shell({"AVVISO_URL": serving.url, "AVVISO_TOKEN": token})
            await works_as_pasted(world, avviso, command, language)


async def works_as_pasted(world: World, avviso: Shell, command: object, language: str) -> None:
    await avviso(*OPEN, "--yes")
    (row,) = await world.rows(Incident)
    world.clock.pass_(minutes=1)
    assert callable(command)
    spoken = [language] if "language" in inspect.signature(command).parameters else []
    line = command("https://status.acme.example", row.id, *spoken).avviso
    program, *words = shlex.split(line)
    assert program == "avviso"
    said = await avviso(*words, types="y\n")
    assert said.code == 0, said.err


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("incident", "open", "shopp", "x", "-y"), 2, "components.shopp: No such component"),
        (("incident", "open", "shop=broken", "x", "-y"), 2, "no status of a component"),
        (("incident", "open", "shop", "x", "-y", "--next", "soon"), 2, "next_update_in: "),
        (("incident", "update", "nosuchthing1", "x", "-y"), 2, "There is no incident"),
        (("incident", "update", "../audit", "x", "-y"), 2, "Nothing is found"),
        (("incident", "withdraw", "nosuchthing1"), 2, "There is no incident"),
        (("incident", "open"), 2, "Missing argument"),
        (("incident", "open", "shop", "x", "--impact", "awful"), 2, "awful"),
    ],
)
async def test_what_is_wrong_is_a_sentence(
    avviso: Shell, words: tuple[str, ...], code: int, sentence: str
) -> None:
    said = await avviso(*words)
    assert said.code == code
    assert sentence in said.err
    assert "Traceback" not in said.err


async def test_what_is_over_is_a_failure_and_no_wrong_use(world: World, avviso: Shell) -> None:
    await avviso(*OPEN, "--yes")
    (row,) = await world.rows(Incident)
    await avviso("incident", "resolve", row.id, "--yes")
    late = await avviso("incident", "update", row.id, "One more thing.", "--yes")
    assert (late.code, late.err) == (1, "This incident is over; open another one.")


async def test_what_must_not_stand_is_removed(world: World, avviso: Shell) -> None:
    await avviso(*OPEN, "--name", "Mario Rossi", "--yes")
    (row,) = await world.rows(Incident)
    removed = await avviso("incident", "erase", row.id)
    assert removed.out == "Removed before any letter left.\n"
    (update,) = await world.rows(Update)
    assert (update.what_happened, update.withdrawn_at) == (None, None)
    await avviso("incident", "erase", row.id, "--title")
    assert [row.name for row in await world.rows(Incident)] == [None]
    assert (await avviso("incident", "erase", row.id, "1", "--title")).code == 2


async def test_an_earlier_word_is_corrected(world: World, avviso: Shell) -> None:
    await avviso(*OPEN, "--yes")
    (row,) = await world.rows(Incident)
    said = await avviso("incident", "update", row.id, "Cards only.", "--corrects", "1", "--yes")
    assert said.code == 0
    assert [one.corrects for one in await world.rows(Update)] == [None, 1]
    wrong = await avviso("incident", "update", row.id, "Cards.", "--corrects", "7", "--yes")
    assert (wrong.code, wrong.err) == (2, "corrects: This incident has no number 7.")


async def test_a_translation_follows(world: World, avviso: Shell) -> None:
    await avviso(*OPEN, "--yes")
    (row,) = await world.rows(Incident)
    said = await avviso("incident", "translate", row.id, "it", "Non riceviamo ordini.")
    assert said.out == "Translated word 1 into it.\n"
    (update,) = await world.rows(Update)
    assert update.translations["it"]["what_happened"] == "Non riceviamo ordini."


async def test_one_word_is_warm(world: World, avviso: Shell) -> None:
    assert (await avviso("incident", "open", "blog", "Slow.", "--warm", "--yes")).code == 0
    assert [row.tone for row in await world.rows(Update)] == ["warm"]
    refused = await avviso("incident", "open", "shop=major_outage", "--warm", "--yes")
    assert (refused.code, refused.err) == (2, 'tone: Only "plain" where the impact is critical.')
