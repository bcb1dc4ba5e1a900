"""Are letters halted at once, let go only when somebody is sure, and watched to their end?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from statuspage.tables import Announcement, Delivery, Incident
from statuspage.tables.claims import until
from statuspage.terminal import deliveries
from tests.statuspage.api.world import World
from tests.statuspage.terminal.conftest import Shell


@pytest.fixture
async def incident(world: World, avviso: Shell) -> str:
    await avviso("incident", "open", "shop", "It stopped.", "--yes")
    (row,) = await world.rows(Incident)
    return str(row.id)


async def spread(world: World, incident_id: str, *states: str) -> None:
    """One letter in each of these states."""
    (announcement,) = await world.rows(Announcement)
    for n, state in enumerate(states):
        subscriber = await world.subscribe(f"reader{n}@example.org")
        async with world.premises.store.write() as session:
            session.add(
                Delivery(
                    announcement_id=announcement.id,
                    subscriber_id=subscriber,
                    incident_id=incident_id,
                    state=state,
                    created_at=world.clock.at,
                    due_at=world.clock.at,
                    accepted_at=announcement.due_at if state == "accepted" else None,
                )
            )


async def test_stopping_asks_nothing(world: World, avviso: Shell, incident: str) -> None:
    await spread(world, incident, "accepted", "queued", "queued")
    said = await avviso("letters", "stop", incident)
    assert (said.code, said.out) == (0, "Stopped: 1 had left, 2 never will.\n")
    (row,) = await world.rows(Incident)
    assert row.letters_stopped_at is not None


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (1, "Stopped: 1 had left, up to 2 more may be on their way, 1 never will.\n"),
        (0, "Stopped: 0 had left, up to 2 more may be on their way, 1 never will.\n"),
    ],
)
async def test_what_a_worker_holds_may_leave_still(
    world: World, avviso: Shell, incident: str, sent: int, told: str
) -> None:
    await spread(world, incident, *["accepted"] * sent, "queued", "queued", "queued")
    waits = list(await world.rows(Delivery))[sent:]
    for row, length in zip(waits, (30, 20, -1), strict=True):
        async with world.premises.store.write() as session:
            claimed = sa.update(Delivery).where(sa.column("id") == row.id)
            ends = until(timedelta(seconds=length))
            await session.execute(claimed.values(lease_by="another", lease_until=ends))
    assert (await avviso("letters", "stop", incident)).out == told


async def test_letting_go_asks(world: World, avviso: Shell, incident: str) -> None:
    await avviso("letters", "stop", incident)
    assert (await avviso("letters", "release", incident)).code == 2
    assert (await avviso("letters", "release", incident, types="n\n")).code == 1
    (row,) = await world.rows(Incident)
    assert row.letters_stopped_at is not None
    assert (await avviso("letters", "release", incident, types="y\n")).code == 0
    (row,) = await world.rows(Incident)
    assert row.letters_stopped_at is None


async def test_letters_are_watched_until_all_have_left(
    world: World, avviso: Shell, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "PAUSE_S", 0.01)
    await spread(world, incident, "accepted", "failed")
    said = await avviso("deliveries", "watch")
    assert said.code == 0
    assert said.out == (
        "2 letters: 1 sent, 0 queued, 1 failed; half within 0.0 s, 99 of 100 within 0.0 s\n"
    )
    once = await avviso("deliveries", "watch", incident, "--once", "--json")
    assert json.loads(once.out)["total"] == 2


async def test_what_is_tried_again_later_is_not_waited_for(
    world: World, avviso: Shell, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "PAUSE_S", 0.01)
    await spread(world, incident, "accepted", "queued", "queued")
    next_at = world.clock.at + timedelta(minutes=30)
    async with world.premises.store.write() as session:
        waits = sa.update(Delivery).where(sa.column("state") == "queued")
        await session.execute(waits.values(due_at=next_at, attempts=1))
        last = sa.select(sa.func.max(Delivery.id)).scalar_subquery()
        hook = sa.update(Delivery).where(sa.column("id") == last)
        await session.execute(hook.values(channel="webhook"))
    said = await avviso("deliveries", "watch", incident)
    assert said.code == 0
    assert said.out == (
        "2 letters: 1 sent, 1 queued, 0 failed; half within 0.0 s, 99 of 100 within 0.0 s; "
        "1 hook: 0 called, 1 queued, 0 failed; "
        f"2 still being tried, next at {next_at:%Y-%m-%d %H:%M}Z\n"
    )


async def test_with_nothing_open_one_must_be_named(avviso: Shell) -> None:
    said = await avviso("deliveries", "watch")
    assert (said.code, said.err) == (2, "No incident is open: name one.")
