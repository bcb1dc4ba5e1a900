"""Thousands ask from one network: strangers get few letters, and nobody is locked out.

`make test` sends some hundreds of requests, `make soak` 100,000; each prints what it counted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import subscribers
from statuspage.rules import limits
from statuspage.rules.limits import LETTERS_PER_NETWORK
from statuspage.tables import Subscriber
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, SECOND
from tests.statuspage.public.visitor import ANNA, Visitor

CARRIER = "198.51.100.7"
AT_ONCE = 200
TICK = 2 * SECOND


def counts(told: str) -> None:
    print(told)  # noqa: T201  shown by `pytest -s`


async def ask_from(visitor: Visitor, network: str, addresses: Iterable[str]) -> list[int]:
    """So many at a time; the answers' statuses."""
    room = asyncio.Semaphore(AT_ONCE)
    async with visitor.from_address(network) as http:

        async def ask(address: str) -> int:
            async with room:
                return (await http.post("/subscribe", data={"address": address})).status_code

        return await asyncio.gather(*map(ask, addresses))


async def letters(visitor: Visitor, smtp: Relay) -> int:
    """How many were sent by now, those released included."""
    await visitor.town.look_after()
    await visitor.town.deliver()
    return len(smtp.letters)


async def flood(visitor: Visitor, smtp: Relay, count: int) -> None:
    began = time.monotonic()
    statuses = await ask_from(visitor, CARRIER, (f"stranger{n}@example.org" for n in range(count)))
    asked_s = time.monotonic() - began
    assert set(statuses) == {200}, "nobody is refused for the company they are in"
    at_once = await letters(visitor, smtp)
    assert at_once == LETTERS_PER_NETWORK.most
    honest = "honest@example.org"
    assert await ask_from(visitor, "203.0.113.9", [honest]) == [200]
    await letters(visitor, smtp)
    assert len(smtp.to(honest)) == 1, "who comes from elsewhere gets theirs at once"
    visitor.town.at += MINUTE + SECOND
    assert await ask_from(visitor, CARRIER, [ANNA]) == [200]
    await letters(visitor, smtp)
    assert len(smtp.to(ANNA)) == 1, "who comes from there after the flood is first in the queue"
    for _ in range(30):
        visitor.town.at += TICK
        await letters(visitor, smtp)
    in_two_minutes = len([one for one in smtp.letters if one.recipient.startswith("stranger")])
    assert in_two_minutes <= 3 * LETTERS_PER_NETWORK.most
    counts(
        f"{count} requests from one network in {asked_s:.1f} s: {at_once} letters at once, "
        f"{in_two_minutes} to strangers within two minutes, 0 refused"
    )


async def test_a_flood_from_one_network(visitor: Visitor, smtp: Relay) -> None:
    await flood(visitor, smtp, 4 * LETTERS_PER_NETWORK.most)


@pytest.mark.soak
async def test_a_hundred_thousand_from_one_network(visitor: Visitor, smtp: Relay) -> None:
    await flood(visitor, smtp, 100_000)


async def test_a_crowd_that_says_yes_is_soon_through(visitor: Visitor, smtp: Relay) -> None:
    """One carrier's honest customers, of whom seven in ten use their link."""
    town, crowd = visitor.town, [f"reader{n}@example.org" for n in range(120)]
    await ask_from(visitor, CARRIER, crowd)
    seen, minutes = 0, 0.0
    while await letters(visitor, smtp) < len(crowd):
        for letter in smtp.letters[seen:]:
            if letter.recipient.partition("@")[0][-1] in "0123456":
                await say_yes(visitor, letter.recipient)
        seen = len(smtp.letters)
        town.at += 20 * SECOND
        minutes += 1 / 3
        assert minutes < 5
    counts(f"{len(crowd)} customers of one carrier had their letter within {minutes:.1f} minutes")
    assert len({letter.recipient for letter in smtp.letters}) == len(crowd), "one each"


async def say_yes(visitor: Visitor, address: str) -> None:
    code = (await visitor.town.subscriber(address)).confirm_code or ""
    async with visitor.town.store.write() as session:
        await subscribers.confirm(session, code, visitor.town.at, {"from": CARRIER})


async def test_many_networks_together_are_held_to_what_all_may(
    visitor: Visitor, smtp: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = LETTERS_PER_NETWORK.most
    most = 3 * each
    monkeypatch.setattr(limits, "LETTERS_IN_ALL", replace(limits.LETTERS_IN_ALL, most=most))
    for n in range(most // each + 2):
        await ask_from(visitor, f"198.51.100.{n}", (f"s{n}-{m}@example.org" for m in range(each)))
    assert await letters(visitor, smtp) == most
    visitor.town.at += MINUTE + SECOND
    assert await letters(visitor, smtp) == most + 2 * each


async def test_who_waits_has_no_link_yet_and_asks_again_to_be_first(
    visitor: Visitor, smtp: Relay
) -> None:
    first = [f"s{n}@example.org" for n in range(LETTERS_PER_NETWORK.most)]
    await ask_from(visitor, CARRIER, first)
    await ask_from(visitor, CARRIER, [ANNA])
    assert (await visitor.town.subscriber(ANNA)).confirm_code is None
    visitor.town.at += SECOND
    await ask_from(visitor, CARRIER, ["later@example.org"])
    visitor.town.at += SECOND
    await ask_from(visitor, CARRIER, [ANNA])
    visitor.town.at += MINUTE - 2 * SECOND
    async with visitor.town.store.read() as session:
        waits = col(Subscriber.proof)[("asked", "waits")].as_string()
        newest = await session.scalars(
            sa.select(col(Subscriber.address))
            .where(waits.is_not(None))
            .order_by(sa.desc(col(Subscriber.asked_at)))
        )
        assert newest.all() == [ANNA, "later@example.org"]
    visitor.town.at += 2 * SECOND
    await letters(visitor, smtp)
    assert len(smtp.to(ANNA)) == 1


async def test_one_mailbox_gets_fewer_and_fewer_letters_without_a_yes(
    visitor: Visitor, smtp: Relay
) -> None:
    """Somebody fills in a stranger's address every hour, for two days."""
    for _ in range(48):
        await visitor.ask()
        await visitor.town.deliver()
        visitor.town.at += HOUR
    counts(f"{len(smtp.to(ANNA))} letters to one stranger in two days of asking every hour")
    assert len(smtp.to(ANNA)) <= 4


@pytest.mark.parametrize("count", [200, pytest.param(5000, marks=pytest.mark.soak)])
async def test_to_confirm_goes_before_the_letters_of_a_fan_out(
    visitor: Visitor, smtp: Relay, count: int
) -> None:
    town = visitor.town
    await town.crowd(count)
    town.at += timedelta(minutes=1)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    assert await town.count("queued") == count
    await visitor.ask()
    await town.deliver()
    before = next(n for n, one in enumerate(smtp.letters) if one.recipient == ANNA)
    counts(f"{before} of {count} letters left before the one to confirm")
    assert len(smtp.letters) == count + 1
    assert before < 50
