"""How far away is a relay that stands beside us?

    python -m benchmarks._latency PORT TARGET_PORT MILLISECONDS

Passes bytes on after a while, half of it on the way there and half on the way back, as a
long line would: whoever says much at once waits no longer than who says little.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, cast

import uvloop

from tests.servers.ports import answers
from tests.servers.server import Server


class Faraway(Server):
    """A door to ``target`` (a port) that is ``ms`` away, there and back."""

    users: ClassVar = ()

    def __init__(self, target: int, ms: float) -> None:
        super().__init__()
        self._target, self._ms = target, ms

    @property
    def dsn(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    def command(self) -> Sequence[str | Path]:
        end = (str(self.port), str(self._target), str(self._ms))
        return [sys.executable, "-m", "benchmarks._latency", *end]

    def ask(self) -> None:
        if not answers(self.port):
            raise ConnectionRefusedError


class _End(asyncio.Protocol):
    """One end of a line; ``other`` is where it leads."""

    def __init__(self, delay_s: float, other: _End | None = None) -> None:
        self._delay_s, self.other = delay_s, other
        self.transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        for data in self._early:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        assert self.other is not None
        self._loop.call_later(self._delay_s, self.other.put, data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  whatever it was
        if self.other is not None:
            self._loop.call_later(self._delay_s, self.other.end)

    def put(self, data: bytes) -> None:
        if self.transport is None:
            self._early.append(data)
        elif not self.transport.is_closing():
            self.transport.write(data)

    def end(self) -> None:
        if self.transport is not None:
            self.transport.close()


async def _pass_on(port: int, target: int, delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    lines: set[asyncio.Task[object]] = set()

    def near() -> _End:
        here = _End(delay_s)
        here.other = there = _End(delay_s, here)
        line = asyncio.ensure_future(loop.create_connection(lambda: there, "127.0.0.1", target))
        lines.add(line)
        return here

    server = await loop.create_server(near, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_pass_on(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 2000))
