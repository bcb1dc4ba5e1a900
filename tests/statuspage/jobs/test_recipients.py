"""Is who was told of an incident still known when the letters are forgotten, and no more?"""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import recipients
from statuspage.jobs import sweep
from statuspage.jobs.rows import read_rows
from statuspage.tables import Delivery, Recipient, Update
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import NOON, Town

LONG = timedelta(days=91)


async def remembered(town: Town) -> set[str]:
    async with town.store.read() as session:
        found = await session.scalars(sa.select(col(Recipient.subscriber_id)))
        return set(found.all())


async def told(town: Town, *addresses: str) -> None:
    for address in addresses:
        await town.add(address)
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()


async def test_the_last_word_reaches_those_whose_first_letter_is_forgotten(
    town: Town, smtp: Relay
) -> None:
    await told(town, "anna@example.org", "bert@example.org", "carl@example.org")
    town.at += LONG
    await town.add("late@example.org")
    await town.leave("bert@example.org")
    await town.sweep()
    assert await town.deliveries() == []
    await town.leave("carl@example.org")
    smtp.forget()
    await town.tell("It works.", over=True)
    await town.mail()
    assert [letter.recipient for letter in smtp.letters] == ["anna@example.org"]


async def test_nothing_is_remembered_of_who_has_left(town: Town) -> None:
    await told(town, "anna@example.org", "bert@example.org")
    await town.leave("bert@example.org")
    town.at += LONG
    await town.sweep()
    anna = (await town.subscriber("anna@example.org")).id
    assert await remembered(town) == {anna}
    await town.leave("anna@example.org")
    assert await remembered(town) == set()


async def test_a_letter_that_reached_nobody_leaves_no_memory(town: Town) -> None:
    await told(town, "anna@example.org")
    async with town.store.write() as session:
        await session.execute(sa.update(Delivery).values(state="failed"))
    town.at += LONG
    await town.sweep()
    assert await town.deliveries() == []
    assert await remembered(town) == set()


async def test_many_letters_are_forgotten_in_slices_and_each_is_remembered(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST_AT_ONCE", 3)
    await town.crowd(10)
    await told(town)
    town.at += LONG
    await town.sweep()
    assert await town.deliveries() == []
    assert len(await remembered(town)) == 10


async def test_a_crash_while_letters_are_forgotten_loses_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.crowd(10)
    await told(town)
    town.at += LONG
    real, times = recipients.remember, iter([False, True])

    async def cut(session: AsyncSession, ids: Sequence[int]) -> None:
        await real(session, ids)
        if next(times, False):
            raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(sweep, "MOST_AT_ONCE", 4)
        patch.setattr(recipients, "remember", cut)
        with pytest.raises(ConnectionError):
            await town.sweep()
    assert len(await town.deliveries()) == 6
    assert len(await remembered(town)) == 4
    await town.sweep()
    assert await town.deliveries() == []
    assert len(await remembered(town)) == 10


async def test_what_was_mailed_stays_marked_on_the_page(town: Town) -> None:
    await town.add("anna@example.org")
    await town.incident()
    async with town.store.write() as session:
        session.add(Update(incident_id="inc1", n=1, at=NOON, status="investigating", by="human"))
    await town.tell("A disk is full.", update_n=1)
    await town.mail()
    for at in (NOON, NOON + LONG):
        town.at = at
        await town.sweep()
        async with town.store.read() as session:
            rows = await read_rows(session, town.settings, at)
        assert rows.mailed == {("inc1", 1)}
    assert await town.deliveries() == []
