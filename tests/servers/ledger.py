"""Who takes letters as fast as they come, and knows to the millisecond when each was taken?

A relay that offers PIPELINING (RFC 2920), in a thread of its own. It keeps no letter, only whom
it was for, its Message-ID, and the moment of the acceptance.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Self

from tests.servers.listener import Listener, Note
from tests.servers.ports import free_port

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_EHLO = b"250-ledger.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
_LAST_DOT = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One acceptance; ``at`` by ``time.monotonic()``."""

    recipient: str
    message_id: str
    at: float


@dataclass
class Ledger:
    """Made stopped; a context manager starts it."""

    port: int = field(default_factory=free_port)
    entries: list[Entry] = field(default_factory=list)
    greylisted: set[str] = field(default_factory=set)
    """Who is refused for now, once each."""
    _listener: Listener | None = None

    @property
    def dsn(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    def __enter__(self) -> Self:
        self._listener = Listener(self.port, self._converse)
        self._listener.open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._listener is not None:
            self._listener.close()

    def _converse(self, loop: asyncio.AbstractEventLoop, note: Note) -> asyncio.Protocol:
        return _Conversation(self, note)


class _Conversation(asyncio.Protocol):
    def __init__(self, ledger: Ledger, note: Note) -> None:
        self._ledger, self._note = ledger, note
        self._heard = b""
        self._is_body = False
        self._recipient = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._note(transport)
        self._transport = transport
        transport.write(b"220 ledger.test ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._heard += data
        said = bytearray()
        while (end := self._heard.find(_LAST_DOT if self._is_body else b"\r\n")) >= 0:
            length = end + (len(_LAST_DOT) if self._is_body else 2)
            heard, self._heard = self._heard[:length], self._heard[length:]
            said += self._take(heard) if self._is_body else self._answer(heard)
        if said:
            self._transport.write(bytes(said))

    def _take(self, body: bytes) -> bytes:
        named = _MESSAGE_ID.search(body)
        assert named is not None
        self._is_body = False
        self._ledger.entries.append(Entry(self._recipient, named[1].decode(), time.monotonic()))
        return b"250 2.0.0 taken\r\n"

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper().strip()
        if verb == b"EHLO":
            return _EHLO
        if verb == b"RCPT":
            return self._let_in(line.partition(b"<")[2].partition(b">")[0].decode())
        if verb == b"DATA":
            self._is_body = bool(self._recipient)
            return b"354 go on\r\n" if self._is_body else b"554 5.5.1 for nobody\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n"

    def _let_in(self, recipient: str) -> bytes:
        greylisted = self._ledger.greylisted
        self._recipient = "" if recipient in greylisted else recipient
        greylisted.discard(recipient)
        return b"250 2.1.5 ok\r\n" if self._recipient else b"451 4.7.1 come later\r\n"
