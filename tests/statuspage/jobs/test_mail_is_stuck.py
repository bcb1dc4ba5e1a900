"""Operators hear that mail is stuck when it is, and not when a recipient is away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from statuspage.actions import subscribers
from statuspage.jobs.measure import Measure
from statuspage.jobs.recording import mail_is_stuck
from statuspage.tables import Announcement, Call, Delivery
from tests.servers.smtp import Relay
from tests.statuspage.jobs.night import Night
from tests.statuspage.jobs.town import MINUTE, SECOND, Town


async def stuck(town: Town) -> bool:
    async with town.store.read() as session:
        return await mail_is_stuck(session, town.at)


async def fan_out(town: Town) -> None:
    await town.crowd(3)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()


async def test_when_nobody_delivers_for_two_minutes(town: Town) -> None:
    assert not await stuck(town)
    await fan_out(town)
    town.at += 2 * MINUTE
    assert not await stuck(town)
    town.at += SECOND
    assert await stuck(town)


async def test_when_the_relay_is_away_for_two_minutes(town: Town, smtp: Relay) -> None:
    await fan_out(town)
    smtp.stop()
    for _ in range(9):
        await town.deliver()
        assert not await stuck(town)
        town.at += 15 * SECOND
    await town.deliver()
    assert await stuck(town)
    smtp.start()
    town.at += MINUTE
    await town.deliver()
    await town.deliver()
    assert not await stuck(town)


async def test_not_when_a_recipient_asks_us_to_come_later(town: Town, smtp: Relay) -> None:
    smtp.reply("RCPT", "450 4.2.1 later", recipient="reader1@example.org")
    await fan_out(town)
    for _ in range(12):
        await town.deliver()
        assert not await stuck(town)
        town.at += 15 * SECOND


async def test_mail_that_is_stuck_twice_is_called_about_twice_and_since_the_last_that_left(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Although one letter waits all night, for a recipient who asks us to come later."""
    night = await Night(sqlite_url, tmp_path).begin()
    measure = Measure(night.premises, _nobody)
    one, *others = [await letter_to(night, f"reader{n}@example.org") for n in range(3)]
    lefts = []
    for id in others:
        night.later(hours=1)
        lefts.append(night.now)
        async with night.store.write() as session:
            row = await session.get_one(Delivery, id)
            row.state, row.accepted_at = "accepted", night.now
        await measure.tick(night.now)
        night.later(minutes=3)
        await measure.tick(night.now)
        await measure.tick(night.now)
    assert one
    calls = [row.facts for row in await night.rows(Call)]
    assert [call["occasion"] for call in calls] == ["mail_stuck", "mail_stuck"]
    assert [datetime.fromisoformat(call["since"]) for call in calls] == lefts
    await night.end()


async def _nobody(alarm: object) -> None:
    """No disk is full tonight."""


async def letter_to(night: Night, address: str) -> int:
    async with night.store.write() as session:
        added = await subscribers.add(session, address, "en", (), night.now)
        told = Announcement(
            id=address[:8],
            occasion="worded",
            created_at=night.now,
            due_at=night.now,
            spread_at=night.now,
        )
        session.add(told)
        await session.flush()
        assert added.subscriber is not None
        row = Delivery(
            announcement_id=told.id,
            subscriber_id=added.subscriber.id,
            created_at=night.now,
            due_at=night.now,
        )
        session.add(row)
        await session.flush()
        return row.id or 0
