"""How fast is the outbox itself, with a relay that takes every letter at once?

    python -m benchmarks.outbox [--subscribers 100000] [--store sqlite|postgresql] [--at-once 500]

A hundred thousand confirmed subscribers, half of whom chose components. Two words about one
incident: the first to whoever wants it, the last one ("it is over") to whoever was told. Each
is spread by ``announce``; then its letters are claimed and recorded as accepted, with nothing
in between. Printed are the time, the longest transaction, and what claim and record cost for
each letter: by the clock, and in CPU of this process (PostgreSQL's own is not counted). Aims:
spread in under 10 s on SQLite, no transaction over 100 ms.
"""

from __future__ import annotations

import argparse
import random
import secrets
import time
from datetime import timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from benchmarks._machine import describe, run
from benchmarks._stores import TimedStore, store_url
from notifications.channel import Accepted
from statuspage.database import Store
from statuspage.garbage import settle_down
from statuspage.jobs import outbox
from statuspage.jobs.announce import announce
from statuspage.jobs.recording import judge, record
from statuspage.rules.deliveries import Limits
from statuspage.tables import Delivery, Subscriber
from tests.statuspage.jobs.town import NOON, Town, frozen, still_failing, town_settings

AIM_SPREAD_S, AIM_TRANSACTION_S = 10.0, 0.1
AT_ONCE = 10_000
CHOICES: tuple[list[str], ...] = ([], [], ["shop"], ["shop", "blog"])


def main() -> None:
    wanted = _arguments()
    print(describe())
    for kind in [wanted.store] if wanted.store else ["sqlite", "postgresql"]:
        with store_url(kind) as url:
            run(_measure(url, wanted))


async def _measure(url: str, wanted: argparse.Namespace) -> None:
    store = TimedStore(url)
    print(f"{wanted.subscribers} subscribers on {url.partition(':')[0]}, {wanted.at_once} at once")
    town = await Town(store, town_settings()).build()
    await _subscribe(store, wanted.subscribers)
    await town.incident()
    settle_down()
    for name, over in (("first word", False), ("last word", True)):
        await town.tell("A disk is full.", over=over)
        await _spread(name, store, town)
        await _send(name, store, town, wanted.at_once)
        town.at += timedelta(hours=2)
    await town.close()


async def _subscribe(store: Store, count: int) -> None:
    table: sa.Table = Subscriber.__table__  # type: ignore[attr-defined]
    for first in range(0, count, AT_ONCE):
        async with store.write() as session:
            rows = [_subscriber(n) for n in range(first, min(first + AT_ONCE, count))]
            await session.execute(sa.insert(table), rows)


def _subscriber(n: int) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(8),
        "address": f"reader{n}@example.org",
        "language": random.choice(("en", "it")),
        "components": random.choice(CHOICES),
        "state": "active",
        "code": secrets.token_urlsafe(16),
        "created_at": NOON,
        "confirmed_at": NOON,
        "proof": {"asked": {"at": NOON.isoformat(), "text": "2026-11"}},
    }


async def _spread(name: str, store: TimedStore, town: Town) -> None:
    store.took.clear()
    since, cpu = time.perf_counter(), time.process_time()
    await announce(store, town.settings, still_failing, frozen, town.at, town.who)
    took, cpu = time.perf_counter() - since, time.process_time() - cpu
    count = await _queued(store)
    print(
        f"{name}: {count} spread in {took:.2f} s ({cpu:.2f} s of CPU), {len(store.took)} "
        f"transactions, the longest {max(store.took) * 1000:.0f} ms (aims: {AIM_SPREAD_S:g} s, "
        f"{AIM_TRANSACTION_S * 1000:.0f} ms)"
    )


async def _queued(store: Store) -> int:
    async with store.read() as session:
        queued = sa.select(sa.func.count()).where(col(Delivery.state) == "queued")
        return await session.scalar(queued) or 0


async def _send(name: str, store: TimedStore, town: Town, at_once: int) -> None:
    limits = Limits(town.settings.letters.per_hour, town.settings.letters.per_day)
    store.took.clear()
    sent, parts = 0, [0.0, 0.0, 0.0, 0.0]
    while True:
        marks = [_both()]
        async with store.write() as session:
            claimed = await outbox.claim(session, limits, town.at, town.who, at_once, "email")
        marks.append(_both())
        if not claimed.found:
            break
        at = town.at + timedelta(seconds=1)
        ended = [judge(one, Accepted(), at, timedelta(0)) for one in claimed.letters]
        async with store.write() as session:
            await record(session, ended, town.who)
        marks.append(_both())
        sent += len(claimed.letters)
        for n, (before, after) in enumerate(pairwise(marks)):
            parts[2 * n] += after[0] - before[0]
            parts[2 * n + 1] += after[1] - before[1]
    claim_s, claim_cpu, record_s, record_cpu = (1e6 * part / max(sent, 1) for part in parts)
    print(
        f"{name}: {sent} sent; a letter's claim {claim_s:.0f} µs ({claim_cpu:.0f} of CPU), record "
        f"{record_s:.0f} µs ({record_cpu:.0f} of CPU); longest transaction "
        f"{max(store.took) * 1000:.0f} ms"
    )


def _both() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql"))
    parser.add_argument("--at-once", type=int, default=500)
    return parser.parse_args()


if __name__ == "__main__":
    main()
