"""Which letters arrived, and what exactly was in them?

A real SMTP server on 127.0.0.1, which takes whatever comes and passes nothing on. A letter
is kept as its bytes; everything shown is read from them. The newest hundred are kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from statuspage.demo.ports import HERE

KEPT = 100
HEADERS = (
    *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)
"""Those that decide how a letter is sorted, threaded and left."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address, as it came through DATA."""

    n: int
    to: str
    at: datetime
    raw: bytes

    @property
    def subject(self) -> str:
        return str(self._message["Subject"] or "(no subject)")

    @property
    def headers(self) -> list[tuple[str, str]]:
        message = self._message
        return [(name, str(message[name])) for name in HEADERS if name in message]

    @property
    def text(self) -> str | None:
        return self._part("plain")

    @property
    def html(self) -> str | None:
        return self._part("html")

    @property
    def _message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def _part(self, kind: str) -> str | None:
        part = self._message.get_body((kind,))
        return None if part is None else str(part.get_content())


@dataclass  # without slots: aiosmtpd asks for all that its handler has, by getattr
class Mailbox:
    """An async context manager: open, letters are taken. ``on_arrival`` hears of each."""

    port: int
    clock: Callable[[], datetime]
    on_arrival: list[Callable[[Letter], None]] = field(default_factory=list)
    _letters: deque[Letter] = field(default_factory=lambda: deque(maxlen=KEPT), init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _count: int = field(default=0, init=False)

    @property
    def letters(self) -> list[Letter]:
        """The newest first."""
        return list(reversed(self._letters))

    def letter(self, n: int) -> Letter | None:
        return next((letter for letter in self._letters if letter.n == n), None)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, loop=loop, hostname="mailbox.demo.example", enable_SMTPUTF8=True),
            HERE,
            self.port,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one for each recipient."""
        raw = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self._count += 1
            letter = Letter(self._count, recipient, self.clock(), raw)
            self._letters.append(letter)
            for hear in self.on_arrival:
                hear(letter)
        return "250 2.0.0 OK: kept"
