"""Do a hundred thousand customers hear of it within half a minute, and does anything else wait?

    python -m benchmarks.hundred [--subscribers 100000] [--rate 200] [--checks 100]
                                 [--calm 20] [--within 600]

`avviso serve` as its users start it, on SQLite and with its mailer beside it; Postfix's smtp-sink
as the relay, on the same machine. An operator opens an incident over the API; everybody is
written to. Meanwhile visitors ask for the page on schedule (an open loop), as they did when it
was calm, and checks are due. Aims: all accepted within 30 s of the operator's word; the p99 of
pages at most 1.5 times the calm one; memory of all processes grown by less than 60 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from benchmarks._fanout import subscribe
from benchmarks._machine import describe, percentile, processor_time, pss_kb
from benchmarks._origin import origin
from benchmarks._program import asks, new_token, until, until_ready
from benchmarks._relay import Drain
from benchmarks._visitors import Visitors
from statuspage.database import Store
from statuspage.mailing import NICE
from tests.stories import configuration
from tests.stories.office import Office
from tests.stories.programs import Avviso

AIM_ALL_S, AIM_RATIO, AIM_GROWN_MB = 30.0, 1.5, 60.0
SHARES = ((0.5, "p50_s"), (0.95, "p95_s"), (0.99, "p99_s"))
WORDS = {"what_happened": "Orders wait.", "what_we_are_doing": "We empty a full disk."}


@dataclass
class Processes:
    """All of a program's, watched: ``grown_mb`` and ``cpu_s`` since it was made."""

    leader: int
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._kb = self._most_kb = self._held_kb()
        self._cpu_s, self._door_cpu_s = self._cpu(), processor_time(self.leader)
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def grown_mb(self) -> float:
        return (self._most_kb - self._kb) / 1024

    @property
    def cpu_s(self) -> float:
        return self._cpu() - self._cpu_s

    @property
    def door_cpu_s(self) -> float:
        """Of the first process, which has pages, checks and spreading."""
        return processor_time(self.leader) - self._door_cpu_s

    def close(self) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            self._most_kb = max(self._most_kb, self._held_kb())

    def _held_kb(self) -> int:
        """What they hold together; what they share counts once (proc(5), Pss)."""
        return sum(_held_kb(pid) for pid in self._ids())

    def _cpu(self) -> float:
        return sum(processor_time(pid) for pid in self._ids())

    def _ids(self) -> list[int]:
        everybody = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
        return [pid for pid in everybody if _group(pid) == self.leader]


def measure(wanted: argparse.Namespace) -> None:
    with ExitStack() as stack:
        url, _ = stack.enter_context(origin())
        relay = stack.enter_context(Drain())
        avviso = Avviso()
        stack.callback(avviso.close)
        avviso.configure(_configuration(wanted, avviso, relay, url))
        avviso.start()
        until_ready(avviso, wanted.within)
        _subscribe(avviso, wanted.subscribers)
        office = _office(avviso)
        calm = _visited(wanted, avviso, lambda: time.sleep(wanted.calm), "calm")
        busy = _visited(wanted, avviso, lambda: _keep_busy(wanted.calm), "busy")
        processes = Processes(avviso.pid)
        stack.callback(processes.close)
        during = _visited(wanted, avviso, lambda: _tell(wanted, avviso, office), "during")
        _tell_of(wanted, calm, busy, during, processes)


def _keep_busy(seconds: float) -> None:
    """Both cores, and nothing of Avviso's."""
    loop = ["nice", "-n", str(NICE), sys.executable, "-c", "while True: pass"]
    loops = [subprocess.Popen(loop) for _ in range(os.cpu_count() or 2)]
    time.sleep(seconds)
    for one in loops:
        one.kill()
        one.wait()


def _visited(
    wanted: argparse.Namespace, avviso: Avviso, what: Callable[[], None], name: str
) -> list[float]:
    """How long visitors waited while something went on."""
    before = _lateness(avviso)
    with Visitors(avviso.port, wanted.rate) as visitors:
        what()
    late = {edge: count - before.get(edge, 0) for edge, count in _lateness(avviso).items()}
    p50, p99 = (1000 * percentile(visitors.latencies, share) for share in (0.5, 0.99))
    print(
        f"{name:7} {len(visitors.latencies):6} pages  p50 {p50:.1f}  p99 {p99:.1f}  most "
        f"{1000 * max(visitors.latencies):.1f} ms   {int(late['+Inf'])} looks, p50 at most "
        f"{_edge(late, 0.5)} s late, p99 {_edge(late, 0.99)} s"
    )
    return visitors.latencies


def _tell(wanted: argparse.Namespace, avviso: Avviso, office: Office) -> None:
    """The word, until everybody has it."""
    said = {"components": ["c0"], "language": "en", "status": "investigating", **WORDS}
    since, began = time.time(), time.monotonic()
    answer = office.post("/incidents", said)
    assert answer.status_code == 201, answer.text
    until(lambda: _accepted(avviso) >= wanted.subscribers, wanted.within, every=0.5)
    seen = time.monotonic() - began
    path = f"/incidents/{answer.json()['id']}/deliveries"
    until(lambda: not office.get(path)["queued"], wanted.within, every=0.5)
    told = office.get(path)
    (word,) = told["announcements"]
    assert told["sent"] == wanted.subscribers, told
    last = _seconds(told["last_sent_at"]) - since
    shares = "  ".join(f"{100 * share:g} % {word[key]:.2f}" for share, key in SHARES)
    print(
        f"from the end of the undo window, by the API: first {word['first_s']:.2f}  {shares}  "
        f"last {word['last_s']:.2f} s"
    )
    print(
        f"from the operator's word: the last accepted after {last:.2f} s (aim: {AIM_ALL_S:g} s), "
        f"counted after {seen:.1f} s; {wanted.subscribers / last:,.0f} letters/s"
    )


def _tell_of(
    wanted: argparse.Namespace,
    calm: list[float],
    busy: list[float],
    during: list[float],
    processes: Processes,
) -> None:
    to_calm, to_busy = (percentile(during, 0.99) / percentile(one, 0.99) for one in (calm, busy))
    print(
        f"p99 of pages, during / calm: {to_calm:.2f} (aim: {AIM_RATIO} at most), "
        f"during / busy: {to_busy:.2f}"
    )
    cpu_s, door_s = processes.cpu_s, processes.door_cpu_s
    print(
        f"CPU: {door_s:.1f} s for pages, checks and spreading, {cpu_s - door_s:.1f} s for the "
        f"mailer ({1e6 * (cpu_s - door_s) / wanted.subscribers:.0f} µs a letter); all processes "
        f"grown by {processes.grown_mb:.0f} MB (aim: under {AIM_GROWN_MB:g})"
    )


def _configuration(wanted: argparse.Namespace, avviso: Avviso, relay: Drain, url: str) -> str:
    sections: dict[str, dict[str, object]] = {
        "site": {
            "name": "Acme",
            "url": avviso.dsn,
            "languages": ["en", "it"],
            "state_dir": str(avviso.folder / "state"),
        },
        "database": {"url": f"sqlite:///{avviso.folder / 'avviso.db'}"},
        "mail": {"server": relay.dsn, "from": "Acme status <status@acme.example>"},
        "letters": {"undo": "100ms", "automatic": "never"},
        "checks": {"interval": "10s"},
    }
    checks = (
        configuration.component(f"c{n}", f"Part {n}", {"kind": "http", "url": f"{url}/{n}"})
        for n in range(wanted.checks)
    )
    return configuration.write(sections, "".join(checks))


def _subscribe(avviso: Avviso, count: int) -> None:
    async def put() -> None:
        store = Store(f"sqlite:///{avviso.folder / 'avviso.db'}")
        await subscribe(store, count)
        await store.close()

    asyncio.run(put())


def _office(avviso: Avviso) -> Office:
    return Office(avviso, new_token(avviso, "incidents"))


def _accepted(avviso: Avviso) -> float:
    return sum(_metrics(avviso, "letters_accepted_total").values())


def _lateness(avviso: Avviso) -> Mapping[str, float]:
    """How many looks began no later than so many seconds."""
    found = _metrics(avviso, "probe_lateness_seconds_bucket")
    return {labels.partition('le="')[2].partition('"')[0]: n for labels, n in found.items()}


def _edge(late: Mapping[str, float], share: float) -> str:
    return next((edge for edge, n in late.items() if n >= share * late["+Inf"]), "+Inf")


def _metrics(avviso: Avviso, name: str) -> dict[str, float]:
    """What is counted under this name, by its labels."""
    lines = (line.rpartition(" ") for line in asks(avviso, "/metrics").text.splitlines())
    return {head: float(n) for head, _, n in lines if head.partition("{")[0] == f"avviso_{name}"}


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _held_kb(pid: int) -> int:
    try:
        return pss_kb(pid)
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return 0


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hundred")
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=200.0, help="pages a second")
    parser.add_argument("--checks", type=int, default=100, help="every 10 s")
    parser.add_argument("--calm", type=float, default=20.0, help="seconds")
    parser.add_argument("--within", type=float, default=600.0, help="seconds until it is given up")
    wanted = parser.parse_args()
    print(describe())
    measure(wanted)


if __name__ == "__main__":
    main()
