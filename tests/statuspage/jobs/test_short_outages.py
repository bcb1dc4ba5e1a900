"""An outage too short for any letter: who asked to hear its end hears it, and nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from statuspage.actions import audience, subscribers
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Announcement, Subscriber
from tests.statuspage.jobs.night import Night


async def joins(night: Night, address: str, wishes: Wishes) -> None:
    """From the form to the yes, in the middle of it."""
    async with night.store.write() as session:
        await subscribers.ask(session, night.settings, address, "en", wishes, night.now, {})
        row = await session.scalar(sa.select(Subscriber).where(sa.column("address") == address))
        assert row is not None
        await subscribers.confirm(session, row.confirm_code or "", night.now, {})


@pytest.mark.parametrize(
    ("wishes", "hears"),
    [
        (Wishes(), 1),
        (Wishes(("blog",)), 1),
        (Wishes(("shop",)), 0),
        (Wishes(least_impact="critical", ends_only=True), 1),
        (None, 0),
    ],
)
async def test_who_joins_while_it_lasts_hears_the_end(
    store_url: str, tmp_path: Path, wishes: Wishes | None, hears: int
) -> None:
    night = await Night(store_url, tmp_path).begin()
    async with night.store.write() as session:
        await subscribers.add(session, "before@example.org", "en", [], night.now)
    await night.sees(blog="xx")
    if wishes is not None:
        await joins(night, "joined@example.org", wishes)
    await night.sees(blog="..")
    night.later(minutes=6)
    await night.sees(blog=".")
    over = [one for one in await night.rows(Announcement) if one.occasion == "over"]
    assert (await night.the_incident()).resolved_at is not None
    assert len(over) == (wishes is not None), "where nobody waits, nothing is announced"
    for announcement in over:
        async with night.store.read() as session:
            counts = await audience.by_language(session, night.settings, announcement)
        assert sum(counts.values()) == hears
    await night.end()


async def test_only_this_time_is_told_where_nobody_else_was(store_url: str, tmp_path: Path) -> None:
    night = await Night(store_url, tmp_path).begin()
    await night.sees(blog="xx")
    incident = await night.the_incident()
    await joins(night, "once@example.org", Wishes(only_incident_id=incident.id))
    await night.sees(blog="..")
    night.later(minutes=6)
    await night.sees(blog=".")
    (over,) = [one for one in await night.rows(Announcement) if one.occasion == "over"]
    async with night.store.read() as session:
        assert await audience.by_language(session, night.settings, over) == {"en": 1}
    await night.end()
