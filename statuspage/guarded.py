"""Is this client still worth its connection?

A client has a few seconds to send its header, a body must come at a walking pace, what we send
must be taken, and a header has a size. Without these a handful of half-open connections is an
outage of the status page (uvicorn has no such limits, and its ``limit_concurrency`` turns
honest visitors away together with the others).
"""

from __future__ import annotations

import asyncio
import enum
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from statuspage.room import Place, first_to_go

HEADER_S = 10.0
HEADER_BYTES = 32 * 1024
TARGET_BYTES = 8 * 1024
IDLE_S = 20
SLOWEST_BODY = 1024
"""Bytes a second."""
MOST_WAITING = 100
"""Requests of one connection behind the one that is being answered. Browsers send none."""
_LOOKS_WITHOUT_SENDING = 3


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
    idle_s: float = IDLE_S
    most = 1_000_000

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._refusal: HTTPStatus | None = None
        self._unsent, self._unsent_looks = 0, 0
        self._begin(Receiving.HEADER)
        self._watch = self.loop.call_later(self.header_s, self._look)
        if len(self.connections) > self.most:
            self._make_room()

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
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._receiving is not Receiving.HEADER:  # pipelined behind another
            self._begin(Receiving.HEADER)

    def on_headers_complete(self) -> None:
        self._refusal = self._objection()
        if self._refusal is not None:
            raise ValueError(self._refusal.phrase)  # ends the parsing: see send_400_response
        self._begin(Receiving.BODY)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._begin(Receiving.NOTHING)

    def send_400_response(self, msg: str) -> None:
        if self._refusal is not None:
            self._refuse(self._refusal)
        elif not self.transport.is_closing():
            super().send_400_response(msg)

    def place(self) -> Place | None:
        if self._receiving is Receiving.NOTHING and self._waits_for_us():
            return None
        busy = self._receiving is Receiving.BODY or self.transport.get_write_buffer_size() > 0
        return int(busy), self._began_at

    def _waits_for_us(self) -> bool:
        # before the first request there is none, whatever uvicorn's types say
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    def _make_room(self) -> None:
        for one in first_to_go(one for one in self.connections if isinstance(one, Guarded)):
            one.transport.abort()

    def _begin(self, receiving: Receiving) -> None:
        self._receiving, self._began_at, self._arrived = receiving, self.loop.time(), 0

    def _objection(self) -> HTTPStatus | None:
        """What is wrong with the header that has just ended."""
        if len(self.url) > TARGET_BYTES:
            return HTTPStatus.REQUEST_URI_TOO_LONG
        if self._header_is_too_large() or len(self.pipeline) >= MOST_WAITING:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            return HTTPStatus.BAD_REQUEST  # RFC 9112, 3.2
        return None

    def _header_is_too_large(self) -> bool:
        """Whether the header that has just ended is. What came may be more than that (a
        body, another request), so its fields are added up, where it can matter.
        """
        if max(self._arrived, self._piece) <= self.header_bytes:
            return False
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + fields > self.header_bytes

    def _refuse(self, status: HTTPStatus) -> None:
        if not self.transport.is_closing():
            line = b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode())
            self.transport.write(line + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def _look(self) -> None:
        if self._is_late() or self._takes_nothing():
            self.transport.abort()
            return
        now, wait = self.loop.time(), self.header_s
        if self._receiving is not Receiving.NOTHING:
            wait = self._began_at + self.header_s - now
        elif self._is_idle():
            wait = self._began_at + self.idle_s - now
            if wait <= 0:
                self.transport.close()
                return
        self._watch = self.loop.call_later(min(max(wait, 0.01), self.header_s), self._look)

    def _is_idle(self) -> bool:
        return not self._waits_for_us() and self.transport.get_write_buffer_size() == 0

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
