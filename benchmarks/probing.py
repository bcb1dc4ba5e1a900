"""Do a thousand checks every ten seconds hold their times on one core, and at what cost?

    python -m benchmarks.probing [--checks 1000] [--interval 10] [--seconds 60]
                                 [--store sqlite|postgresql] [--profile]

The program is all that `avviso serve` runs, doors excepted: every job on its scheduler and
on a real store, page and snapshots included, pinned to one core; what it asks is served by
another process on the other. Beside it, in the same run, two plain httpx loops ask the same
addresses, with one client and a connection for each request: one at the same times as the
program, and one without a pause, twenty at once.

Lateness is from a look's due time to its beginning. CPU is of this whole process, its threads
and its mailer included (PostgreSQL's own is not). Aims: lateness p99 under 0.5 s, and no more than
twice the CPU of the plain loop.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from benchmarks._machine import cpu_s, describe, percentile, run, stay_on
from benchmarks._origin import origin
from statuspage.jobs import workers
from statuspage.metrics import new_metrics
from statuspage.premises import Premises
from statuspage.serving import _open_store, _scheduled
from statuspage.settings import Settings, loads
from tests.servers.postgresql import PostgreSQL

WARM_UP_S = 30.0
AT_ONCE = 20
AIM_LATENESS_S, AIM_RATIO = 0.5, 2.0


@dataclass
class Seen:
    """What one side did while it was measured; times in seconds."""

    name: str
    lateness: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    measuring: bool = False

    def observe(self, lateness: float) -> None:
        """As a histogram of metrics has it."""
        if self.measuring:
            self.lateness.append(lateness)

    async def measure(self, seconds: float, origin: int) -> None:
        """``origin`` is the process whose CPU is not counted."""
        began = cpu_s(origin)
        self.measuring = True
        await asyncio.sleep(seconds)
        self.measuring = False
        self.cpu_s = cpu_s(origin) - began

    @property
    def cpu_ms(self) -> float:
        """For each look."""
        return 1000 * self.cpu_s / max(len(self.lateness), 1)

    def tell(self) -> None:
        p50, p95, p99 = (percentile(self.lateness, share) for share in (0.5, 0.95, 0.99))
        print(
            f"{self.name:22} {len(self.lateness):6} looks   lateness p50 {p50:.3f}  "
            f"p95 {p95:.3f}  p99 {p99:.3f}  most {max(self.lateness, default=0):.3f} s   "
            f"CPU {self.cpu_ms:.2f} ms a look"
        )


def main() -> None:
    wanted = _arguments()
    print(describe())
    stay_on(0)
    with origin() as (url, pid), _store(wanted.store) as store_url, _folder() as folder:
        settings = _settings(wanted, url, store_url, folder)
        program, paced, flat_out = run(_all(settings, wanted, url, pid))
    for seen in (program, paced, flat_out):
        seen.tell()
    late = percentile(program.lateness, 0.99)
    print(f"lateness p99 {late:.3f} s (aim: under {AIM_LATENESS_S} s)")
    for plain in (paced, flat_out):
        ratio = program.cpu_ms / plain.cpu_ms
        print(f"CPU of the program / of {plain.name}: {ratio:.2f} (aim: {AIM_RATIO:g} at most)")


async def _all(
    settings: Settings, wanted: argparse.Namespace, url: str, pid: int
) -> tuple[Seen, Seen, Seen]:
    seen = Seen("avviso"), Seen("httpx, the same times"), Seen("httpx, without a pause")
    urls = [f"{url}/{n}" for n in range(wanted.checks)]
    await _program(settings, seen[0], wanted, pid)
    await _paced(urls, seen[1], wanted, pid)
    await _flat_out(urls, seen[2], wanted, pid)
    return seen


async def _program(settings: Settings, seen: Seen, wanted: argparse.Namespace, pid: int) -> None:
    premises = Premises.made(settings, replace(new_metrics(), probe_lateness=seen))  # type: ignore[arg-type]
    who = workers.new_name()
    await _open_store(premises, who)
    async with _scheduled(premises, "all", who):
        await asyncio.sleep(WARM_UP_S)
        with _profiled(wanted.profile):
            await seen.measure(wanted.seconds, pid)
    await premises.store.close()


async def _paced(urls: list[str], seen: Seen, wanted: argparse.Namespace, pid: int) -> None:
    """Each address in turn, evenly over the interval, again and again."""
    began, every = time.monotonic(), wanted.interval
    async with _client() as client:
        due = [began + every * n / len(urls) for n in range(len(urls))]
        looking = [
            asyncio.create_task(_look_for_ever(client, url, at, every, seen))
            for url, at in zip(urls, due, strict=True)
        ]
        await asyncio.sleep(every)
        await seen.measure(wanted.seconds, pid)
        await _end(looking)


async def _flat_out(urls: list[str], seen: Seen, wanted: argparse.Namespace, pid: int) -> None:
    async with _client() as client:
        looking = [
            asyncio.create_task(_look_for_ever(client, url, time.monotonic(), 0.0, seen))
            for url in urls[:AT_ONCE]
        ]
        await asyncio.sleep(1)
        await seen.measure(wanted.seconds / 4, pid)
        await _end(looking)
    seen.lateness = [0.0] * len(seen.lateness)  # nothing was due


def _client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(limits=limits, timeout=5, trust_env=False)


async def _end(looking: list[asyncio.Task[None]]) -> None:
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)


async def _look_for_ever(
    client: httpx.AsyncClient, url: str, due: float, every: float, seen: Seen
) -> None:
    while True:
        await asyncio.sleep(max(due - time.monotonic(), 0))
        seen.observe(time.monotonic() - due)
        answer = await client.get(url)
        assert answer.status_code == 200
        due += every


def _settings(
    wanted: argparse.Namespace, url: str, store_url: str | None, folder: Path
) -> Settings:
    """A component for each check: the most that the other jobs can have to do with them."""
    head = (
        f'[site]\nname = "Acme"\nurl = "http://127.0.0.1"\n'
        f'[database]\nurl = "{store_url or "sqlite:///avviso.db"}"\n'
        f'[checks]\ninterval = "{wanted.interval:g}s"\n'
    )
    told = [
        f'[[components]]\nid = "c{n}"\nname = "Component {n}"\n'
        f'[[components.checks]]\nkind = "http"\nurl = "{each}"\n'
        for n, each in enumerate(f"{url}/{n}" for n in range(wanted.checks))
    ]
    return loads(head + "".join(told), {}, folder / "avviso.toml")


@contextmanager
def _store(kind: str) -> Iterator[str | None]:
    if kind == "sqlite":
        yield None
        return
    with PostgreSQL() as server, server.database() as url:
        yield url


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="avviso-bench-") as folder:
        yield Path(folder)


@contextmanager
def _profiled(wanted: bool) -> Iterator[None]:
    """The loop's thread only; profiling doubles what it measures."""
    if not wanted:
        yield
        return
    profile = cProfile.Profile()
    profile.enable()
    yield
    profile.disable()
    told: Any = pstats.Stats(profile)
    told.sort_stats("tottime").print_stats(45)
    told.sort_stats("cumtime").print_stats(70)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.probing")
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=10.0, help="seconds")
    parser.add_argument("--seconds", type=float, default=60.0, help="measured on each side")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
