"""Thousands of clients that want nothing: who are they, and how many are let in?

They come in four kinds: who has the page and keeps the connection, who sends half a header, who
sends a body that never comes, and who asks and reads nothing. Whoever is sent away comes again.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from statuspage.room import raise_file_limit

HOST = b"Host: status.acme.example\r\n"
WHOLE = b"GET /en/ HTTP/1.1\r\n" + HOST + b"\r\n"
SENT: dict[str, bytes] = {
    "kept": WHOLE,
    "half a header": b"GET /en/ HTTP/1.1\r\nHost: sta",
    "half a body": b"POST /subscribe HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 90000\r\n\r\naddress=",
    "deaf": WHOLE * 50,
}
AT_ONCE = 50
"""Come at the same time: thousands in one instant would be lost in the line before the door."""


class Idler(asyncio.Protocol):
    """One of them, until it is sent away."""

    def __init__(self, kind: str, gone: Callable[[str], None]) -> None:
        self.kind, self._gone = kind, gone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self.kind == "deaf":
            transport.pause_reading()
        transport.write(SENT[self.kind])

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone(self.kind)


class Idlers:
    """So many, held by a thread of their own."""

    def __init__(self, port: int, count: int) -> None:
        self.port, self.count = port, count
        self.held, self.sent_away = Counter[str](), Counter[str]()
        self._come_again, self._over = True, threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._hold()), daemon=True)

    @property
    def holding(self) -> int:
        return self.held.total()

    def come_no_more(self) -> None:
        self._come_again = False

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    async def _hold(self) -> None:
        transports = []
        while not self._over.is_set():
            missing = self._missing() if self._come_again else []
            for kind in missing[:AT_ONCE]:
                with suppress(OSError):
                    transports.append(await self._come(kind))
            transports = [one for one in transports if not one.is_closing()]
            await asyncio.sleep(0.01)
        for one in transports:
            one.abort()

    async def _come(self, kind: str) -> asyncio.Transport:
        loop, client = asyncio.get_running_loop(), socket.socket()
        client.setblocking(False)
        if kind == "deaf":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(client, ("127.0.0.1", self.port))
        transport, _ = await loop.create_connection(
            lambda: Idler(kind, self._sent_away), sock=client
        )
        self.held[kind] += 1
        return transport

    def _sent_away(self, kind: str) -> None:
        self.held[kind] -= 1
        self.sent_away[kind] += 1

    def _missing(self) -> list[str]:
        each = self.count // len(SENT)
        return [kind for kind in SENT for _ in range(each - self.held[kind])]


def held_by(port: int) -> int:
    """Connections that whoever listens there has not closed (who is deaf does not hear that it
    was): proc(5), established ones.
    """
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


@contextmanager
def idlers(port: int, count: int) -> Iterator[Idlers]:
    raise_file_limit()
    crowd = Idlers(port, count)
    crowd.start()
    try:
        yield crowd
    finally:
        crowd.close()
