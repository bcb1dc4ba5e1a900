"""Is nothing kept longer than it may, and nothing dropped that is still needed?"""

from datetime import timedelta
from pathlib import Path

from statuspage.actions import subscribers
from statuspage.jobs.sweep import sweep
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Subscriber
from tests.statuspage.jobs.night import Night

PROOF = {"from": "192.0.2.7", "text": "1"}


async def test_a_proof_outlives_the_address_it_came_from(store_url: str, tmp_path: Path) -> None:
    night = await Night(store_url, tmp_path).begin()
    async with night.store.write() as session:
        await subscribers.ask(
            session, night.settings, "anna@example.org", "it", Wishes(), night.now, PROOF
        )
    (asked,) = await night.rows(Subscriber)
    async with night.store.write() as session:
        await subscribers.confirm(session, asked.confirm_code or "", night.now, PROOF)

    night.now += timedelta(days=29)
    await sweep(night.premises, night.now)
    (kept,) = await night.rows(Subscriber)
    assert kept.proof["confirmed"]["from"] == "192.0.2.7"

    night.now += timedelta(days=2)
    await sweep(night.premises, night.now)
    (kept,) = await night.rows(Subscriber)
    assert "192.0.2.7" not in str(kept.proof)
    assert kept.proof["asked"]["text"] == "1"
    assert kept.proof["confirmed"]["at"]
    await night.end()


async def test_who_never_said_yes_is_forgotten_after_a_week(store_url: str, tmp_path: Path) -> None:
    night = await Night(store_url, tmp_path).begin()
    async with night.store.write() as session:
        await subscribers.ask(
            session, night.settings, "anna@example.org", "it", Wishes(), night.now, PROOF
        )
    night.now += timedelta(days=6, hours=23)
    await sweep(night.premises, night.now)
    assert len(await night.rows(Subscriber)) == 1
    night.now += timedelta(hours=2)
    await sweep(night.premises, night.now)
    assert await night.rows(Subscriber) == []
    await night.end()
