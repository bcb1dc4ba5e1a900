"""How does a probe get out, and is it the target or our own connection that fails?

One ``Network`` is shared by all probes: building an SSL context costs 70 ms, and the
default executor has 6 threads on 2 cores, so that one dead resolver would make every
check look slow. What one look does on it is its ``Line``.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from checks.dial import dial

RESOLVER_THREADS = 64


class Network:
    """What all probes share; an async context manager, used in one event loop."""

    def __init__(self) -> None:
        self._resolver = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolve")

    async def __aenter__(self) -> Self:
        # Now, and beside the loop: the first look shall not pay for it with its deadline.
        await asyncio.to_thread(lambda: (self.verifying, self.trusting))
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
            addresses = await self.resolve(place.hostname or "")
            _, connected = await dial(addresses, place.port or 53)
        except OSError:
            return False
        connected.close()
        return True
