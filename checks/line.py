"""How far did one look get on its way to the target?

Each look has a ``Line`` of its own, which remembers whom it called and whether anybody
picked up: after a timeout only that tells a broken program from a dead machine.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from datetime import timedelta

from checks.dial import dial
from checks.network import Network

# How long the other side may take to answer our TLS goodbye; only then is the socket dropped.
TLS_GOODBYE = 1.0


class Line:
    """One look's way out: where it went, how long it may last, whether anybody picked up."""

    def __init__(self, network: Network, timeout: timedelta) -> None:
        self.network = network
        self.timeout = timeout
        self.began = time.perf_counter()
        self.host: str | None = None
        self.port: int | None = None
        self.address: str | None = None
        self.reached = False

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the name was resolved."""
        return (time.perf_counter() - self.began) * 1000

    @property
    def place(self) -> str:
        """``127.0.0.1:5432`` or ``[::1]:5432``: what was dialled, by address where known."""
        name = self.address or self.host or "the target"
        name = f"[{name}]" if ":" in name else name
        return f"{name}:{self.port}" if self.port else name

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of the target; the latency of the look counts from here."""
        self.host, self.port = host, port
        self.address, self.reached = None, False
        addresses = await self.network.resolve(host)
        self.began = time.perf_counter()
        self.address = addresses[0]
        return addresses

    def picked_up(self, address: str | None = None) -> None:
        """Somebody accepted the connection."""
        self.reached = True
        self.address = address or self.address

    async def dial(self, host: str, port: int) -> socket.socket:
        """A connected, non-blocking socket; raises OSError when no address accepts."""
        addresses = await self.resolve(host, port)
        address, connected = await dial(addresses, port)
        self.picked_up(address)
        return connected

    async def connect(
        self, host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Streams over TCP, then TLS if a context is given; the name stays that of the host."""
        connected = await self.dial(host, port)
        try:
            if tls is None:
                return await asyncio.open_connection(sock=connected)
            return await asyncio.open_connection(
                sock=connected, ssl=tls, server_hostname=host, ssl_shutdown_timeout=TLS_GOODBYE
            )
        except BaseException:
            connected.close()
            raise
