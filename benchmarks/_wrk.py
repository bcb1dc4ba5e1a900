"""What does wrk see of a server, and what does the server spend on it?"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

from benchmarks._machine import processor_time
from tests.servers.programs import WRK

VARIED = """
local visitor = 0
request = function()
    visitor = visitor + 1
    wrk.headers["X-Visitor"] = visitor
    return wrk.format()
end
"""
_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Seen:
    """Of one server: requests a second, latencies in ms, µs of its CPU for each request."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def ask(
    url: str,
    pid: int,
    *,
    seconds: int,
    connections: int,
    headers: dict[str, str],
    core: int,
    varied: bool,
) -> Seen:
    """As fast as it answers; ``pid`` is the process that does. ``varied``: no request is as
    another was.
    """
    fields = [f"-H{name}: {value}" for name, value in headers.items()]
    load = ("-t1", f"-c{connections}", f"-d{seconds}", "--latency")
    with NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(VARIED)
        script.flush()
        how = [*load, *(["-s", script.name] if varied else [])]
        before = processor_time(pid)
        told = subprocess.run(
            [WRK.path(), *how, *fields, url],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        ).stdout
        cpu_s = processor_time(pid) - before
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    requests = int(_found(r"(\d+) requests in", told))
    return Seen(
        float(_found(r"Requests/sec:\s+([\d.]+)", told)),
        _milliseconds(_found(r"(?m)^ +50% +(\S+)", told)),
        _milliseconds(_found(r"(?m)^ +99% +(\S+)", told)),
        1e6 * cpu_s / requests,
    )


def _found(pattern: str, told: str) -> str:
    match = re.search(pattern, told)
    assert match is not None, told
    return match[1]


def _milliseconds(told: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", told)
    assert match is not None, told
    return float(match[1]) * _UNITS_MS[match[2]]
