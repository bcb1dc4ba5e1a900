"""Is a word read at the terminal before it is said, and what is refused told in a line each?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from statuspage.tables import AuditEntry, Incident, Update
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import TEXT, World, open_world
from tests.statuspage.serving import served
from tests.statuspage.terminal.conftest import Shell

ITALIAN = TEXT.replace('["en", "it"]', '["it", "en"]')


async def opened(world: World, avviso: Shell) -> str:
    assert (await avviso("incident", "open", "shop", "The shop is down.", "--yes")).code == 0
    (row,) = await world.rows(Incident)
    world.clock.pass_(minutes=1)
    return str(row.id)


async def test_a_draft_is_read(world: World, avviso: Shell) -> None:
    said = await avviso(
        *("letters", "review", "Egreggio Cliento, il negozio è chiuso.", "--lang", "it"),
        *("--doing", "Lo stiamo riavviando.", "--next", "30m"),
    )
    assert said.code == 0
    lines = said.err.splitlines()
    assert lines[0].startswith('error: what_happened: "Egreggio" → Egregio (')
    assert lines[1].startswith('error: what_happened: "Cliento" → Cliente (')
    assert "2 of them errors" in said.out
    assert await world.rows(Update) == []


async def test_a_good_draft_is_told_to_be_one(avviso: Shell) -> None:
    words = ("letters", "review", "A disk is full.", "--doing", "We make room.", "--next", "20m")
    said = await avviso(*words)
    assert (said.code, said.out, said.err) == (0, "Nothing to say against it.\n", "")
    assert json.loads((await avviso(*words, "--json")).out) == {"findings": []}


async def test_what_is_refused_is_told_in_a_line_each(world: World, avviso: Shell) -> None:
    id = await opened(world, avviso)
    line = ("incident", "update", id, "It is the fault of our suplier.", "--status", "identified")
    said = await avviso(*line, "--yes")
    assert said.code == 2
    *lines, last = said.err.splitlines()
    assert lines[0].startswith('what_happened: "is the fault of": ')
    assert '"suplier"' in lines[1]
    assert "→ supplier" in lines[1]
    assert lines[2].startswith("what_we_are_doing: ")
    assert "--override" in last
    assert len(await world.rows(Update)) == 1
    said = await avviso(*line, "--yes", "--override")
    assert said.code == 0
    assert 'error: what_happened: "suplier" → supplier' in said.err
    assert "overridden" in (await world.rows(AuditEntry))[-1].detail


async def test_who_is_asked_sees_it_before_and_is_not_asked_in_vain(
    world: World, avviso: Shell
) -> None:
    id = await opened(world, avviso)
    line = ("incident", "update", id, "TODO", "--status", "identified", "--doing", "We look.")
    said = await avviso(*line, types="y\n")
    assert said.code == 2
    assert "--override" in said.err
    assert "Say it?" not in said.err
    assert (await avviso(*line, "--override", types="y\n")).code == 0


@pytest.mark.parametrize("words", [(), ("It works again.",), ("--false-alarm",)])
async def test_a_short_last_word_is_made_whole(
    world: World, avviso: Shell, words: tuple[str, ...]
) -> None:
    id = await opened(world, avviso)
    said = await avviso("incident", "resolve", id, *words, "--yes")
    assert said.code == 0, said.err
    newest = (await world.rows(Update))[-1]
    assert newest.what_happened
    assert newest.what_we_are_doing


@pytest.fixture
async def italian(sqlite_url: str) -> AsyncIterator[tuple[World, Shell]]:
    """A site whose own language is Italian."""
    async with open_world(sqlite_url, ITALIAN) as world:
        token = await world.token(Scope.ADMIN, name="anna")
        async with served(world.app) as serving:
            yield world, Shell({"AVVISO_URL": serving.url, "AVVISO_TOKEN": token})


async def test_it_is_made_whole_in_the_language_of_the_site(italian: tuple[World, Shell]) -> None:
    world, avviso = italian
    id = await opened(world, avviso)
    assert (await avviso("incident", "resolve", id, "Il negozio è aperto.", "--yes")).code == 0
    newest = (await world.rows(Update))[-1]
    assert (newest.language, newest.what_we_are_doing) == ("it", "Lo teniamo d’occhio.")
