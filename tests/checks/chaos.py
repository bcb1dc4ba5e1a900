"""What can the other side of a connection do to a probe?

Real listeners on the loopback: each behaviour is one coroutine that gets the streams of a
connection, and is ended with the listener.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "authority.pem"
DRIP = 0.02

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Listener:
    """Where it listens, and the heads of the requests that it got."""

    host: str
    port: int
    requests: list[str] = field(default_factory=list)

    def url(self, path: str = "/", scheme: str = "http") -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{path}"


@asynccontextmanager
async def listening(
    behaviour: Behaviour, tls: str | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Listener]:
    """A listener that treats everybody as ``behaviour`` says; ``tls`` names a certificate."""
    tasks: set[asyncio.Task[None]] = set()
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if over.is_set():  # accepted by the kernel before the end, by us after it
            return writer.transport.abort()
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await behaviour(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, host, 0, ssl=_context(tls), limit=1 << 20)
    try:
        yield Listener(host, server.sockets[0].getsockname()[1])
    finally:
        over.set()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def _context(certificate: str | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    return context


def answers(
    body: bytes = b"ok",
    status: str = "200 OK",
    headers: str = "",
    *,
    requests: list[str] | None = None,
) -> Behaviour:
    """One plain HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        if requests is not None:
            requests.append(asked)
        writer.write(head if asked.startswith("HEAD ") else head + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return behave


def says(*parts: bytes) -> Behaviour:
    """Those bytes after the request, then the end."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"".join(parts))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return behave


def endless(begin: bytes, again: bytes, pause: float = 0) -> Behaviour:
    """A beginning, and then the same thing for ever, whether it is asked or not."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Accepts, listens, and never says a word."""
    while await reader.read(1 << 16):
        pass
    await asyncio.Event().wait()


async def deafness(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts, and never reads either."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.Event().wait()


async def goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts and closes as soon as it has been spoken to."""
    await reader.read(1)
    writer.close()
