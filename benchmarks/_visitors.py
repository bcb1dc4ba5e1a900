"""How long do visitors wait who come when they like, and not when the last one was served?

    python -m benchmarks._visitors PORT RATE

So many requests a second for the page, each at its time whatever became of those before (an
open loop): its latency counts from when it was due. Ends with its standard input, and prints
the latencies in seconds as JSON. A process of its own, so that its work is nobody else's CPU.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import deque
from types import TracebackType
from typing import Self, cast

from benchmarks._machine import run

REQUEST = b"GET / HTTP/1.1\r\nhost: status.acme.example\r\naccept-language: en\r\n\r\n"
CONNECTIONS = 64


class Visitors:
    """The process, from outside."""

    def __init__(self, port: int, rate: float) -> None:
        self._command = [sys.executable, "-m", "benchmarks._visitors", str(port), str(rate)]
        self.latencies: list[float] = []

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        self._process.stdout.readline()  # they stand at the door
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        said, _ = self._process.communicate()
        self.latencies = json.loads(said)


class Visiting(asyncio.Protocol):
    """One kept connection of ``Crowd``'s, with one request at a time."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._due, self._heard = 0.0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are nobody's subclass
        self._transport = cast("asyncio.WriteTransport", transport)
        self._crowd.is_free(self)

    def ask(self, due: float) -> None:
        self._due, self._heard = due, b""
        self._transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        assert head.startswith(b"HTTP/1.1 200 "), head
        self._crowd.was_served(self._due)
        self._crowd.is_free(self)


class Crowd:
    def __init__(self) -> None:
        self._free: deque[Visiting] = deque()
        self._waiting: deque[float] = deque()
        self.latencies: list[float] = []

    def comes(self, due: float) -> None:
        if self._free:
            self._free.popleft().ask(due)  # who has rested longest: idle ones are closed
        else:
            self._waiting.append(due)

    def is_free(self, one: Visiting) -> None:
        if self._waiting:
            one.ask(self._waiting.popleft())
        else:
            self._free.append(one)

    def was_served(self, due: float) -> None:
        self.latencies.append(time.monotonic() - due)


async def visit(port: int, rate: float) -> list[float]:
    loop, crowd = asyncio.get_running_loop(), Crowd()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Visiting(crowd), "127.0.0.1", port)
    sys.stdout.write("\n")
    sys.stdout.flush()
    told = loop.run_in_executor(None, sys.stdin.read)
    due = time.monotonic()  # the loop's own clock knows milliseconds only
    while not told.done():
        await asyncio.sleep(max(due - time.monotonic(), 0))
        crowd.comes(due)
        due += 1 / rate
    await asyncio.sleep(1)
    return crowd.latencies


def _length(head: bytes) -> int:
    fields = head.lower().split(b"\r\n")
    line = next(field for field in fields if field.startswith(b"content-length:"))
    return int(line.partition(b":")[2])


if __name__ == "__main__":
    seen = run(visit(int(sys.argv[1]), float(sys.argv[2])))
    sys.stdout.write(json.dumps(seen))
