"""A letter reaches who wishes for it, once, whatever the relay does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from notifications.channel import Parcel
from statuspage.actions import announcements
from statuspage.database import Store
from statuspage.jobs.outbox import Outgoing
from statuspage.jobs.parcels import Parcels
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, SECOND, Town, town_settings


async def test_a_word_reaches_every_reader_in_their_language(town: Town, smtp: Relay) -> None:
    await town.add("anna@example.org")
    await town.add("bice@example.org", "it")
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    english, italian = smtp.to("anna@example.org")[0], smtp.to("bice@example.org")[0]
    assert "What happened" in english.text
    assert "Che cosa è successo" in italian.text
    assert "A disk is full." in italian.text
    assert await town.states() == ["accepted", "accepted"]
    await town.mail()
    assert len(smtp.letters) == 2


async def test_every_letter_carries_its_readers_own_links(town: Town, smtp: Relay) -> None:
    await town.add("anna@example.org")
    await town.add("bice@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    for letter in smtp.letters:
        code = (await town.subscriber(letter.recipient)).code
        stop = f"https://status.acme.example/unsubscribe/{code}"
        assert letter.message["List-Unsubscribe"] == f"<{stop}>"
        assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert stop in letter.text
        assert f"https://status.acme.example/subscriptions/{code}" in letter.text
        assert len(stop) < 70


async def test_the_letters_of_an_incident_are_one_thread(town: Town, smtp: Relay) -> None:
    await town.add("anna@example.org")
    await town.incident()
    for text in ("First.", "Second."):
        await town.tell(text)
        await town.mail()
        town.at += MINUTE
    first, second = smtp.letters
    assert first.message["References"] == second.message["References"]
    assert first.message["Message-ID"] != second.message["Message-ID"]


async def test_a_letter_to_confirm_leaves_before_a_fan_out(town: Town, smtp: Relay) -> None:
    await town.crowd(40)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    town.at += SECOND
    await town.ask("nora@example.org")
    await town.deliver()
    # eight lines send side by side, so it is among the first eight
    assert "nora@example.org" in [letter.recipient for letter in smtp.letters[:8]]
    assert len(smtp.letters) == 41


async def test_4xx_is_tried_again_and_then_accepted(town: Town, smtp: Relay) -> None:
    smtp.reply("RCPT", "450 4.2.1 greylisted, come later", times=2)
    await town.add("anna@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    row = (await town.deliveries())[0]
    assert (row.state, row.attempts, row.lease_by) == ("queued", 1, None)
    assert row.due_at > town.at
    await town.deliver()
    assert (await town.deliveries())[0].attempts == 1, "not before it is due"
    for _ in range(2):
        town.at = (await town.deliveries())[0].due_at
        await town.deliver()
    assert len(smtp.letters) == 1
    assert (await town.deliveries())[0].attempts == 3


async def test_5xx_is_given_up_and_the_others_get_theirs(town: Town, smtp: Relay) -> None:
    smtp.reply("RCPT", "550 5.1.1 <anna@example.org> is unknown", recipient="anna@example.org")
    await town.add("anna@example.org")
    await town.add("bice@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    by_state = {one.state: one for one in await town.deliveries()}
    assert set(by_state) == {"accepted", "failed"}
    reason = by_state["failed"].reason or ""
    assert "5.1.1" in reason
    assert "anna" not in reason
    town.at += HOUR
    await town.deliver()
    assert len(smtp.letters) == 1


async def test_a_lost_answer_is_repeated_under_the_same_name(town: Town, smtp: Relay) -> None:
    smtp.hang_up("DATA")
    await town.add("anna@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    town.at = (await town.deliveries())[0].due_at
    await town.deliver()
    first, again = smtp.letters
    assert first.message["Message-ID"] == again.message["Message-ID"]
    assert await town.states() == ["accepted"]


async def test_a_relay_that_was_away_gets_all_letters_when_it_is_back(
    town: Town, smtp: Relay
) -> None:
    await town.crowd(30)
    await town.incident()
    await town.tell("A disk is full.")
    smtp.stop()
    await town.spread()
    for _ in range(6):
        rest = await town.deliver()
        assert rest is not None
        assert rest <= 15 * SECOND
        town.at += rest + SECOND
    rows = await town.deliveries()
    assert {one.state for one in rows} == {"queued"}
    assert max(one.attempts for one in rows) == 0, "no letter's patience is spent on it"
    smtp.start()
    town.at += 15 * SECOND
    await town.deliver()  # asks with one line
    await town.deliver()
    assert await town.count("accepted") == 30
    assert len({letter.recipient for letter in smtp.letters}) == 30 == len(smtp.letters)


async def test_a_refused_login_does_not_knock_for_every_letter(town: Town, smtp: Relay) -> None:
    smtp.reply("MAIL", "530 5.7.0 Authentication required")
    await town.crowd(100)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    rest = await town.deliver()
    assert rest is not None
    assert rest >= SECOND
    tried = [one for one in await town.deliveries() if one.attempts]
    assert 0 < len(tried) <= 3 * 8
    assert all((one.reason or "").startswith("ours: ") for one in tried)
    smtp.forget()
    town.at += MINUTE
    await town.deliver()
    await town.deliver()
    assert await town.count("accepted") == 100


@pytest.fixture
async def slow_town(store_url: str, smtp: Relay) -> AsyncIterator[Town]:
    """Twenty letters a second."""
    made = Town(Store(store_url), town_settings(smtp.dsn, mail="max_per_second = 20"))
    yield await made.build()
    await made.close()


async def test_who_leaves_in_the_middle_hears_nothing_more(slow_town: Town, smtp: Relay) -> None:
    town = slow_town
    await town.crowd(40)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    sending = asyncio.create_task(town.deliver())
    await smtp.wait(5)
    silent = [one.subscriber_id for one in await town.deliveries() if one.state == "queued"][-10:]
    for id in silent:
        await town.leave(id)
    assert len(smtp.letters) < 28, "this test came too late"
    await sending
    assert len(smtp.letters) == 30
    assert await town.count("withdrawn") == 10


async def test_letters_that_are_stopped_stop_within_a_second(slow_town: Town, smtp: Relay) -> None:
    town = slow_town
    await town.crowd(60)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    sending = asyncio.create_task(town.deliver())
    await smtp.wait(5)
    async with town.store.write() as session:
        await announcements.withdraw(session, "inc1", "stopped", town.at)
    stopped_at = time.monotonic()
    await sending
    assert smtp.letters[-1].at < stopped_at + 1
    accepted = await town.count("accepted")
    assert accepted == len(smtp.letters) < 40
    assert await town.count("withdrawn") == 60 - accepted


async def test_what_is_withdrawn_before_its_time_is_not_sent(town: Town, smtp: Relay) -> None:
    await town.add("anna@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    await town.leave("anna@example.org")
    await town.deliver()
    assert smtp.letters == []
    assert await town.states() == ["withdrawn"]


async def test_no_more_a_second_than_wished(slow_town: Town, smtp: Relay) -> None:
    await slow_town.crowd(11)
    await slow_town.incident()
    await slow_town.tell("A disk is full.")
    await slow_town.spread()
    began = time.monotonic()
    await slow_town.deliver()
    assert len(smtp.letters) == 11
    assert smtp.letters[-1].at - began > 0.49  # ten pauses of a twentieth


async def test_letters_claimed_when_the_store_goes_leave_when_it_is_back(
    town: Town, smtp: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone after they were claimed and before they could be written: nobody may hold them on."""
    well, times = Parcels.fetch, iter([True, False])

    async def away_once(parcels: Parcels, *asked: Any) -> None:
        if next(times, False):
            raise OperationalError("SELECT", {}, ConnectionResetError())
        await well(parcels, *asked)

    monkeypatch.setattr(Parcels, "fetch", away_once)
    await town.crowd(5)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    async with asyncio.timeout(20):
        with suppress(OperationalError):
            await town.deliver()
        await town.deliver()
    assert len(smtp.letters) == 5


async def test_a_mistake_of_ours_with_one_letter_holds_up_no_other(
    town: Town,
    smtp: Relay,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    well = Parcels.parcel

    def clumsy(parcels: Parcels, outgoing: Outgoing, at: datetime) -> Parcel:
        if outgoing.addressee.address == "anna@example.org":
            raise ZeroDivisionError(outgoing.addressee.address)
        return well(parcels, outgoing, at)

    monkeypatch.setattr(Parcels, "parcel", clumsy)
    await town.add("anna@example.org")
    await town.add("bice@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    assert [letter.recipient for letter in smtp.letters] == ["bice@example.org"]
    assert sorted(await town.states()) == ["accepted", "queued"]
    assert "ZeroDivisionError" in caplog.text
    assert "anna@" not in caplog.text


async def test_cancelled_it_gives_back_what_it_had_not_begun(town: Town, smtp: Relay) -> None:
    await town.crowd(300)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    sending = asyncio.create_task(town.deliver())
    await smtp.wait(20)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    rows = await town.deliveries()
    accepted = sum(one.state == "accepted" for one in rows)
    assert accepted == len(smtp.letters), "all that the relay took is written down"
    assert not [one for one in rows if one.lease_by], "the next worker need not wait"
    town.who = "another"
    await town.deliver()
    assert len(smtp.letters) == 300
