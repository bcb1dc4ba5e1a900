"""What does the last letter say, and to whom?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.rules.looks import slot_of
from statuspage.rules.watched import WHOLE_HOUR
from statuspage.tables import Component, Figures
from tests.servers.smtp import Relay
from tests.statuspage.api.office import Office, flat, open_office

HOUR = timedelta(hours=1)
RECORD = "of the last 90 days"


@pytest.fixture
async def office(sqlite_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(sqlite_url, smtp, tmp_path, slo=99.5) as opened:
        await opened.world.subscribe("ada@example.org")
        await opened.world.subscribe("bruno@example.org", "it")
        yield opened


async def was_watched(office: Office, days: int) -> None:
    """The shop is known, and was looked at in every five minutes, for so long."""
    now = office.world.clock.at
    begun = now - timedelta(days=days)
    hours = [slot_of(begun, HOUR) + n * HOUR for n in range(days * 24 + 1)]
    bits: dict[datetime, int] = {}
    for at in hours:
        day = slot_of(at, 24 * HOUR)
        bits[day] = bits.get(day, 0) | 1 << (at - day) // HOUR
    figures = [(60, at, WHOLE_HOUR) for at in hours] + [(1440, *day) for day in bits.items()]
    rows = [
        {"check_id": "shop/http", "minutes": minutes, "begins_at": at, "seen": seen}
        | {"asked": 240, "failed": 0, "slow": 0, "times": b""}
        for minutes, at, seen in figures
    ]
    async with office.world.premises.store.write() as session:
        await session.execute(sa.insert(Figures), rows)
        await session.execute(
            sa.update(Component).where(col(Component.id) == "shop").values(created_at=begun)
        )


async def an_outage(office: Office, **last: object) -> str:
    id = str((await office.say(components={"shop": "major_outage"}))["id"])
    await office.mails()
    office.world.clock.pass_(minutes=30)
    await office.say(f"/{id}/updates", status="resolved", **last)
    await office.mails()
    return id


async def test_it_says_how_the_past_has_been_in_figures(office: Office) -> None:
    await was_watched(office, 91)
    await an_outage(office, what_happened="A disk was full.")
    first, last = office.relay.to("ada@example.org")
    line = "Shop: there for 99.97 % of the last 90 days, this outage included."
    assert line in flat(last.text)
    assert line in flat(last.html)
    assert RECORD not in flat(first.text), "before a dead shop it would be boasting"
    italian = flat(office.letter("bruno@example.org").text)
    assert "Shop: 99,97 % del tempo in funzione negli ultimi 90 giorni" in italian


async def test_it_says_nothing_of_it_so_soon_after_another_outage(office: Office) -> None:
    await was_watched(office, 91)
    await an_outage(office)
    office.world.clock.pass_(days=3)
    await an_outage(office)
    assert RECORD not in flat(office.letter("ada@example.org").text)


async def test_after_some_weeks_it_says_since_when(office: Office) -> None:
    await was_watched(office, 40)
    await an_outage(office)
    text = flat(office.letter("ada@example.org").text)
    assert "of the time since 14 October 2026, this outage included." in text


async def test_a_false_alarm_is_owned_up_to_those_who_were_told_and_counts_nothing(
    office: Office,
) -> None:
    await was_watched(office, 91)
    id = str((await office.say(components={"shop": "major_outage"}))["id"])
    await office.mails()
    await office.world.subscribe("new@example.org")
    await office.say(f"/{id}/updates", status="resolved", false_alarm=True)
    await office.mails()
    text = flat(office.letter("ada@example.org").text)
    assert "That was our mistake: nothing was wrong." in text
    assert RECORD not in text
    italian = flat(office.letter("bruno@example.org").text)
    assert "È stato un nostro errore: funzionava tutto." in italian
    assert office.relay.to("new@example.org") == []
    await office.shows()
    assert "False alarm" in office.page("/en/history"), "marked as what it was"
    assert "Last trouble" not in office.page("/en/")
    office.world.clock.pass_(days=1)
    await an_outage(office)
    assert "there for 99.97" in office.letter("ada@example.org").text, "no other outage"
