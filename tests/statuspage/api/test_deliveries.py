"""Are an incident's letters counted, and their seconds measured from the end of the undo window?"""

from __future__ import annotations

from datetime import timedelta

import httpx

from statuspage.tables import Announcement, Delivery, Incident
from tests.statuspage.api.world import NOON, World

ID = "incident0001"
PATH = f"/api/v1/incidents/{ID}/deliveries"


async def announced(world: World) -> None:
    row = Incident(id=ID, started_at=NOON, noticed_at=NOON, created_at=NOON, updated_at=NOON)
    async with world.premises.store.write() as session:
        session.add(row)
        await session.flush()
        session.add(
            Announcement(
                id="a" * 16,
                occasion="worded",
                incident_id=ID,
                created_at=NOON - timedelta(seconds=10),
                due_at=NOON,
                spread_at=NOON,
            )
        )


async def delivered(world: World, n: int, state: str, after_s: float | None = None) -> None:
    subscriber = await world.subscribe(f"reader{n}@example.org")
    async with world.premises.store.write() as session:
        session.add(
            Delivery(
                announcement_id="a" * 16,
                subscriber_id=subscriber,
                incident_id=ID,
                state=state,
                created_at=NOON,
                due_at=NOON,
                accepted_at=NOON + timedelta(seconds=after_s) if after_s is not None else None,
            )
        )


async def test_nothing_was_sent_yet(world: World, anna: httpx.AsyncClient) -> None:
    await announced(world)
    told = (await anna.get(PATH)).json()
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
    assert (await anna.get(PATH)).json() == {
        "total": 24,
        "queued": 1,
        "sent": 20,
        "failed": 1,
        "suppressed": 2,
        "first_sent_at": "2026-11-23T12:00:00.125000Z",
        "last_sent_at": "2026-11-23T12:00:02.500000Z",
        "p50_s": 1.25,
        "p95_s": 2.375,
        "p99_s": 2.5,
    }
