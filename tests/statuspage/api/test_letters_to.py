"""Can whoever answers the telephone see what a customer was told, and when?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from statuspage.api import routes
from statuspage.vocabulary import Scope
from tests.servers.smtp import Relay
from tests.statuspage.api.office import Office, flat, open_office

PATH = f"{routes.PREFIX}/subscribers"
ADA, BEA = "ada@example.org", "bea@example.org"


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path) as opened:
        yield opened


@pytest.fixture
async def support(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    token = await office.world.token(Scope.SUPPORT, name="support")
    async with office.world.client(token) as client:
        yield client


async def letters_to(support: httpx.AsyncClient, address: str) -> tuple[str, list[dict[str, str]]]:
    (one,) = (await support.get(PATH, params={"address": address})).json()["items"]
    path = f"{PATH}/{one['id']}/deliveries"
    return path, (await support.get(path)).json()["items"]


async def test_what_it_was_about_and_what_became_of_it(
    office: Office, support: httpx.AsyncClient
) -> None:
    await office.world.subscribe(ADA, "it")
    await office.world.subscribe(BEA)
    office.relay.reply("RCPT", "550 5.1.1 no such mailbox", recipient=BEA)
    said = await office.say(
        components=["shop"], name="Cards", what_happened="Paying by card does not work."
    )
    await office.mails()
    _, (to_ada,) = await letters_to(support, ADA)
    assert to_ada["state"] == "accepted"
    assert to_ada["subject"] == office.letter(ADA).subject
    assert to_ada["url"] == f"https://status.acme.example/incidents/{said['id']}"
    assert to_ada["accepted_at"]
    assert to_ada["reason"] is None
    _, (to_bea,) = await letters_to(support, BEA)
    assert (to_bea["state"], "no such mailbox" in to_bea["reason"]) == ("failed", True)


async def test_the_letter_itself_without_their_links(
    office: Office, support: httpx.AsyncClient
) -> None:
    await office.world.subscribe(ADA)
    await office.say(components=["shop"], what_happened="Paying by card does not work.")
    await office.mails()
    path, (letter,) = await letters_to(support, ADA)
    told = (await support.get(f"{path}/{letter['n']}")).json()
    assert told["subject"] == office.letter(ADA).subject
    assert "Paying by card does not work." in flat(told["text"])
    assert "/subscriptions/…" in told["text"]
    assert (await support.get(f"{path}/{int(letter['n']) + 7}")).status_code == 404
    other = await office.world.subscribe(BEA)
    assert (await support.get(f"{PATH}/{other}/deliveries/{letter['n']}")).status_code == 404


async def test_words_that_left_in_one_letter_are_shown_as_one(
    office: Office, support: httpx.AsyncClient
) -> None:
    await office.world.subscribe(ADA)
    office.relay.reply("RCPT", "450 4.2.1 later", recipient=ADA, times=1)
    said = await office.say(components=["shop"], what_happened="Paying by card does not work.")
    await office.mails()
    word = {"what_happened": "It was the till.", "what_we_are_doing": "We mend it."}
    await office.say(f"/{said['id']}/updates", status="identified", **word)
    await office.mails(seconds=3600)
    path, items = await letters_to(support, ADA)
    assert {one["state"] for one in items} == {"accepted", "merged"}
    texts = {(await support.get(f"{path}/{one['n']}")).json()["text"] for one in items}
    assert len(texts) == 1
    assert "It was the till." in flat(texts.pop())
