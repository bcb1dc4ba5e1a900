"""How fast is the page from memory, beside an application that knows nothing else?

    python -m benchmarks.page [--seconds 10] [--connections 32]

Both run under uvicorn as `avviso serve` has it, pinned to one core, one after the other; the
client, a bare asyncio protocol on kept connections, has the other core. Where the client is
the slower side, requests a second say little: the server's CPU for each request is what
compares.
"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from typing import cast

from benchmarks._front import start
from benchmarks._machine import describe, processor_time, run, stay_on
from tests.servers.ports import answers, free_port

# uncompressed, since the bare answer is
REQUEST = b"GET / HTTP/1.1\r\nhost: status.acme.example\r\naccept-encoding: identity\r\n\r\n"


@dataclass(frozen=True)
class Seen:
    name: str
    requests: int
    seconds: float
    server_cpu_s: float

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's CPU for each request."""
        return 1e6 * self.server_cpu_s / max(self.requests, 1)

    def tell(self) -> None:
        rate = self.requests / self.seconds
        print(f"{self.name:8} {rate:9,.0f} requests/s   {self.cpu_us:6.1f} µs of CPU a request")


class Asking(asyncio.Protocol):
    """One kept connection, asking again as soon as it was answered."""

    def __init__(self) -> None:
        self.answered = 0
        self.missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are nobody's subclass
        self.transport = cast("asyncio.WriteTransport", transport)
        self.transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.missing = (self.missing or _length(data)) - len(data)
        if self.missing == 0:
            self.answered += 1
            self.transport.write(REQUEST)


def main() -> None:
    wanted = _arguments()
    print(describe())
    stay_on(1)
    avviso, bare = (_measure(which, wanted) for which in ("avviso", "bare"))
    for seen in (avviso, bare):
        seen.tell()
    print(f"CPU of a page / CPU of the bare answer: {avviso.cpu_us / bare.cpu_us:.2f}")


def _measure(which: str, wanted: argparse.Namespace) -> Seen:
    port = free_port()
    server = start(which, port, 0)
    try:
        while not answers(port):
            assert server.poll() is None, "the server did not start"
        return run(_ask(which, port, server.pid, wanted))
    finally:
        server.kill()
        server.wait()


async def _ask(which: str, port: int, pid: int, wanted: argparse.Namespace) -> Seen:
    loop = asyncio.get_running_loop()
    asking = [
        (await loop.create_connection(Asking, "127.0.0.1", port))[1]
        for _ in range(wanted.connections)
    ]
    await asyncio.sleep(1)
    began, cpu, before = loop.time(), processor_time(pid), sum(one.answered for one in asking)
    await asyncio.sleep(wanted.seconds)
    seconds, cpu = loop.time() - began, processor_time(pid) - cpu
    return Seen(which, sum(one.answered for one in asking) - before, seconds, cpu)


def _length(data: bytes) -> int:
    """How long the whole answer is that begins here."""
    head, _, _ = data.partition(b"\r\n\r\n")
    fields = head.lower().split(b"\r\n")
    assert fields[0].endswith(b" 200 ok"), fields[0]
    length = next(line for line in fields if line.startswith(b"content-length:"))
    return len(head) + 4 + int(length.partition(b":")[2])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=32)
    return parser.parse_args()


if __name__ == "__main__":
    main()
