"""How does a probe get out, and is it the target or our own connection that fails?

One ``Network`` is shared by all probes: building an SSL context costs 70 ms, and the
default executor has 6 threads on 2 cores, so that one dead resolver would make every
check look slow. Each look gets a ``Line`` of its own, which remembers whether somebody
picked up: after a timeout only that tells a broken program from a dead machine.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

RESOLVER_THREADS = 64


class Network:
    """What all probes share; an async context manager, used in one event loop."""

    def __init__(self) -> None:
        self._resolver = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolve")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A look-up that hangs can't be stopped: its thread is left to end by itself.
        self._resolver.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def verifying(self) -> ssl.SSLContext:
        """The one context that checks certificates against the system's authorities."""
        return ssl.create_default_context()

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        """The one context for ``verify_tls = false``: encrypted, whoever it is."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def tls(self, *, verify: bool) -> ssl.SSLContext:
        return self.verifying if verify else self.trusting

    async def resolve(self, host: str) -> tuple[str, ...]:
        """The addresses of a host, in the system's order; raises ``socket.gaierror``."""
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            return await self._look_up(host)

    async def _look_up(self, host: str) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._resolver, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            )
        except UnicodeError:  # a label that is empty or over 63 bytes: no name at all
            raise socket.gaierror(socket.EAI_NONAME, "not a name") from None
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))

    async def reachable(self, targets: Sequence[str], timeout: timedelta) -> bool:
        """Does any reference target (``tcp://host:port``) accept a connection? None given: yes."""
        asked = {asyncio.ensure_future(self._accepts(target)) for target in targets}
        if not asked:
            return True
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                for answer in asyncio.as_completed(asked):
                    if await answer:
                        return True
        except TimeoutError:
            pass
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        return False

    async def _accepts(self, target: str) -> bool:
        place = urlsplit(target)
        try:
            line = Line(self)
            _, writer = await line.connect(place.hostname or "", place.port or 53)
        except OSError:
            return False
        writer.close()
        return True


class Line:
    """One look's way out: where it went, and whether anybody picked up."""

    def __init__(self, network: Network) -> None:
        self.network = network
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
        """The addresses of the target; the time of the look counts from here."""
        self.host, self.port = host, port
        self.address, self.reached = None, False
        addresses = await self.network.resolve(host)
        self.began = time.perf_counter()
        self.address = addresses[0]
        return addresses

    async def connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a TCP connection to the first address that accepts; raises OSError of the last."""
        addresses = await self.resolve(host, port)
        for address in addresses[:-1]:
            try:
                return await self._dial(address, port)
            except OSError:
                continue
        return await self._dial(addresses[-1], port)

    async def _dial(
        self, address: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.address = address
        streams = await asyncio.open_connection(address, port)
        self.picked_up()
        return streams

    def picked_up(self, address: str | None = None) -> None:
        """Somebody accepted the connection."""
        self.reached = True
        self.address = address or self.address
