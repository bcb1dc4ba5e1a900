"""How soon after a change do its bytes lie in memory, after years of incidents?

    python -m benchmarks.rendering [--components 100] [--years 5] [--changes 40]
                                   [--store sqlite] [--profile FILE]

A store is filled with 10 incidents a week of 12 updates each, pages are in two languages, and the
publish job runs as the program runs it. A component is held by an operator, or a word is said of
an open incident; between two changes every check has been looked at, as always. Measured is from
the nudge, with which the door ends its transaction, to the bytes being in memory, and of each
step; where others are busy on the machine, CPU compares better than time. Then the same
with one component and no history. Aim: p99 of all under 50 ms. Printed are also how much all pages
are, and what the process holds.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from benchmarks._machine import describe, percentile, pss_kb, run, stay_on
from benchmarks._stages import AFTERWARDS, STEPS, Stages, Took, watched
from benchmarks._stores import KINDS, a_folder, store_url
from benchmarks._years import Years, fill
from checks.result import Grade, Result
from checks.verdict import Belief, Look, Verdict, freeze
from statuspage.actions import components, updates
from statuspage.actions.revision import revision
from statuspage.actions.standings import standings
from statuspage.garbage import settle_down
from statuspage.jobs.past import AT_ONCE
from statuspage.jobs.publish import Publish
from statuspage.migrations import migrate
from statuspage.premises import Premises, clock
from statuspage.rota import publishing
from statuspage.rules.words import Word
from statuspage.scheduler import Scheduler
from statuspage.settings import Settings, loads
from statuspage.tables import Check
from statuspage.vocabulary import Status

AIM_MS = 50
A_WEEK, UPDATES = 10, 12
Change = Callable[[AsyncSession, int], Awaitable[int]]
"""The n-th of its kind; answers the revision made."""


def main() -> None:
    wanted = _arguments()
    print(describe())
    stay_on(0)
    run(_measure(wanted, wanted.components, wanted.years, "after years"))
    run(_measure(wanted, 1, 0, "one component, no history"))


async def _measure(wanted: argparse.Namespace, count: int, years: float, name: str) -> None:
    with a_folder() as folder, store_url(wanted.store) as url:
        settings = loads(_configuration(count, folder, url), {}, folder / "avviso.toml")
        premises = Premises.made(settings)
        rows = await _fill(premises, years)
        print(f"\n{name}: {count} components, {years:g} years, {rows:,} rows, {wanted.store}")
        async with _publishing(premises) as publish:
            await _walk(publish, rows)
            settle_down()
            await _tell_pages(premises)
            opened = await _open(premises)
            for kind, change in (("held", _hold(settings)), ("word", _say(settings, opened))):
                await _change(premises, kind, change, wanted)
            print(f"the process holds {pss_kb() / 1024:.0f} MB (Pss)")
        await premises.store.close()


async def _change(
    premises: Premises, kind: str, change: Change, wanted: argparse.Namespace
) -> None:
    """The same kind of change, again and again."""
    took, profile = list[Took](), cProfile.Profile()
    with watched() as stages:
        for n in range(wanted.changes):
            await _look_at_all(premises)
            async with premises.store.write() as session:
                made = await change(session, n)
            stages.now.clear()
            if wanted.profile:
                profile.enable()
            took.append(Took())
            with took[-1].measured():
                premises.nudges.nudge("publish")
                shown = await premises.memory.shows(made, patience=60)
            profile.disable()
            assert shown, "it was not shown"
            await asyncio.sleep(wanted.pause)
            stages.end_round()
    if wanted.profile:
        profile.dump_stats(f"{wanted.profile}.{kind}")
    _tell(kind, took, stages)


def _tell(kind: str, took: list[Took], stages: Stages) -> None:
    for name, _, _ in STEPS:
        _tell_one(f"  {name}", stages.of(name))
    _tell_one(f"{kind}: from the nudge to the bytes", took, f" (aim: {AIM_MS})")
    for name, _, _ in AFTERWARDS:
        _tell_one(f"  and then {name}", stages.of(name))


def _tell_one(name: str, took: list[Took], aim: str = "") -> None:
    p50, p99 = (1000 * percentile([one.wall for one in took], share) for share in (0.5, 0.99))
    cpu = 1000 * percentile([one.cpu for one in took], 0.5)
    print(f"{name:36} p50 {p50:7.1f}  p99 {p99:7.1f} ms{aim}, p50 of CPU {cpu:6.1f}")


async def _tell_pages(premises: Premises) -> None:
    kept = [one for variants in premises.memory.pages.values() for one in variants]
    bodies = {id(body): len(body) for one in kept for body in one.codings.values()}
    print(
        f"{len(premises.memory.pages):,} addresses, {len(kept):,} pages, {len(bodies):,} bodies "
        f"in all encodings: {sum(bodies.values()) / 1e6:.1f} MB"
    )


def _hold(settings: Settings) -> Change:
    async def hold(session: AsyncSession, n: int) -> int:
        one = settings.components[n // 2 % len(settings.components)]
        status = None if n % 2 else Status.DEGRADED
        return await components.hold(session, one.id, status, None, "ada", clock())

    return hold


def _say(settings: Settings, incident_id: str) -> Change:
    async def say(session: AsyncSession, n: int) -> int:
        word = _word(f"Step {n} is done.")
        known = await standings(session, settings)
        await updates.add_update(session, settings, incident_id, word, known, "ada", clock())
        return await revision(session)

    return say


def _word(doing: str) -> Word:
    told = {"what_happened": "Un disco è pieno.", "what_we_are_doing": "Facciamo spazio."}
    return Word(
        what_happened="A disk is full.",
        what_we_are_doing=f"We make room. {doing}",
        translations={"it": told},
        components={"component-0": Status.MAJOR_OUTAGE},
        notify=False,
    )


async def _open(premises: Premises) -> str:
    async with premises.store.write() as session:
        known = await standings(session, premises.settings)
        made, _, _ = await updates.open_incident(
            session, premises.settings, _word("At once."), known, "ada", clock()
        )
    return made.id


async def _look_at_all(premises: Premises) -> None:
    """Each check was asked since the last time, at a moment of its own."""
    now = clock()
    async with premises.store.write() as session:
        for n, (check_id,) in enumerate((await session.execute(sa.select(col(Check.id)))).all()):
            at = now - timedelta(milliseconds=n)
            verdict = Verdict(
                belief=Belief.WELL,
                since=now - timedelta(days=30),
                recent=(Look(at, Grade.WELL),),
                looked_at=at,
                latest=Result(Grade.WELL, 12.0 + n, "Answered 200."),
            )
            await session.execute(
                sa.update(Check)
                .where(col(Check.id) == check_id)
                .values(verdict=freeze(verdict), looked_at=at)
            )


async def _fill(premises: Premises, years: float) -> int:
    await migrate(premises.store)
    async with premises.store.write() as session:
        long_ago = clock() - timedelta(days=365 * max(years, 1))
        await components.mirror(session, premises.settings, long_ago)
    await _look_at_all(premises)
    rows = await fill(premises.store, Years(premises.settings, clock(), years, A_WEEK, UPDATES))
    await premises.store.empty_log()
    return rows


@asynccontextmanager
async def _publishing(premises: Premises) -> AsyncIterator[Publish]:
    """The job alone, under the scheduler; its first pages are there."""
    publish = Publish(premises)
    scheduler = Scheduler(premises, [publishing(publish)])
    scheduler.start()
    try:
        assert await premises.memory.shows(1, patience=60), "no page was shown"
        yield publish
    finally:
        await scheduler.stop()
        await publish.close()


async def _walk(publish: Publish, rows: int) -> None:
    """All of the past into the archive, some incidents with each step."""
    since = time.monotonic()
    for _ in range(rows // (UPDATES * AT_ONCE) + 2):
        await publish.past.walk(clock())
    print(f"the archive was filled in {time.monotonic() - since:.0f} s")


def _configuration(count: int, folder: Path, store_url: str) -> str:
    head = (
        f'[site]\nname = "Acme"\nurl = "https://status.acme.example"\nlanguages = ["en", "it"]\n'
        f'state_dir = "{folder}/state"\n[database]\nurl = "{store_url}"\n'
    )
    told = [
        f'[[components]]\nid = "component-{n}"\nname = "Component {n}"\ngroup = "Group {n // 10}"\n'
        f'slo = 99.9\nwhen_down = {{ en = "You cannot use component {n}.", '
        f'it = "Il componente {n} non funziona." }}\n'
        '[[components.checks]]\nkind = "tcp"\nhost = "127.0.0.1"\nport = 9\n'
        for n in range(count)
    ]
    return head + "".join(told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--components", type=int, default=100)
    parser.add_argument("--years", type=float, default=5.0)
    parser.add_argument("--changes", type=int, default=40, help="of each kind")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between changes")
    parser.add_argument("--store", choices=KINDS, default="sqlite")
    parser.add_argument("--profile", help="write cProfile's figures into this file, by kind")
    return parser.parse_args()


if __name__ == "__main__":
    main()
