"""Can this request be answered before anybody is asked?

Nearly all of them are a GET of a page whose bytes lie ready. Where that is all that a request
says, the connection writes head and bytes as soon as the header has been read: no scope, no
task, no second look at headers that are our own. And where it is, to the byte, a request that
was answered so before, even the header need not be read. All are counted, limited and closed as
every other. What is unusual in any way (a body, an upgrade, a request before it that is still
being answered, a client that does not take what it was sent) goes the ordinary way through
ASGI, which answers it alike.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from statuspage.guarded import Guarded, Receiving
from statuspage.ready import Fields, Reply

_READING = frozenset({b"GET", b"HEAD"})
_SAYS_MORE = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


class AtOnce(Protocol):
    """Who knows the replies that lie ready, and counts them."""

    def asked(self, target: bytes, headers: Fields) -> Reply | None: ...
    def again(self, request: bytes) -> Reply | None: ...
    def keep(self, request: bytes, reply: Reply) -> None: ...


class Shortcut(Guarded):
    """A connection that asks ``at_once`` before it asks the application."""

    at_once: AtOnce

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._headers_read = 0
        """In the piece that has just come."""
        self._last: Reply | None = None
        """What was written to the last of those."""
        self._is_answered = False
        """The request that is just being read."""
        self._dated: tuple[object, bytes] = (None, b"")

    def data_received(self, data: bytes) -> None:
        between = self._receiving is Receiving.NOTHING and self._is_free()
        reply = self.at_once.again(data) if between else None
        if reply is not None:
            self._unset_keepalive_if_required()
            self._write(reply)
            self._begin(Receiving.NOTHING)
            return
        self._headers_read, self._last = 0, None
        super().data_received(data)
        if between and self._last is not None and self._headers_read == 1 and self._is_kept():
            self.at_once.keep(data, self._last)

    def on_headers_complete(self) -> None:
        self._headers_read += 1
        self._last = self._reply() if self._is_free() and self._is_plain() else None
        self._is_answered = self._last is not None
        if self._last is None:
            super().on_headers_complete()
            return
        kept = self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1"
        self._write(self._last, b"" if kept else b"connection: close\r\n")
        if not kept:
            self.transport.close()

    def on_message_complete(self) -> None:
        if self._is_answered:
            self._is_answered = False
            self._begin(Receiving.NOTHING)
        else:
            super().on_message_complete()

    def _is_free(self) -> bool:
        """Whether what is written now comes in its turn, and is taken."""
        paused, closing = self.flow.write_paused, self.transport.is_closing()
        return not (paused or closing or self._waits_for_us())

    def _is_plain(self) -> bool:
        """Whether the header that has just ended asks to read, and nothing else."""
        says_more = any(name in _SAYS_MORE for name, _ in self.headers)
        return self.parser.get_method() in _READING and not says_more and self._objection() is None

    def _is_kept(self) -> bool:
        """Whether the connection is where it was before this piece: between two requests."""
        return self._receiving is Receiving.NOTHING and not self.transport.is_closing()

    def _reply(self) -> Reply | None:
        reply = self.at_once.asked(self.url, self.headers)
        if reply is not None and self.parser.get_method() == b"HEAD":
            return reply._replace(body=b"")
        return reply

    def _write(self, reply: Reply, more: bytes = b"") -> None:
        said, dated = self._dated
        if said is not self.server_state.default_headers:
            said = self.server_state.default_headers
            dated = b"".join(b"%s: %s\r\n" % field for field in said)
            self._dated = said, dated
        self.transport.write(b"".join((reply.wire, dated, more, b"\r\n", reply.body)))
        self.server_state.total_requests += 1
