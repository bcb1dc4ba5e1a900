"""Nobody is told without having said yes, and who leaves has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from statuspage.actions import subscribers
from statuspage.database import Store
from statuspage.rules import tokens
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Subscriber
from tests.statuspage.jobs.town import HOUR, MINUTE, NOON, Town, town_settings

ANNA = "anna@example.org"
PROOF = {"from": "192.0.2.1"}


@pytest.fixture
async def town(store_url: str) -> AsyncIterator[Town]:
    made = await Town(Store(store_url), town_settings()).build()
    yield made
    await made.close()


async def confirm(town: Town) -> Subscriber | None:
    code = (await town.subscriber(ANNA)).confirm_code or ""
    async with town.store.write() as session:
        return await subscribers.confirm(session, code, town.at, PROOF)


async def test_asking_makes_a_pending_row_and_one_urgent_letter(town: Town) -> None:
    await town.ask(ANNA, "it", ["shop"])
    row = await town.subscriber(ANNA)
    assert (row.state, row.language, row.components) == ("pending", "it", ["shop"])
    assert tokens.is_code(row.code or "")
    assert tokens.is_code(row.confirm_code or "")
    (letter,) = await town.deliveries()
    assert (letter.state, letter.urgency, letter.due_at) == ("queued", 0, NOON)


async def test_the_last_wishes_hold_though_no_second_letter_goes(town: Town) -> None:
    await town.ask(ANNA, components=["shop"])
    town.at += MINUTE
    await town.ask(ANNA, components=["blog"])
    assert (await town.subscriber(ANNA)).components == ["blog"]
    assert len(await town.deliveries()) == 1


async def test_a_second_letter_takes_the_place_of_one_that_never_left(town: Town) -> None:
    await town.ask(ANNA)
    first = await town.subscriber(ANNA)
    town.at += HOUR
    await town.ask(ANNA)
    assert await town.states() == ["withdrawn", "queued"]
    assert (await town.subscriber(ANNA)).confirm_code == first.confirm_code, "both links work"


async def test_two_who_ask_at_the_same_moment_make_one_row_and_one_letter(town: Town) -> None:
    await asyncio.gather(*(town.ask(ANNA) for _ in range(5)))
    assert await town.states() == ["queued"]


async def test_confirming_twice_is_confirming_once(town: Town) -> None:
    await town.ask(ANNA)
    first = await confirm(town)
    assert first is not None
    town.at += MINUTE
    again = await confirm(town)
    assert again is not None
    assert (again.state, again.confirmed_at) == ("active", NOON)
    assert again.basis == "consent"
    assert again.proof["confirmed"] == {"at": NOON.isoformat(), **PROOF}


async def test_who_left_may_ask_again_and_is_told_after_confirming_only(town: Town) -> None:
    await town.ask(ANNA)
    await confirm(town)
    await town.leave(ANNA)
    assert (await town.subscriber(ANNA)).confirm_code is None
    await town.ask(ANNA)
    assert (await town.subscriber(ANNA)).state == "pending"
    await confirm(town)
    row = await town.subscriber(ANNA)
    assert (row.state, row.left_at) == ("active", None)


async def test_leaving_withdraws_what_waits_for_them_alone(town: Town) -> None:
    await town.add(ANNA)
    await town.add("bice@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    for _ in range(2):
        await town.leave(ANNA)
    assert sorted(await town.states()) == ["queued", "withdrawn"]


async def test_operators_cannot_bring_back_who_left(town: Town) -> None:
    await town.add(ANNA, components=["shop"])
    await town.leave(ANNA)
    async with town.store.write() as session:
        added = await subscribers.add(session, ANNA, "en", [], town.at)
    assert added.outcome == "silent"
    assert (await town.subscriber(ANNA)).state == "left"


@pytest.mark.parametrize("code", ["", "A" * 21, "A" * 22, "A" * 23, "%" * 22, "\0" * 22])
async def test_an_unknown_code_is_nobodys(town: Town, code: str) -> None:
    await town.ask(ANNA)
    async with town.store.write() as session:
        assert await subscribers.find_by_code(session, code) is None
        assert await subscribers.find_to_confirm(session, code, NOON) is None
        assert await subscribers.confirm(session, code, NOON, PROOF) is None
        assert await subscribers.leave(session, code, NOON) is None
        assert await subscribers.change_wishes(session, code, Wishes(), "en", NOON) is None


async def test_who_left_is_not_brought_back_by_capitals(town: Town) -> None:
    await town.ask(ANNA)
    await confirm(town)
    code = (await town.subscriber(ANNA)).code or ""
    async with town.store.write() as session:
        await subscribers.leave(session, code, town.at)
        added = await subscribers.add(session, "ANNA@example.org", "en", [], town.at)
    assert added.outcome == "silent"
    assert (await town.subscriber(ANNA)).state == "left"


async def test_a_mailbox_has_one_row_however_it_is_written(town: Town) -> None:
    for written in ("Änna@example.org", "änna@example.org", "ÄNNA@EXAMPLE.ORG"):
        await town.ask(written)
    async with town.store.read() as session:
        rows = (await session.scalars(sa.select(Subscriber))).all()
    assert [row.address for row in rows] == ["Änna@example.org"], "as it was written first"


async def test_the_same_mailbox_in_other_letters_is_no_change_of_address(town: Town) -> None:
    await town.ask(ANNA)
    await confirm(town)
    letters = len(await town.deliveries())
    code = (await town.subscriber(ANNA)).code or ""
    async with town.store.write() as session:
        same = "Anna@Example.org"
        await subscribers.ask_for_address(session, town.settings, code, same, town.at, PROOF)
    assert (await town.subscriber(ANNA)).new_address is None
    assert len(await town.deliveries()) == letters


async def test_two_hooks_may_differ_in_capitals_alone(town: Town) -> None:
    async with town.store.write() as session:
        for url in ("https://hooks.example.org/T0/aB", "https://hooks.example.org/T0/Ab"):
            await subscribers.row_of(session, "webhook", url, "en", town.at)
    async with town.store.read() as session:
        assert len((await session.scalars(sa.select(Subscriber))).all()) == 2


async def test_operators_do_not_wake_a_mailbox_that_takes_nothing(town: Town) -> None:
    await town.ask(ANNA)
    await confirm(town)
    async with town.store.write() as session:
        (await session.get_one(Subscriber, (await town.subscriber(ANNA)).id)).state = "resting"
    async with town.store.write() as session:
        added = await subscribers.add(session, ANNA, "en", [], town.at)
    assert added.outcome == "silent"
    assert (await town.subscriber(ANNA)).state == "resting"


async def test_whom_an_operator_adds_is_told_of_more_than_one_incident(town: Town) -> None:
    async with town.store.write() as session:
        await subscribers.ask(
            session, town.settings, ANNA, "en", Wishes(only_incident_id="inc1"), town.at, PROOF
        )
    async with town.store.write() as session:
        await subscribers.add(session, ANNA, "en", [], town.at)
    row = await town.subscriber(ANNA)
    assert (row.state, row.only_incident_id) == ("active", None)
