"""Visitors have a program or a chat told, and look after it by the links in their letter."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.app import build
from statuspage.database import Store
from statuspage.settings import loads
from statuspage.tables import Subscriber, Suppression
from tests.servers.https import Host, https
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import CONFIGURATION, HOUR, SECOND, Town, town_settings
from tests.statuspage.public.visitor import Visitor

URL = "https://hooks.example.org/in?key=s3cret"
SLACK = "https://hooks.slack.com/services/T0AAA/B0BBB/s3cretXYZ"
OWNER = "ada@example.org"


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with https("hooks.example.org", "hooks.slack.com") as made:
        yield made


@pytest.fixture
async def visitor(store_url: str, smtp: Relay, host: Host) -> AsyncIterator[Visitor]:
    text = CONFIGURATION.format(server=smtp.dsn, mail="", letters="", operators="")
    settings = loads(text, {}, Path("/nowhere/avviso.toml"))
    town = await Town(Store(store_url), settings, host.reach).build()
    made = Visitor(town)
    made.premises = replace(made.premises, reach=host.reach)
    made.app = build(made.premises)
    made.http = made.from_address("192.0.2.1")
    yield made
    await town.close()


async def ask(visitor: Visitor, url: str = URL, **fields: object) -> httpx.Response:
    form = {"channel": "webhook", "address": url, "owner": OWNER, "language": "en", **fields}
    return await visitor.http.post("/subscribe/hook", data=form)


async def mail(visitor: Visitor, smtp: Relay, to: str = OWNER) -> str:
    """The path of the link to confirm."""
    visitor.town.at += SECOND
    await visitor.town.deliver()
    letter = smtp.to(to)[-1]
    found = re.search(r"https://status\.acme\.example(/subscriptions/\S+/confirm)", letter.text)
    assert found
    assert "s3cret" not in letter.raw.decode()
    return found[1]


async def begun(visitor: Visitor, smtp: Relay, url: str = URL, channel: str = "webhook") -> str:
    """The path of its owner's page."""
    await ask(visitor, url, channel=channel)
    told = await visitor.http.post(await mail(visitor, smtp))
    found = re.search(r'href="(/subscriptions/[\w-]{22})"', told.text)
    assert found
    return found[1]


async def hook(visitor: Visitor) -> Subscriber:
    async with visitor.town.store.read() as session:
        return (await session.scalars(sa.select(Subscriber))).one()


async def test_nothing_is_called_before_its_owner_says_yes(
    visitor: Visitor, smtp: Relay, host: Host
) -> None:
    assert "Look into your mailbox" in (await ask(visitor)).text
    confirm = await mail(visitor, smtp)
    assert "hooks.example.org" in smtp.to(OWNER)[0].text
    await visitor.town.incident()
    await visitor.town.tell("A disk is full.")
    await visitor.town.mail()
    assert host.connections == 0
    shown = await visitor.http.get(confirm)
    assert "Shall we call it?" in shown.text
    assert (await hook(visitor)).state == "pending", "a look changes nothing"
    told = await visitor.http.post(confirm)
    secret = re.search(r"whsec_[\w+/=]+", told.text)
    assert secret
    assert secret[0] == (await hook(visitor)).secret
    assert "whsec_" not in (await visitor.http.get(confirm)).text, "shown once"
    await visitor.town.tell("It is mended soon.")
    await visitor.town.mail()
    assert len(host.requests) == 1
    assert (await hook(visitor)).proof["confirmed"]["from"] == "192.0.2.1"


async def test_a_program_may_ask_with_json(visitor: Visitor, smtp: Relay) -> None:
    said = {"channel": "slack", "address": SLACK, "owner": OWNER, "components": ["shop"]}
    told = await visitor.http.post("/subscribe/hook", json=said)
    assert (told.status_code, told.json()) == (202, {"status": "asked"})
    row = await hook(visitor)
    assert (row.channel, row.address, row.components) == ("slack", SLACK, ["shop"])
    assert row.secret is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "https://127.0.0.1/s3cret"),
        ("address", "http://hooks.example.org/s3cret"),
        ("owner", "nobody"),
        ("channel", "email"),
        ("channel", "operators_hook"),
        ("channel", ""),
        ("components", "s3cret"),
        ("only_incident", "inc1"),
    ],
)
async def test_what_is_wrong_can_be_mended(visitor: Visitor, field: str, value: str) -> None:
    told = await ask(visitor, **{field: value})
    assert told.status_code == 422
    assert 'action="/subscribe/hook"' in told.text
    said = {"channel": "webhook", "address": URL, "owner": OWNER}
    value_in = [value] if field == "components" else value
    program = await visitor.http.post("/subscribe/hook", json={**said, field: value_in})
    assert program.status_code == 422
    assert program.json()["errors"][0]["loc"][:2] == ["body", field]
    assert "s3cret" not in program.text


async def test_whether_a_hook_is_known_cannot_be_told(visitor: Visitor, smtp: Relay) -> None:
    await begun(visitor, smtp)
    known = await ask(visitor)
    stranger = await ask(visitor, owner="eve@example.org")
    unknown = await ask(visitor, "https://hooks.example.org/other", owner="eve@example.org")
    assert known.text == stranger.text == unknown.text
    visitor.town.at += SECOND
    await visitor.town.deliver()
    assert len(smtp.to(OWNER)) == 1
    assert len(smtp.to("eve@example.org")) == 1, "of the unknown one alone"
    async with visitor.town.store.read() as session:
        row = await session.scalar(sa.select(Subscriber).where(col(Subscriber.address) == URL))
    assert row is not None
    assert row.owner == OWNER


async def test_another_who_asks_takes_over_what_was_not_confirmed(
    visitor: Visitor, smtp: Relay
) -> None:
    await ask(visitor)
    first = await mail(visitor, smtp)
    await ask(visitor, owner="bob@example.org")
    second = await mail(visitor, smtp, "bob@example.org")
    assert (await visitor.http.post(first)).status_code == 404
    assert (await visitor.http.post(second)).status_code == 200
    assert (await hook(visitor)).owner == "bob@example.org"


async def test_before_there_are_pages_one_is_sent_to_the_first(visitor: Visitor) -> None:
    told = await visitor.http.get("/subscribe/hook", headers={"Accept-Language": "it"})
    assert (told.status_code, told.headers["location"]) == (303, "/it/")


async def test_where_no_relay_is_nobody_can_be_asked(store_url: str) -> None:
    town = await Town(Store(store_url), town_settings("")).build()
    visitor = Visitor(town)
    assert (await ask(visitor)).status_code == 404
    said = {"channel": "webhook", "address": URL, "owner": OWNER}
    assert (await visitor.http.post("/subscribe/hook", json=said)).status_code == 404
    await town.close()


async def test_its_owner_tries_it(visitor: Visitor, smtp: Relay, host: Host) -> None:
    manage = await begun(visitor, smtp)
    shown = await visitor.http.get(manage)
    assert "Your webhook at hooks.example.org." in shown.text
    assert "s3cret" not in shown.text
    assert shown.headers["referrer-policy"] == "no-referrer"
    told = await visitor.http.post(f"{manage}/test")
    assert "It has taken the test." in told.text
    asked = host.requests[0]
    assert (asked.json["test"], "incident" in asked.json) == (True, False)
    assert asked.headers["webhook-signature"].startswith("v1,")
    host.answer("404 Not Found")
    told = await visitor.http.post(f"{manage}/test")
    assert "It answered HTTP 404." in told.text
    host.answers = [b""]
    assert "It gave no answer" in (await visitor.http.post(f"{manage}/test")).text
    assert (await hook(visitor)).failing_since is None


async def test_a_chat_is_tried_in_its_own_mark_up(
    visitor: Visitor, smtp: Relay, host: Host
) -> None:
    manage = await begun(visitor, smtp, SLACK, "slack")
    await visitor.http.post(f"{manage}/test")
    assert host.requests[0].json["text"] == "Acme: this is a test"
    assert (await visitor.http.post(f"{manage}/secret")).status_code == 404


async def test_tests_are_counted(visitor: Visitor, smtp: Relay, host: Host) -> None:
    manage = await begun(visitor, smtp)
    codes = [(await visitor.http.post(f"{manage}/test")).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    assert len(host.requests) == 10
    visitor.town.at += HOUR + SECOND * 120
    assert (await visitor.http.post(f"{manage}/test")).status_code == 200


async def test_what_rests_is_started_again(visitor: Visitor, smtp: Relay) -> None:
    manage = await begun(visitor, smtp)
    async with visitor.town.store.write() as session:
        row = (await session.scalars(sa.select(Subscriber))).one()
        row.state, row.resting_since = "resting", visitor.town.at
    assert "Start it again" in (await visitor.http.get(manage)).text
    assert (await hook(visitor)).state == "resting"
    assert "Started." in (await visitor.http.post(f"{manage}/start")).text
    assert (await hook(visitor)).state == "active"


async def test_a_new_secret_voids_the_old(visitor: Visitor, smtp: Relay) -> None:
    manage = await begun(visitor, smtp)
    before = (await hook(visitor)).secret
    told = await visitor.http.post(f"{manage}/secret")
    after = (await hook(visitor)).secret
    assert after != before
    assert str(after) in told.text.replace("&#43;", "+")


async def test_wishes_are_changed_and_calls_are_stopped(visitor: Visitor, smtp: Relay) -> None:
    manage = await begun(visitor, smtp)
    told = await visitor.http.post(manage, data={"components": "blog", "language": "it"})
    assert "Che cosa riceve" in told.text
    row = await hook(visitor)
    assert (row.components, row.language) == (["blog"], "it")
    code = manage.rpartition("/")[2]
    assert (await visitor.http.post(f"/unsubscribe/{code}")).status_code == 200
    assert (await hook(visitor)).state == "left"
    for deed in ("test", "start", "secret"):
        assert (await visitor.http.post(f"{manage}/{deed}")).status_code == 404


async def test_forgotten_is_forgotten(visitor: Visitor, smtp: Relay) -> None:
    manage = await begun(visitor, smtp)
    assert (await visitor.http.post(f"{manage}/forget")).status_code == 200
    row = await hook(visitor)
    assert (row.address, row.owner, row.secret, row.code) == (None, None, None, None)
    async with visitor.town.store.read() as session:
        assert (await session.scalars(sa.select(Suppression))).one().hash
        for table in ("announcements", "deliveries", "audit", "answers"):
            rows = (await session.execute(sa.text(f"SELECT * FROM {table}"))).all()  # noqa: S608
            assert "s3cret" not in str(rows)
            assert OWNER not in str(rows)


@pytest.mark.parametrize("deed", ["test", "start", "secret"])
async def test_a_code_of_nobody_opens_nothing(visitor: Visitor, deed: str) -> None:
    for code in ("x", "a" * 22):
        assert (await visitor.http.post(f"/subscriptions/{code}/{deed}")).status_code == 404


async def test_a_mailbox_has_no_hook_to_try(visitor: Visitor) -> None:
    anna = await visitor.town.add("anna@example.org")
    for deed in ("test", "start", "secret"):
        told = await visitor.http.post(f"/subscriptions/{anna.code}/{deed}")
        assert told.status_code == 404
