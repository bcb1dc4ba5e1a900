"""Does the first letter to somebody who was added say why it comes, and only the first?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statuspage.actions import subscribers
from statuspage.api import routes
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Subscriber
from statuspage.vocabulary import Scope
from tests.servers.smtp import Relay
from tests.statuspage.api.office import Office, flat, open_office

WHY_EN, WHY_IT = "You get this letter because", "Riceve questa lettera perché"
FILE = (
    "address,language,source\n"
    "ada@example.org,it,Fiera di Forlì <2 & 3>\n"
    "bea@example.org,en,\n"
    "carl@example.org,en,customer list\n"
)


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path, site='time_zone = "Europe/Rome"') as opened:
        yield opened


async def bring_in(office: Office) -> None:
    token = await office.world.token(Scope.SUBSCRIBERS, name="keeper")
    async with office.world.client(token) as client:
        path, headers = f"{routes.PREFIX}/subscribers/import", {"Content-Type": "text/csv"}
        answer = await client.post(path, content=FILE.encode(), headers=headers)
        assert answer.json()["added"] == 3


async def test_it_says_since_when_and_from_where_and_how_to_stop_it(office: Office) -> None:
    await bring_in(office)
    await office.say(components=["shop"], what_happened="Paying by card does not work.")
    await office.mails()
    in_italian = office.letter("ada@example.org")
    for form in (in_italian.text, in_italian.html):
        assert WHY_IT in flat(form)
        assert "(23 novembre 2026)" in flat(form)
        assert "Fiera di Forlì <2 & 3>" in flat(form)
    assert "<2" not in in_italian.html
    (ada,) = [row for row in await office.world.rows(Subscriber) if row.language == "it"]
    stop = f"https://status.acme.example/unsubscribe/{ada.code}"
    assert in_italian.text.count(stop) == 2, "there, and at the end as ever"
    from_nowhere = flat(office.letter("bea@example.org").text)
    assert f"{WHY_EN} Acme put your address on its list on 23 November 2026." in from_nowhere
    assert "comes from" not in from_nowhere
    assert "comes from: customer list" in flat(office.letter("carl@example.org").text)


async def test_the_second_does_not(office: Office) -> None:
    await bring_in(office)
    first = await office.say(components=["shop"], what_happened="Paying does not work.")
    await office.mails()
    said = {"what_happened": "It was the till.", "what_we_are_doing": "We mend it."}
    await office.say(f"/{first['id']}/updates", status="identified", **said)
    await office.mails()
    assert len(office.relay.to("carl@example.org")) == 2
    assert WHY_EN not in flat(office.letter("carl@example.org").text)
    assert not any(row.to_introduce for row in await office.world.rows(Subscriber))


async def test_one_that_did_not_arrive_was_not_the_first(office: Office) -> None:
    await bring_in(office)
    office.relay.reply("RCPT", "450 4.2.1 later", recipient="carl@example.org", times=1)
    await office.say(components=["shop"], what_happened="Paying does not work.")
    await office.mails()
    assert not office.relay.to("carl@example.org")
    assert WHY_EN in flat(office.letter("bea@example.org").text)
    await office.mails(seconds=3600)
    assert WHY_EN in flat(office.letter("carl@example.org").text)


async def test_who_asked_for_letters_knows_why(office: Office) -> None:
    store, settings = office.world.premises.store, office.world.premises.settings
    async with store.write() as session:
        now = office.world.clock.at
        await subscribers.ask(session, settings, "dora@example.org", "en", Wishes(), now, {})
    (dora,) = await office.world.rows(Subscriber)
    async with store.write() as session:
        await subscribers.confirm(session, dora.confirm_code or "", office.world.clock.at, {})
    await office.say(components=["shop"], what_happened="Paying by card does not work.")
    await office.mails()
    assert WHY_EN not in flat(office.letter("dora@example.org").text)
