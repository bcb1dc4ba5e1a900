"""How do we call an address that a stranger gave us?

With ten seconds for everything, and to the public Internet alone: a name is looked up once,
all that it stands for is judged, and the connection goes to exactly what was judged, so that
no second answer of its name server can lead it elsewhere; ``Host`` and TLS keep the name. A
redirect is not followed, a proxy in the environment not used, and of an answer only the
beginning is read. What happens out there is a value, which names neither host nor path.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Self

import httpcore

from notifications.strangers import NotPublic, Place, is_public

PATIENCE_S = 10.0
READ_AT_MOST = 2048
LONGEST_WAIT = timedelta(hours=1)
"""However long the other side asks us to stay away."""
_RESOLVER_THREADS = 16
_TRIES = 3
_KEPT_S = 20.0

Resolve = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""Host and port -> the addresses that it stands for, with their port. Raises ``OSError``."""


async def look_up(host: str, port: int) -> Sequence[tuple[str, int]]:
    """As the system answers, in threads of our own: a stranger's slow name server must not keep
    anybody else's names waiting.
    """
    ask = asyncio.get_running_loop().run_in_executor(
        _resolver(), lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    return list(dict.fromkeys((str(found[4][0]), port) for found in await ask))


@cache
def trusted() -> ssl.SSLContext:
    """The system's authorities; made once, for it takes 70 ms."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Reach:
    """How far we go: the public Internet, unless a test hands in another world."""

    resolve: Resolve = look_up
    allows: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = trusted


@dataclass(frozen=True, slots=True)
class Answered:
    """``said``: the beginning of the body. ``wait``: how long it asks us to stay away."""

    status: int
    said: bytes = b""
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer. ``forbidden``: it was an address that we never call."""

    reason: str
    forbidden: bool = False


class Outbound:
    """A few kept connections. A context manager."""

    def __init__(self, reach: Reach, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=reach.tls(),
            max_keepalive_connections=4,
            keepalive_expiry=_KEPT_S,
            network_backend=_Guard(reach),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._pool.aclose()

    async def post(
        self, place: Place, body: bytes, headers: Mapping[str, str], *, read: bool = False
    ) -> Answered | Silent:
        """``read``: the beginning of the answer's body too; else it is not waited for."""
        url = httpcore.URL(
            scheme=b"https", host=place.host.encode(), port=place.port, target=place.target.encode()
        )
        given = {**headers, "content-length": str(len(body)), "user-agent": "Avviso"}
        try:
            async with (
                asyncio.timeout(self._patience_s),
                self._pool.stream("POST", url, headers=_host(place, given), content=body) as answer,
            ):
                said = await _beginning(answer.aiter_stream()) if read else b""
                return Answered(answer.status, said, _wait(answer.headers))
        except TimeoutError:
            return Silent(f"it did not answer within {self._patience_s:g} s")
        except NotPublic as error:
            return Silent(str(error), forbidden=True)
        except httpcore.ConnectError:
            return Silent("no connection to it")
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            return Silent("the connection to it broke")


class _Guard(httpcore.AsyncNetworkBackend):
    """Connects to what was judged, and to nothing else."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failed: httpcore.ConnectError | None = None
        for address, its_port in (await self._judged(host, port))[:_TRIES]:
            try:
                return await self._network.connect_tcp(
                    address, its_port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failed = error
        raise failed or httpcore.ConnectError("there is no such host")

    async def _judged(self, host: str, port: int) -> Sequence[tuple[str, int]]:
        """One address that is not public is one too many: which would it have been?"""
        try:
            found = await self._reach.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("there is no such host") from error
        if not all(self._reach.allows(address) for address, _ in found):
            raise NotPublic("The address is not one of the public Internet.")
        return found

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002  whatever it is
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        raise NotPublic("The address is not one of the public Internet.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _host(place: Place, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    host = f"[{place.host}]" if ":" in place.host else place.host
    port = "" if place.port == 443 else f":{place.port}"
    named = {"host": host + port, **headers}
    return [(name.encode(), value.encode()) for name, value in named.items()]


async def _beginning(stream: AsyncIterator[bytes]) -> bytes:
    said = b""
    async for chunk in stream:
        said += chunk
        if len(said) >= READ_AT_MOST:
            break
    return said[:READ_AT_MOST]


def _wait(headers: Sequence[tuple[bytes, bytes]]) -> timedelta | None:
    """``Retry-After`` (RFC 9110 10.2.3): seconds, or a date, which counts from theirs."""
    known = {name.lower(): value.decode("latin-1").strip() for name, value in headers}
    asked = known.get(b"retry-after", "")
    try:
        wait = timedelta(seconds=float(asked))
    except (ValueError, OverflowError):
        until, at = _date(asked), _date(known.get(b"date", ""))
        wait = until - at if until and at else timedelta(0)
    return min(wait, LONGEST_WAIT) if wait > timedelta(0) else None


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


@cache
def _resolver() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolve")
