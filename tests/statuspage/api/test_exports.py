"""Do customers' data come out whole, and go in again as they were?"""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from statuspage.api import exports, routes, sheets
from statuspage.api.seeking import Seeking
from statuspage.rules.columns import COLUMNS
from statuspage.tables import Subscriber
from statuspage.vocabulary import Scope
from tests.servers.smtp import Relay
from tests.statuspage.api.office import open_office
from tests.statuspage.api.world import World

PATH = f"{routes.PREFIX}/subscribers"
CSV = {"Content-Type": "text/csv"}
FILE = (
    "address,language,components,groups,least_impact,ends_only,basis,source\n"
    "'+ada@example.org,it,blog|shop,,major,true,consent,'=HYPERLINK()\n"
    'bea@example.org,en,,,none,false,contract,"Fiera di Forlì, ""2"""\n'
)


@pytest.fixture
async def keeper(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(await world.token(Scope.SUBSCRIBERS)) as client:
        yield client


async def taken(keeper: httpx.AsyncClient, file: str) -> None:
    answer = await keeper.post(f"{PATH}/import", content=file.encode(), headers=CSV)
    assert answer.json()["rejected_total"] == 0, answer.text


async def exported(keeper: httpx.AsyncClient, **query: str) -> str:
    answer = await keeper.get(f"{PATH}/export", params=query)
    assert answer.headers["content-type"].startswith("text/csv")
    return answer.text


def lines(text: str) -> list[list[str]]:
    return sorted(csv.reader(io.StringIO(text)))


async def test_what_went_in_comes_out_and_goes_in_again(
    world: World, keeper: httpx.AsyncClient
) -> None:
    await taken(keeper, FILE)
    out = await exported(keeper)
    assert lines(out) == lines(FILE)
    async with world.premises.store.write() as session:
        await session.execute(sa.delete(Subscriber))
    await taken(keeper, out)
    assert lines(await exported(keeper)) == lines(FILE)
    assert "+ada@example.org" in {row.address for row in await world.rows(Subscriber)}


async def test_only_those_who_are_told_unless_others_are_wished(
    world: World, keeper: httpx.AsyncClient
) -> None:
    await taken(keeper, FILE)
    gone = await world.subscribe("gone@example.org")
    await keeper.delete(f"{PATH}/{gone}")
    assert "gone@example.org" not in await exported(keeper)
    assert [row[0] for row in lines(await exported(keeper, state="left"))] == [
        "address",
        "gone@example.org",
    ]
    assert len(lines(await exported(keeper, like="bea"))) == 2


async def test_a_long_list_comes_in_pages_and_little_memory(
    world: World, keeper: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 5000
    await taken(keeper, "address\n" + "".join(f"reader{n}@example.org\n" for n in range(count)))
    monkeypatch.setattr(sheets, "PAGE", 100)
    seen, pieces = 0, 0
    tracemalloc.start()
    async for piece in _pieces(world):
        seen += piece.count("example.org")
        pieces += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (seen, pieces) == (count, count // 100 + 2)
    assert peak < 4_000_000


async def _pieces(world: World) -> AsyncIterator[str]:
    sought = Seeking(None, "active", None)
    sheet = sheets.sheet(
        "all", world.premises.store, COLUMNS, lambda session, at: exports._page(sought, session, at)
    )
    async for piece in sheet.body_iterator:
        yield str(piece)


async def test_one_person_gets_everything_that_is_kept_about_them(
    store_url: str, smtp: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "LETTERS", 1)
    async with open_office(store_url, smtp, tmp_path) as office:
        token = await office.world.token(Scope.SUBSCRIBERS, name="keeper")
        async with office.world.client(token) as keeper:
            await taken(keeper, FILE)
            for part in ("shop", "blog"):
                await office.say(components=[part], what_happened=f"No {part} today.")
                await office.mails()
            (row,) = [one for one in await office.world.rows(Subscriber) if one.language == "en"]
            answer = await keeper.get(f"{PATH}/{row.id}/export")
            assert "attachment" in answer.headers["content-disposition"]
            told = answer.json()
            assert told["subscriber"]["address"] == "bea@example.org"
            assert told["subscriber"]["source"] == 'Fiera di Forlì, "2"'
            assert [one["state"] for one in told["deliveries"]] == ["accepted"] * 2
            assert "No shop today." in told["deliveries"][1]["text"]
            assert row.code not in answer.text
            nothing = await keeper.get(f"{PATH}/nobody/export")
            assert nothing.status_code == 404


async def test_nobody_who_was_written_to_has_no_letters(
    world: World, keeper: httpx.AsyncClient
) -> None:
    id = await world.subscribe("ada@example.org")
    told = (await keeper.get(f"{PATH}/{id}/export")).json()
    assert (told["deliveries"], told["told_of"], told["credits"]) == ([], [], [])
