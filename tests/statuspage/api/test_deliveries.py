"""Are an incident's letters counted, and their seconds measured from the end of the undo window?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from statuspage.jobs.fanouts import measure
from statuspage.jobs.sweep import sweep
from statuspage.tables import Announcement, Delivery, Incident
from tests.statuspage.api.world import NOON, World

ID = "incident0001"
PATH = f"/api/v1/incidents/{ID}/deliveries"


async def announced(world: World, name: str = "a", due_at: datetime = NOON) -> None:
    row = Incident(id=ID, started_at=NOON, noticed_at=NOON, created_at=NOON, updated_at=NOON)
    async with world.premises.store.write() as session:
        await session.merge(row)
        await session.flush()
        session.add(
            Announcement(
                id=name * 16,
                occasion="worded",
                incident_id=ID,
                created_at=due_at - timedelta(seconds=10),
                due_at=due_at,
                spread_at=due_at,
            )
        )


async def delivered(
    world: World,
    n: int,
    state: str,
    after_s: float | None = None,
    *,
    of: str = "a",
    **values: Any,
) -> None:
    subscriber = await world.subscribe(f"reader{n}@example.org")
    async with world.premises.store.write() as session:
        session.add(
            Delivery(
                announcement_id=of * 16,
                subscriber_id=subscriber,
                incident_id=ID,
                state=state,
                created_at=NOON,
                due_at=NOON,
                accepted_at=NOON + timedelta(seconds=after_s) if after_s is not None else None,
                **values,
            )
        )


async def watched(anna: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await anna.get(PATH)).json())


async def test_nothing_was_sent_yet(world: World, anna: httpx.AsyncClient) -> None:
    await announced(world)
    told = await watched(anna)
    assert told["total"] == told["sent"] == 0
    assert (told["first_sent_at"], told["p50_s"], told["p99_s"]) == (None, None, None)


async def test_every_letter_is_counted_once_and_timed(
    world: World, anna: httpx.AsyncClient
) -> None:
    await announced(world)
    for n in range(20):
        await delivered(world, n, "accepted", after_s=(n + 1) / 8)
    for n, state in enumerate(("queued", "failed", "withdrawn", "merged"), start=20):
        await delivered(world, n, state)
    await delivered(world, 24, "accepted", after_s=7000, channel="webhook")
    await delivered(world, 25, "failed", channel="slack")
    counted = {
        "total": 24,
        "queued": 1,
        "sent": 20,
        "failed": 1,
        "refused": 1,
        "not_reached": 1,
        "suppressed": 2,
        "p50_s": 1.25,
        "p95_s": 2.375,
        "p99_s": 2.5,
        "hooks_queued": 0,
        "hooks_called": 1,
        "hooks_failed": 1,
    }
    word = {
        **counted,
        "occasion": "worded",
        "update": None,
        "due_at": "2026-11-23T12:00:00Z",
        "counted_at": None,
        "measured_at": None,
        "first_s": 0.125,
        "last_s": 2.5,
    }
    assert await watched(anna) == {
        **counted,
        "first_sent_at": "2026-11-23T12:00:00.125000Z",
        "last_sent_at": "2026-11-23T12:00:02.500000Z",
        "due_soon": 1,
        "next_due_at": "2026-11-23T12:00:00Z",
        "announcements": [word],
    }


async def test_each_word_has_its_own_times(world: World, anna: httpx.AsyncClient) -> None:
    await announced(world)
    await announced(world, "b", NOON + timedelta(minutes=10))
    for n in range(4):
        await delivered(world, n, "accepted", after_s=n + 1)
        await delivered(world, n, "accepted", after_s=610 + n, of="b")
    told = await watched(anna)
    first, second = told["announcements"]
    assert (first["sent"], first["first_s"], first["p50_s"], first["last_s"]) == (4, 1, 2, 4)
    assert (second["sent"], second["first_s"], second["p50_s"], second["last_s"]) == (4, 10, 11, 13)
    assert (told["sent"], told["p50_s"], told["p99_s"]) == (8, 4, 13)
    assert told["first_sent_at"] == "2026-11-23T12:00:01Z"
    assert told["last_sent_at"] == "2026-11-23T12:10:13Z"


async def test_who_was_not_reached_is_told_from_who_is_tried_again(
    world: World, anna: httpx.AsyncClient
) -> None:
    await announced(world)
    await delivered(world, 0, "accepted", after_s=1)
    await delivered(world, 1, "accepted", after_s=2, bounced_at=NOON + timedelta(hours=1))
    await delivered(world, 2, "failed", reason="550 unknown")
    await delivered(world, 3, "failed", reason="given up: 450 come later")
    await delivered(world, 4, "queued", reason="450 come later")
    told = await watched(anna)
    counts = [told[name] for name in ("sent", "failed", "refused", "not_reached", "queued")]
    assert counts == [2, 2, 1, 3, 1]


async def test_what_has_ended_is_kept_and_what_comes_back_later_is_added(
    world: World, anna: httpx.AsyncClient
) -> None:
    await announced(world)
    for n in range(3):
        await delivered(world, n, "accepted", after_s=n + 1)
    assert await measure(world.premises.store, NOON + timedelta(minutes=1)) == 1
    assert await measure(world.premises.store, NOON + timedelta(minutes=2)) == 0
    async with world.premises.store.write() as session:
        await session.execute(sa.update(Delivery).values(bounced_at=NOON + timedelta(hours=1)))
    (word,) = (await watched(anna))["announcements"]
    assert (word["sent"], word["not_reached"], word["last_s"]) == (3, 3, 3)
    assert word["measured_at"] == "2026-11-23T12:01:00Z"
    async with world.premises.store.write() as session:
        await session.execute(sa.update(Delivery).values(ended_at=NOON))
    await sweep(world.premises, NOON + timedelta(days=100))
    async with world.premises.store.read() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0
    assert (await watched(anna))["announcements"] == [word]
