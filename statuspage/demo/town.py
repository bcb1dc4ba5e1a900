"""Which processes is the demo made of, and how are they broken and mended?

The orders' database, the shop, and the door that its visitors come through: each a real
process on a port of its own. Breaking one ends its process, so that its connections are
refused by the kernel; mending starts it again, and is done when it accepts.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from statuspage.demo.ports import HERE, free_port
from statuspage.errors import Stop

START_S = 20.0
"""A slow machine, with everything starting at once."""
END_S = 3.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ports of 127.0.0.1 that the demo has."""

    avviso: int
    door: int
    shop: int
    orders: int
    mailbox: int

    @property
    def site(self) -> str:
        return f"http://{HERE}:{self.avviso}"

    @property
    def visitors(self) -> str:
        """Where the shop's visitors go."""
        return f"http://{HERE}:{self.door}"


def addresses(avviso: int) -> Addresses:
    """Free ports; the door's is the one after ours, if it may be, for it is typed by hand."""
    ports = [avviso, free_port(avviso + 1, taken=frozenset({avviso}))]
    for _ in range(3):
        ports.append(free_port(taken=frozenset(ports)))
    return Addresses(*ports)


@dataclass(slots=True)
class House:
    """One process of the demo, running or not."""

    module: str
    port: int
    words: Sequence[str] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Begin to start it. Twice is harmless.

        From the main thread, for the kernel tells a child of the end of the thread that
        started it; in a session of its own, so that Ctrl-C at the terminal ends us first.
        """
        if self.runs:
            return
        words = [str(self.port), *self.words, str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603  our own module, our own words
            [sys.executable, "-m", f"statuspage.demo.{self.module}", *words],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    async def stand(self) -> None:
        """Wait until it accepts connections. Raises ``Stop`` when it ends instead."""
        deadline = asyncio.get_running_loop().time() + START_S
        while not await accepts(self.port):
            if not self.runs or asyncio.get_running_loop().time() > deadline:
                raise Stop(f"The demo's part {self.module!r} does not start.")
            await asyncio.sleep(0.02)

    async def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, or with SIGKILL do not ask; done when it is gone. Twice is harmless."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(sign)
        try:
            await asyncio.to_thread(process.wait, END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)


class Town:
    """All of them; an async context manager that begins to start them, and ends them."""

    def __init__(self, at: Addresses, folder: Path) -> None:
        self.at = at
        self.orders = House("orders", at.orders, [str(folder / "orders.json")])
        self.shop = House("shop", at.shop, [str(at.orders)])
        self.door = House("door", at.door, [str(at.shop), str(at.avviso)])

    async def __aenter__(self) -> Self:
        for house in self._houses:
            house.spawn()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(house.end() for house in self._houses))

    @property
    def is_whole(self) -> bool:
        return all(house.runs for house in self._houses)

    async def break_database(self) -> None:
        await self.orders.end()

    async def kill_server(self) -> None:
        """As a crash or a pulled plug would: nothing is asked, nothing is tidied up."""
        await self.shop.end(signal.SIGKILL)

    async def mend(self) -> None:
        """Start again what is gone; done when all of it accepts. Raises ``Stop``."""
        for house in self._houses:
            house.spawn()
        await self.stand()

    async def stand(self) -> None:
        """Wait until all accept connections. Raises ``Stop``."""
        await asyncio.gather(*(house.stand() for house in self._houses))

    @property
    def _houses(self) -> tuple[House, ...]:
        return self.orders, self.shop, self.door


async def accepts(port: int, patience_s: float = 0.5) -> bool:
    """Whether something on this port of 127.0.0.1 accepts a connection."""
    try:
        async with asyncio.timeout(patience_s):
            _, writer = await asyncio.open_connection(HERE, port)
    except OSError:  # TimeoutError is one
        return False
    writer.close()
    return True
