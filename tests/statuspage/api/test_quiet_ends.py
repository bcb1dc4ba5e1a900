"""An end without letters: who asked for that one letter gets it all the same."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statuspage.jobs.subscriptions import subscriptions as look_after
from statuspage.tables import Announcement, Subscriber
from tests.servers.smtp import Relay
from tests.statuspage.api.office import PATH, Office, open_office

ADA, ONCE = "ada@example.org", "once@example.org"
QUIETLY = {"status": "resolved", "what_happened": "A disk was full.", "notify": False}


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path) as opened:
        await opened.world.subscribe(ADA)
        yield opened


async def an_outage(office: Office) -> str:
    id = str((await office.say(components={"shop": "major_outage"}))["id"])
    await office.mails()
    return id


async def asks_once(office: Office, incident_id: str) -> None:
    """From an incident's page: one letter, when this is over."""
    now = office.world.clock.at
    row = Subscriber(
        id=secrets.token_hex(8),
        address=ONCE,
        language="en",
        state="active",
        code=secrets.token_urlsafe(16),
        created_at=now,
        asked_at=now,
        confirmed_at=now,
        only_incident_id=incident_id,
    )
    async with office.world.premises.store.write() as session:
        session.add(row)


async def test_who_asked_for_the_end_alone_gets_it_and_nobody_else(office: Office) -> None:
    id = await an_outage(office)
    await asks_once(office, id)
    told = await office.say(f"/{id}/updates?dry_run=true", **QUIETLY)
    assert told["total"] == 1, "whoever ends it sees that somebody is written to"
    await office.say(f"/{id}/updates", **QUIETLY)
    await look_after(office.world.premises, office.world.clock.at)
    await office.mails()
    await look_after(office.world.premises, office.world.clock.at)
    (letter,) = office.relay.to(ONCE)
    assert "A disk was full." in letter.text
    assert len(office.relay.to(ADA)) == 1, "nobody wrote to her that it is over"
    states = sorted(row.state for row in await office.world.rows(Subscriber))
    assert states == ["active", "erased"]


async def test_where_nobody_asked_for_it_nothing_is_announced(office: Office) -> None:
    id = await an_outage(office)
    await office.say(f"/{id}/updates", **QUIETLY)
    await office.mails()
    assert len(office.relay.to(ADA)) == 1
    assert len(await office.world.rows(Announcement)) == 1


async def test_a_word_in_between_reaches_nobody(office: Office) -> None:
    id = await an_outage(office)
    await asks_once(office, id)
    await office.say(f"/{id}/updates", what_happened="We know more.", notify=False)
    await office.mails()
    assert (len(office.relay.to(ADA)), office.relay.to(ONCE)) == (1, [])
    assert (await office.anna.get(f"{PATH}/{id}")).json()["resolved_at"] is None
