"""Does the past of years keep the program small and fast?

    python -m benchmarks.history [--checks 200] [--years 2] [--interval 15] [--store sqlite]

A database is filled with all that would have been kept, and `avviso serve` is started on it twice:
without saved pages and with them. Then every query of the past is asked for each check or
component. Last the whole program runs, all its checks asked, while it does at once what falls to
it in a whole day: it adds up an hour of looks, and deletes what a day later is too old, three days
one after the other. Printed are the size, the times, the longest transaction, and how late probes
were meanwhile. Aims for 200 checks, two years, 15 s: under 300 MB, the page within 2 s of the
start, p99 of each query under 20 ms, and probes no later than otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from benchmarks._history import check_ids, fill
from benchmarks._machine import describe, percentile, run, stay_on
from benchmarks._origin import origin
from benchmarks._stores import TimedStore, a_folder, store_url
from benchmarks.probing import Seen
from statuspage.actions import components, measured
from statuspage.database import Store
from statuspage.jobs import workers
from statuspage.jobs.roll_up import roll_up
from statuspage.jobs.rows import read_rows
from statuspage.jobs.sweep import sweep
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.migrations import migrate
from statuspage.nudges import Nudges
from statuspage.premises import Premises, clock
from statuspage.serving import _open_store, _scheduled
from statuspage.settings import Settings, loads
from statuspage.tables import Figures, Looks
from statuspage.tables.history import DAY, FIVE_MINUTES, HOUR
from tests.stories.programs import Avviso

AIM_MB, AIM_START_S, AIM_QUERY_MS = 300, 2.0, 20
WITHIN_S = 120
TIMES = 2
"""How often each query is asked for each check."""
Question = Callable[[AsyncSession], Awaitable[object]]


def main() -> None:
    wanted = _arguments()
    print(describe())
    with origin() as (url, _), a_folder() as folder, store_url(wanted.store) as url_of_store:
        text = _configuration(wanted, url, folder, url_of_store)
        settings = loads(text, {}, folder / "avviso.toml")
        run(_fill(settings, wanted))
        _start_it(text)
        stay_on(0)
        run(_ask(settings))
        run(_work(settings, wanted))


async def _fill(settings: Settings, wanted: argparse.Namespace) -> None:
    store, since = _store(settings), time.monotonic()
    await migrate(store)
    async with store.write() as session:
        await components.mirror(session, settings, clock() - timedelta(days=365 * wanted.years))
    rows = await fill(store, settings, clock(), wanted.years)
    await store.empty_log()
    mb = await _size(store) / 1e6
    looks = len(check_ids(settings)) * wanted.years * 365 * 86_400 / wanted.interval
    print(
        f"{len(check_ids(settings))} checks, {wanted.years:g} years, every {wanted.interval:g} s: "
        f"{looks / 1e6:.0f} million looks in {rows:,} rows, {mb:.0f} MB (aim: {AIM_MB}); "
        f"filled in {time.monotonic() - since:.0f} s"
    )
    await store.close()


async def _size(store: Store) -> int:
    if store.file is not None:
        return store.file.stat().st_size
    async with store.read() as session:
        return int(
            await session.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0
        )


def _start_it(text: str) -> None:
    avviso = Avviso()
    try:
        avviso.configure(text)
        for name in ("without saved pages", "with saved pages"):
            since = time.monotonic()
            avviso.start()
            _until_shown(f"{avviso.dsn}/en/")
            took = time.monotonic() - since
            print(f"page served {took:.2f} s after the start, {name} (aim: {AIM_START_S:g})")
            avviso.terminate()
    finally:
        avviso.close()


def _until_shown(url: str) -> None:
    with httpx.Client(trust_env=False, timeout=5) as client:  # one: making it costs as a page does
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                if client.get(url).is_success:
                    return
            time.sleep(0.02)
    raise TimeoutError(f"{url} was not shown within {WITHIN_S} s")


async def _ask(settings: Settings) -> None:
    store, now = _store(settings), clock()
    checks = check_ids(settings)
    await _asked(store, "five minutes of 24 hours", _figures(checks, FIVE_MINUTES, now, 1))
    await _asked(store, "hours of 7 days", _figures(checks, HOUR, now, 7))
    await _asked(store, "days of 90 days", _figures(checks, DAY, now, 90))
    await _asked(store, "when it was watched, 90 days", _watched(settings, now))
    since = now - timedelta(days=90)
    await _asked(store, "the same of all at once", [lambda s: measured.seen_by_all(s, since)] * 5)
    await _asked(store, "all that the page shows", [lambda s: read_rows(s, settings, now)] * 50)
    await store.close()


def _figures(checks: list[str], minutes: int, now: datetime, days: int) -> list[Question]:
    since = now - timedelta(days=days)
    return [
        lambda session, id=id: measured.figures(session, id, minutes, since)  # type: ignore[misc]
        for id in checks
    ]


def _watched(settings: Settings, now: datetime) -> list[Question]:
    since = now - timedelta(days=90)
    return [
        lambda session, one=one: measured.watched(session, settings, one, since)  # type: ignore[misc]
        for one in settings.components
    ]


async def _asked(store: Store, name: str, questions: list[Question]) -> None:
    took = []
    for ask in questions * TIMES:
        async with store.read() as session:
            since = time.perf_counter()
            await ask(session)
            took.append(1000 * (time.perf_counter() - since))
    p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
    print(
        f"{name:30} p50 {p50:5.1f}  p99 {p99:5.1f}  most {max(took):5.1f} ms (aim: {AIM_QUERY_MS})"
    )


async def _work(settings: Settings, wanted: argparse.Namespace) -> None:
    calm, busy = Seen("calm"), Seen("meanwhile")
    both = _Both(calm, busy)
    premises = Premises(
        settings=settings,
        store=_store(settings),
        clock=clock,
        nudges=Nudges(),
        memory=Memory(),
        metrics=replace(new_metrics(), probe_lateness=both),  # type: ignore[arg-type]
    )
    who = workers.new_name()
    await _open_store(premises, who)
    async with _scheduled(premises, "all", who):
        await asyncio.sleep(wanted.warm_up)
        calm.measuring = True
        await asyncio.sleep(wanted.calm)
        calm.measuring, busy.measuring = False, True
        await _a_days_work(premises, clock())
        await asyncio.sleep(1)
        busy.measuring = False
    for seen in (calm, busy):
        seen.tell()
    await premises.store.close()


class _Both:
    """Takes what the metrics observe, for whichever is measuring."""

    def __init__(self, *seen: Seen) -> None:
        self.seen = seen

    def observe(self, lateness: float) -> None:
        for one in self.seen:
            one.observe(lateness)


async def _a_days_work(premises: Premises, now: datetime) -> None:
    store = TimedStore(premises.store.url)
    own = replace(premises, store=store)
    async with premises.store.write() as session:
        an_hour_ago = col(Looks.slot_at) >= now - timedelta(hours=1)
        await session.execute(sa.update(Looks).where(an_hour_ago).values(rolled_up=False))
    before = await _rows(premises.store)
    await _timed("an hour of looks added up", store, roll_up(own, now))
    for days in range(1, 4):
        await _timed(f"day {days} deleted", store, sweep(own, now + timedelta(days=days)))
    await store.close()
    print(f"  {before - await _rows(premises.store):,} rows deleted")


async def _timed(name: str, store: TimedStore, work: Awaitable[object]) -> None:
    store.took.clear()
    since = time.monotonic()
    await work
    print(
        f"{name:30} {time.monotonic() - since:.1f} s in {len(store.took)} transactions, "
        f"the longest {1000 * max(store.took):.0f} ms"
    )


async def _rows(store: Store) -> int:
    async with store.read() as session:
        counts = [
            await session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (Looks, Figures)
        ]
    return sum(count or 0 for count in counts)


def _store(settings: Settings) -> Store:
    return Store(settings.database.url.get_secret_value())


def _configuration(wanted: argparse.Namespace, url: str, folder: Path, store_url: str) -> str:
    """Two checks a component."""
    head = (
        f'[site]\nname = "Acme"\nurl = "http://127.0.0.1"\nlanguages = ["en", "it"]\n'
        f'state_dir = "{folder}/state"\n[database]\nurl = "{store_url}"\n'
        f'[checks]\ninterval = "{wanted.interval:g}s"\n'
    )
    check = '[[components.checks]]\nkind = "http"\nurl = "{url}/{n}{part}"\n'
    told = [
        f'[[components]]\nid = "component-{n}"\nname = "Component {n}"\nslo = 99.9\n'
        + "".join(check.format(url=url, n=n, part=part) for part in "ab")
        for n in range(wanted.checks // 2)
    ]
    return head + "".join(told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checks", type=int, default=200)
    parser.add_argument("--years", type=float, default=2.0)
    parser.add_argument("--interval", type=float, default=15.0, help="seconds")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--warm-up", type=float, default=20.0, help="seconds before it is measured")
    parser.add_argument("--calm", type=float, default=20.0, help="seconds without that work")
    return parser.parse_args()


if __name__ == "__main__":
    main()
