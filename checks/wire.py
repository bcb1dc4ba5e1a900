"""How does one HTTP request go over a line, and what comes back?

One request, one connection, by httpcore's HTTP/1.1 over asyncio's streams. No more than a
megabyte is taken from the other side, nor more than ten thousand pieces: each costs 20 µs.
"""

from __future__ import annotations

import asyncio
import codecs
import ssl
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from checks.faults import Failure
from checks.line import Line
from checks.result import Fault

MOST_BYTES = 1 << 20
MOST_PIECES = 10_000
PREAMBLE = b"HTTP/1."
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; ``body`` as it came, ``is_cut`` when there was more of it."""

    status: int
    headers: httpx.Headers
    body: bytes
    is_cut: bool

    @property
    def charset(self) -> str:
        """The charset that the answer names, if Python knows it; else UTF-8."""
        named = httpx.Response(self.status, headers=self.headers).charset_encoding
        try:
            return codecs.lookup(named or "utf-8").name
        except LookupError:
            return "utf-8"


async def exchange(line: Line, request: httpx.Request, *, verify_tls: bool) -> Answer:
    """Send a request and read its answer; raises OSError or ``Failure``."""
    url = request.url
    tls = line.network.tls(verify=verify_tls) if url.scheme == "https" else None
    port = url.port or PORTS[url.scheme]
    stream = Stream(*await line.connect(url.host, port, tls))
    try:
        return await _over(stream, request)
    except httpcore.RemoteProtocolError:
        raise _broken(stream, line) from None
    finally:
        await stream.aclose()


async def _over(stream: Stream, request: httpx.Request) -> Answer:
    url = request.url
    place = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    connection = httpcore.AsyncHTTP11Connection(origin=place.origin, stream=stream)
    response = await connection.handle_async_request(
        httpcore.Request(
            request.method, place, headers=request.headers.raw, content=request.content
        )
    )
    body, is_cut = await _read(response)
    return Answer(response.status, httpx.Headers(response.headers), body, is_cut)


async def _read(response: httpcore.Response) -> tuple[bytes, bool]:
    body = bytearray()
    pieces = 0
    async for piece in response.aiter_stream():
        body += piece
        pieces += 1
        if len(body) > MOST_BYTES or pieces > MOST_PIECES:
            return bytes(body[:MOST_BYTES]), True
        if pieces % 100 == 0:  # what lies unread is cut up without waiting: let others look too
            await asyncio.sleep(0)
    return bytes(body), False


def _broken(stream: Stream, line: Line) -> Failure:
    if stream.ended and not stream.received:
        return Failure(Fault.CLOSED, f"{line.place} closed the connection without an answer.")
    if stream.ended:
        says = f"{line.place} closed the connection before the answer was whole."
        return Failure(Fault.CLOSED, says)
    return Failure(Fault.PROTOCOL_ERROR, "The answer is not valid HTTP.")


class Stream(httpcore.AsyncNetworkStream):
    """asyncio's streams as httpcore wants them; its timeouts are left aside (noqa below).

    The look's deadline is the only one: a limit for each read never trips on a drip.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.received = 0
        self.ended = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        data = await self._reader.read(max_bytes)
        if data and not self.received and not data.startswith(PREAMBLE[: len(data)]):
            # A mail server's greeting has no end that HTTP knows: it would be awaited for ever.
            raise httpcore.RemoteProtocolError("not HTTP")
        self.received += len(data)
        self.ended = not data
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._writer.write(buffer)
        await self._writer.drain()

    async def aclose(self) -> None:
        """Leave with a goodbye and wait for no answer; drop what the other side won't take."""
        if self._writer.transport.get_write_buffer_size():
            self._writer.transport.abort()
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise NotImplementedError("the line speaks TLS before HTTP begins")

    def get_extra_info(self, info: str) -> Any:  # noqa: ARG002
        return None
