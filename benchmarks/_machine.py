"""On what is measured, and how are many numbers told in three?

The program has one core to itself and everything around it the other; who else is busy on
the machine is said beside the figures, since it is part of them.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import uvloop

_Answer = TypeVar("_Answer")


def stay_on(core: int) -> None:
    """Run on one core from here on, with every thread begun from now; of fewer cores, the last."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[min(core, len(cores) - 1)]})


def go_first() -> str:
    """Before whatever else runs on the machine, where we are allowed to; says which it is."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -15)
    except PermissionError:
        return "at the usual priority"
    return "at nice -15"


def run(main: Coroutine[Any, Any, _Answer]) -> _Answer:
    """As ``asyncio.run``, on the loop that ``avviso serve`` has."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def describe() -> str:
    """The machine and the hour, on one line."""
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, "
        f"{_processor()}, {os.cpu_count()} cores, load before {load}, {go_first()}"
    )


def cpu_s(but: int) -> float:
    """Seconds of CPU of this process and its living children; one child, ``but``, left out."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    ours = [os.getpid(), *(int(child) for child in children if int(child) != but)]
    return sum(processor_time(pid) for pid in ours)


def watch_memory() -> None:
    """From here on ``VmHWM`` is the most since now (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def memory_kb(line: str) -> int:
    """``VmRSS``: what this process holds; ``VmHWM``: the most that it held."""
    told = Path("/proc/self/status").read_text().partition(f"{line}:")[2]
    return int(told.split()[0])


def pss_kb(pid: int | None = None) -> int:
    """What a process holds; what it shares with others counts in part (proc(5), Pss)."""
    told = Path(f"/proc/{pid or 'self'}/smaps_rollup").read_text().partition("\nPss:")[2]
    return int(told.split()[0])


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of the values do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def processor_time(pid: int) -> float:
    """utime and stime of proc(5), which stand after the name in parentheses."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
