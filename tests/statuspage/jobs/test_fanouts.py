"""How a fan-out went is measured when every letter was tried, and for good when it has ended."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from statuspage.actions import announcements
from statuspage.actions.revision import revision
from statuspage.jobs.fanouts import measure
from statuspage.jobs.publish import Publish
from statuspage.rules.fanouts import Fanout
from statuspage.tables import Announcement, Delivery, Subscriber, Update
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
    return [Fanout.thaw(row.measured) for row in await counted(town) if row.measured_at]


async def counted(town: Town) -> list[Announcement]:
    async with town.store.read() as session:
        found = await session.scalars(
            sa.select(Announcement)
            .where(sa.column("counted_at").is_not(None))
            .order_by(sa.column("created_at"))
        )
        return list(found)


async def page(town: Town, language: str = "en") -> str:
    premises = town.premises
    publish = Publish(premises)
    await publish.tick(town.at)
    await publish.close()
    shown = premises.memory.pages[f"/{language}/incidents/inc1"]
    return next(iter(shown)).page.body.decode()


async def test_it_is_measured_when_all_were_tried_and_for_good_when_the_last_has_ended(
    town: Town, smtp: Relay
) -> None:
    smtp.reply("RCPT", "450 4.2.1 later", recipient="reader3@example.org", times=1)
    smtp.reply("RCPT", "550 5.1.1 unknown", recipient="reader4@example.org")
    await town.crowd(5)
    await town.incident()
    await say(town, "A disk is full.", 1)
    assert await measure(town.store, town.at) == 0, "it is not spread yet"
    town.at += 4 * SECOND
    await town.spread()
    assert await measure(town.store, town.at) == 0, "none was tried yet"
    await town.deliver()
    assert await measure(town.store, town.at) == 1
    assert "We are still trying to reach 200 in 1,000." in await page(town)
    assert [row.measured_at for row in await counted(town)] == [None]
    assert await measure(town.store, town.at) == 0, "not again at once"
    town.at = next(one.due_at for one in await town.deliveries() if one.state == "queued")
    await town.deliver()
    before = await shown_revision(town)
    assert await measure(town.store, town.at) == 1
    assert await shown_revision(town) == before + 1
    assert "still trying" not in await page(town)
    assert await measure(town.store, town.at + HOUR) == 0, "that was for good"
    (fanout,) = await measured(town)
    assert (fanout.sent, fanout.refused, fanout.given_up, fanout.queued) == (4, 1, 0, 0)
    assert fanout.first_s is not None
    assert fanout.last_s is not None
    assert 4 <= fanout.first_s < 5
    assert fanout.last_s >= (town.at - NOON).total_seconds()


async def test_what_waits_is_counted_again_each_minute(town: Town, smtp: Relay) -> None:
    smtp.reply("RCPT", "450 4.2.1 later", recipient="reader1@example.org")
    smtp.reply("RCPT", "450 4.2.1 later", recipient="reader2@example.org", times=1)
    await town.crowd(4)
    await town.incident()
    await say(town, "A disk is full.", 1)
    await town.mail()
    await measure(town.store, town.at)
    assert "trying to reach 500 in 1,000." in await page(town)
    for _ in range(2):
        town.at = max(one.due_at for one in await town.deliveries() if one.state == "queued")
        await town.deliver()
    assert await town.count("queued") == 1
    before = await shown_revision(town)
    assert await measure(town.store, town.at + MINUTE) == 1
    assert "trying to reach 250 in 1,000." in await page(town)
    assert await measure(town.store, town.at + 3 * MINUTE) == 1
    assert await shown_revision(town) == before + 1, "the second time there was no news"


async def test_a_hook_that_is_away_neither_holds_the_figures_nor_stands_in_them(
    town: Town, smtp: Relay
) -> None:
    await town.crowd(3)
    await hook_that_is_away(town)
    await town.incident()
    await say(town, "A disk is full.", 1)
    await town.mail()
    assert await measure(town.store, town.at) == 1
    shown = await page(town)
    assert "written to within" in shown
    assert "still trying" not in shown
    (row,) = await counted(town)
    fanout = Fanout.thaw(row.measured)
    assert (fanout.sent, fanout.queued, fanout.hooks_queued) == (3, 0, 1)
    assert row.measured_at is None, "the hook is tried again"
    async with town.store.write() as session:
        await session.execute(
            sa.update(Delivery)
            .where(sa.column("state") == "queued")
            .values(state="accepted", accepted_at=town.at + HOUR, ended_at=town.at + HOUR)
        )
    assert await measure(town.store, town.at + HOUR) == 1
    (final,) = await measured(town)
    assert (final.sent, final.hooks_called, final.last_s) == (3, 1, fanout.last_s)


async def test_what_a_limit_puts_off_holds_no_figures(town: Town) -> None:
    await town.crowd(2)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    first, second = await town.deliveries()
    async with town.store.write() as session:
        values = {"state": "accepted", "accepted_at": town.at, "ended_at": town.at}
        accepted = sa.update(Delivery).where(sa.column("id") == first.id)
        await session.execute(accepted.values(**values))
        put_off = sa.update(Delivery).where(sa.column("id") == second.id)
        await session.execute(put_off.values(due_at=town.at + 30 * SECOND))
    assert await measure(town.store, town.at) == 0, "its turn is soon"
    async with town.store.write() as session:
        await session.execute(put_off.values(due_at=town.at + HOUR))
    assert await measure(town.store, town.at) == 1


async def hook_that_is_away(town: Town) -> None:
    async with town.store.write() as session:
        session.add(
            Subscriber(
                id="webhook-1",
                channel="webhook",
                address="https://hooks.nowhere.invalid/in",
                language="en",
                state="active",
                code="abcdefghijklmnopqrstuv",
                secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                owner="ada@example.org",
                created_at=NOON,
                confirmed_at=NOON,
            )
        )


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
    assert await measure(town.store, town.at) == 1
    assert [one.suppressed for one in await measured(town)] == [3]
    async with town.store.write() as session:
        await announcements.resume(session, await session.get_one(Announcement, id), town.at)
    assert await measure(town.store, town.at) == 0
    await town.deliver()
    assert await measure(town.store, town.at) == 1
    assert [(one.sent, one.suppressed) for one in await measured(town)] == [(3, 0)]


async def test_letters_to_confirm_are_no_fan_out(town: Town, smtp: Relay) -> None:
    await town.ask("nora@example.org")
    await town.mail()
    assert len(smtp.letters) == 1
    assert await measure(town.store, town.at) == 0


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
    await measure(town.store, town.at)
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
    await measure(town.store, town.at)
    assert "within 2 seconds, the last after 7 seconds" in await page(town)


async def test_prometheus_sees_how_the_last_one_went(town: Town) -> None:
    await town.crowd(4)
    await town.incident()
    await say(town, "A disk is full.", 1)
    await town.spread()
    await accept(town, 0.5, 3.25, 8.125, 30.5)
    await measure(town.store, town.at)
    await page(town)
    told = town.room.metrics.exposition().decode()
    assert 'avviso_fanout_letters{outcome="sent"} 4.0' in told
    assert 'avviso_fanout_letters{outcome="refused"} 0.0' in told
    for share, seconds in (("0", 0.5), ("0.5", 3.25), ("0.95", 30.5), ("1", 30.5)):
        assert f'avviso_fanout_seconds{{share="{share}"}} {seconds}' in told
