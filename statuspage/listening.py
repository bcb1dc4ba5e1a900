"""How do we listen, so that nobody can keep the door busy?

A client has a few seconds to send its header, a body must come at a walking pace, what
we send must be taken, and a header has a size. Without these a handful of half-open
connections is an outage of the status page (uvicorn has no such limits, and its
``limit_concurrency`` turns honest visitors away together with the others).

uvicorn's own reading of X-Forwarded-For is off: whose address counts is decided in
``rules.limits.client_address``. Its access log is off too, for addresses of pages may
hold a subscriber's secret.
"""

from __future__ import annotations

import asyncio
import enum
import resource

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_S = 10.0
HEADER_BYTES = 32 * 1024
IDLE_S = 20
GRACE_S = 5
"""How long requests that are being answered may still take when we are to stop."""
SLOWEST_BODY = 1024
"""Bytes a second."""
_LOOKS_WITHOUT_SENDING = 3
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


def serve_config(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    header_s: float = HEADER_S,
    header_bytes: int = HEADER_BYTES,
    idle_s: int = IDLE_S,
    grace_s: int = GRACE_S,
) -> Config:
    """Uvicorn's settings for a server on the open Internet. Logging is the caller's."""
    return Config(
        app,
        host=host,
        port=port,
        http=_guarded(header_s, header_bytes),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=idle_s,
        timeout_graceful_shutdown=grace_s,
    )


def raise_file_limit() -> int:
    """As many open connections as the system grants us; answers how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft  # macOS grants less than the limit that it names
    return hard


class Receiving(enum.Enum):
    """What the client is sending."""

    NOTHING = enum.auto()
    HEADER = enum.auto()
    BODY = enum.auto()


class Guarded(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 connection with limits.

    One timer for each connection looks at it, at the earliest moment at which it can be
    late; a request costs no timer of its own.
    """

    header_s = HEADER_S
    header_bytes = HEADER_BYTES

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._too_large = False
        self._unsent, self._unsent_looks = 0, 0
        self._begin(Receiving.HEADER)
        self._watch = self.loop.call_later(self.header_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._receiving is Receiving.NOTHING:
            self._begin(Receiving.HEADER)
        self._piece = len(data)
        self._arrived += self._piece
        super().data_received(data)
        if self._receiving is Receiving.HEADER and self._arrived > self.header_bytes:
            self._refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._receiving is not Receiving.HEADER:  # pipelined behind another
            self._begin(Receiving.HEADER)

    def on_headers_complete(self) -> None:
        if self._header_is_too_large():
            self._too_large = True
            raise ValueError("header too large")  # ends the parsing: see send_400_response
        self._begin(Receiving.BODY)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._receiving = Receiving.NOTHING

    def send_400_response(self, msg: str) -> None:
        if self._too_large:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _begin(self, receiving: Receiving) -> None:
        self._receiving, self._began_at, self._arrived = receiving, self.loop.time(), 0

    def _header_is_too_large(self) -> bool:
        """Whether the header that has just ended is. What came may be more than that (a
        body, another request), so its fields are added up, where it can matter.
        """
        if max(self._arrived, self._piece) <= self.header_bytes:
            return False
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + fields > self.header_bytes

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _look(self) -> None:
        if self._is_late() or self._takes_nothing():
            self.transport.abort()
            return
        wait = self.header_s
        if self._receiving is not Receiving.NOTHING:
            wait = max(self._began_at + self.header_s - self.loop.time(), 0.01)
        self._watch = self.loop.call_later(wait, self._look)

    def _is_late(self) -> bool:
        now = self.loop.time()
        if self._receiving is Receiving.NOTHING or now < self._began_at + self.header_s:
            return False
        if self.flow.read_paused:  # it is we who do not read: the client cannot go on
            self._begin(self._receiving)
            return False
        if self._receiving is Receiving.HEADER:
            return True
        late = self._arrived < SLOWEST_BODY * self.header_s
        self._begin(Receiving.BODY)
        return late

    def _takes_nothing(self) -> bool:
        """Whether what we send has lain still for three looks."""
        unsent = self.transport.get_write_buffer_size()
        self._unsent_looks = self._unsent_looks + 1 if unsent and unsent == self._unsent else 0
        self._unsent = unsent
        return self._unsent_looks >= _LOOKS_WITHOUT_SENDING


def _guarded(header_s: float, header_bytes: int) -> type[Guarded]:
    limits = {"header_s": header_s, "header_bytes": header_bytes}
    return type("GuardedWithLimits", (Guarded,), limits)
