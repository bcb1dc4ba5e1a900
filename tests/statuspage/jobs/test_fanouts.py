"""How a fan-out went is measured once, when it has ended, and then shown to everybody."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from statuspage.actions import announcements
from statuspage.actions.revision import revision
from statuspage.jobs.fanouts import measure_ended
from statuspage.jobs.publish import Publish
from statuspage.rules.fanouts import Fanout
from statuspage.tables import Announcement, Delivery, Update
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, NOON, SECOND, Town


async def say(town: Town, text: str, n: int) -> str:
    """A person's word, on the page and by letter."""
    async with town.store.write() as session:
        session.add(
            Update(
                incident_id="inc1",
                n=n,
                at=town.at,
                status="investigating",
                by="human",
                kind="words",
                language="en",
                what_happened=text,
                what_we_are_doing="We mend it.",
            )
        )
    return await town.tell(text, update_n=n)


async def measured(town: Town) -> list[Fanout]:
    async with town.store.read() as session:
        found = await session.scalars(
            sa.select(Announcement)
            .where(sa.column("measured_at").is_not(None))
            .order_by(sa.column("created_at"))
        )
        return [Fanout.thaw(row.measured) for row in found]


async def page(town: Town, language: str = "en") -> str:
    premises = town.premises
    publish = Publish(premises)
    await publish.tick(town.at)
    await publish.close()
    shown = premises.memory.pages[f"/{language}/incidents/inc1"]
    return next(iter(shown)).page.body.decode()


async def test_it_is_measured_when_the_last_letter_has_ended_and_not_before(
    town: Town, smtp: Relay
) -> None:
    smtp.reply("RCPT", "450 4.2.1 later", recipient="reader3@example.org", times=1)
    smtp.reply("RCPT", "550 5.1.1 unknown", recipient="reader4@example.org")
    await town.crowd(5)
    await town.incident()
    await town.tell("A disk is full.")
    assert await measure_ended(town.store, town.at) == 0, "it is not spread yet"
    town.at += 4 * SECOND
    await town.mail()
    assert await measure_ended(town.store, town.at) == 0, "one is tried again"
    town.at = next(one.due_at for one in await town.deliveries() if one.state == "queued")
    await town.deliver()
    before = await shown_revision(town)
    assert await measure_ended(town.store, town.at) == 1
    assert await shown_revision(town) == before + 1
    (fanout,) = await measured(town)
    assert (fanout.sent, fanout.refused, fanout.given_up, fanout.queued) == (4, 1, 0, 0)
    assert fanout.first_s is not None
    assert fanout.last_s is not None
    assert 4 <= fanout.first_s < 5
    assert fanout.last_s >= (town.at - NOON).total_seconds()


async def shown_revision(town: Town) -> int:
    async with town.store.read() as session:
        return await revision(session)


async def test_what_was_stopped_has_ended_and_what_goes_on_is_measured_anew(
    town: Town, smtp: Relay
) -> None:
    await town.crowd(3)
    await town.incident()
    id = await town.tell("A disk is full.")
    await town.spread()
    async with town.store.write() as session:
        await announcements.withdraw(session, "inc1", "stopped", town.at)
    assert await measure_ended(town.store, town.at) == 1
    assert [one.suppressed for one in await measured(town)] == [3]
    async with town.store.write() as session:
        await announcements.resume(session, await session.get_one(Announcement, id), town.at)
    assert await measure_ended(town.store, town.at) == 0
    await town.deliver()
    assert await measure_ended(town.store, town.at) == 1
    assert [(one.sent, one.suppressed) for one in await measured(town)] == [(3, 0)]


async def test_letters_to_confirm_are_no_fan_out(town: Town, smtp: Relay) -> None:
    await town.ask("nora@example.org")
    await town.mail()
    assert len(smtp.letters) == 1
    assert await measure_ended(town.store, town.at) == 0


async def accept(town: Town, *after_s: float) -> None:
    """All letters are accepted so long after the undo window."""
    for row, seconds in zip(await town.deliveries(), after_s, strict=True):
        at: datetime = town.at + seconds * SECOND
        async with town.store.write() as session:
            await session.execute(
                sa.update(Delivery)
                .where(sa.column("id") == row.id)
                .values(state="accepted", accepted_at=at, ended_at=at)
            )


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Half of those who asked were written to within 4 seconds, the last after 31"),
        (
            "it",
            "a metà di chi lo aveva chiesto entro 4 secondi, all’ultimo dopo 31",
        ),
    ],
)
async def test_the_page_tells_it_once_all_have_been_written_to(
    town: Town, language: str, sentence: str
) -> None:
    await town.crowd(4)
    await town.incident()
    await say(town, "A disk is full.", 1)
    await town.spread()
    await accept(town, 0.5, 3.2, 8.1, 30.4)
    assert sentence not in await page(town, language)
    town.at += MINUTE
    await measure_ended(town.store, town.at)
    assert sentence in await page(town, language)
    town.at += 100 * 24 * HOUR
    await town.sweep()
    assert await town.deliveries() == []
    assert sentence in await page(town, language), "it outlives the letters"


async def test_the_machines_first_word_has_its_times_too(town: Town) -> None:
    await town.crowd(2)
    await town.incident(automatic=True)
    async with town.store.write() as session:
        session.add(
            Update(
                incident_id="inc1",
                n=1,
                at=town.at,
                status="investigating",
                by="machine",
                kind="noticed",
            )
        )
    await town.tell("", automatic=True, occasion="noticed", facts={}, due_at=town.at)
    await town.spread()
    await accept(town, 2, 7)
    await measure_ended(town.store, town.at)
    assert "within 2 seconds, the last after 7 seconds" in await page(town)


async def test_prometheus_sees_how_the_last_one_went(town: Town) -> None:
    await town.crowd(4)
    await town.incident()
    await say(town, "A disk is full.", 1)
    await town.spread()
    await accept(town, 0.5, 3.25, 8.125, 30.5)
    await measure_ended(town.store, town.at)
    await page(town)
    told = town.room.metrics.exposition().decode()
    assert 'avviso_fanout_letters{outcome="sent"} 4.0' in told
    assert 'avviso_fanout_letters{outcome="refused"} 0.0' in told
    for share, seconds in (("0", 0.5), ("0.5", 3.25), ("0.95", 30.5), ("1", 30.5)):
        assert f'avviso_fanout_seconds{{share="{share}"}} {seconds}' in told
