"""Operators hear that mail is stuck when it is, and not when a recipient is away."""

from __future__ import annotations

from statuspage.jobs.recording import mail_is_stuck
from tests.servers.smtp import Relay
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
