"""How is an application served on loopback for a test, and spoken to byte by byte?"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.types import ASGIApp
from uvicorn import Server

from statuspage.listening import serve_config
from statuspage.shortcut import AtOnce


@dataclass(frozen=True)
class Serving:
    server: Server
    port: int
    task: asyncio.Task[None]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task


@contextlib.asynccontextmanager
async def served(
    app: ASGIApp,
    *,
    header_s: float = 10.0,
    header_bytes: int = 32 * 1024,
    idle_s: int = 20,
    grace_s: int = 5,
    at_once: AtOnce | None = None,
    most: int | None = None,
) -> AsyncIterator[Serving]:
    """A server on a free port, as it is in production but for shorter limits."""
    config = serve_config(
        app,
        "127.0.0.1",
        0,
        header_s=header_s,
        header_bytes=header_bytes,
        idle_s=idle_s,
        grace_s=grace_s,
        at_once=at_once,
        most=most,
    )
    server, listener = Server(config), socket.create_server(("127.0.0.1", 0), backlog=1024)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    try:
        serving = Serving(server, listener.getsockname()[1], task)
        yield serving
    finally:
        server.should_exit = server.force_exit = True
        await task


@contextlib.asynccontextmanager
async def connected(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection, closed at the end however it stands."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def deaf(port: int) -> AsyncIterator[asyncio.WriteTransport]:
    """A bare connection that reads nothing."""
    transport, _ = await asyncio.get_running_loop().create_connection(
        asyncio.Protocol, "127.0.0.1", port
    )
    transport.pause_reading()
    try:
        yield transport
    finally:
        transport.abort()


async def exchange(port: int, request: bytes, patience_s: float = 5.0) -> bytes:
    """All that comes back for some bytes until the other side closes."""
    async with connected(port) as (reader, writer):
        writer.write(request)
        async with asyncio.timeout(patience_s):
            return await read_to_end(reader)


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """What still comes; a reset ends it as well as a close."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := await reader.read(65536):
            received += chunk
    return received


async def eventually(holds: Callable[[], bool], patience_s: float = 5.0) -> None:
    """Wait for a condition that nobody announces."""
    async with asyncio.timeout(patience_s):
        while not holds():  # noqa: ASYNC110 (uvicorn has no event for what it counts)
            await asyncio.sleep(0.005)
