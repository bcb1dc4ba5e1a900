"""Which letters share this connection, and how long do we wait for it?

The conversation on a socket, after aiosmtplib has connected, encrypted and logged in. Rules:
no letter takes longer than its limit, however the time is spent; when the connection breaks,
the letters under way are unknown (tried later under the same Message-ID), and those that
were not begun have lost nothing, nor has one that only asked behind others.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from notifications.channel import Outcome, Unreachable
from notifications.smtp.conversation import Conversation
from notifications.smtp.reading import Broken
from notifications.smtp.transaction import NotBegun, Transaction

_GONE = "the mail server closed the connection"
_LATE = "the mail server did not answer in time"


@dataclass(slots=True)
class _Carried:
    end: asyncio.Future[Outcome]
    limit_s: float
    until: float | None = None
    """None: not begun."""


class Connection(asyncio.Protocol):
    """Takes a transport over from whoever opened it."""

    def __init__(self, transport: asyncio.Transport, offers: frozenset[str]) -> None:
        self._transport, self.offers = transport, offers
        self._conversation = Conversation()
        self._carried: dict[Transaction, _Carried] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.is_open = not transport.is_closing()
        self.used_at = self._loop.time()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        transport.set_protocol(self)

    @property
    def is_idle(self) -> bool:
        return not self._carried

    async def carry(self, letter: Transaction, limit_s: float) -> Outcome:
        """What came of it; ``limit_s`` counts from its first word. Raises ``NotBegun``."""
        if not self.is_open:
            raise NotBegun
        end: asyncio.Future[Outcome] = self._loop.create_future()
        self._carried[letter] = _Carried(end, limit_s)
        self._conversation.hand(letter)
        self._say()
        try:
            return await end
        except asyncio.CancelledError:
            self._carried.pop(letter, None)
            if not self._conversation.take_back(letter):
                self._break(_GONE)  # or its answer would keep the next letter waiting
            raise

    async def close(self, patience_s: float) -> None:
        """With a goodbye, where nothing is under way."""
        if self.is_open and self.is_idle:
            self._transport.write(b"QUIT\r\n")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed, patience_s)
        self._break(_GONE)

    def data_received(self, data: bytes) -> None:
        try:
            for letter, outcome in self._conversation.hear(data):
                self._end(letter, outcome)
        except Broken as error:
            self._break(error.reason, error.code)
        else:
            self._say()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  whatever it was
        self._break(_GONE)

    def _say(self) -> None:
        if said := self._conversation.to_send():
            self._transport.writelines(said)
        begun = self._conversation.asking
        if begun is not None and (carried := self._carried[begun]).until is None:
            self.used_at = self._loop.time()
            carried.until = self.used_at + carried.limit_s
            if self._alarm is None:
                self._alarm = self._loop.call_at(carried.until, self._is_late)

    def _is_late(self) -> None:
        """One alarm for all: it is set anew for the oldest that is under way."""
        self._alarm = None
        limits = [one.until for one in self._carried.values() if one.until is not None]
        if limits and min(limits) <= self._loop.time():
            self._break(_LATE)
        elif limits:
            self._alarm = self._loop.call_at(min(limits), self._is_late)

    def _end(self, letter: Transaction, outcome: Outcome) -> None:
        carried = self._carried.pop(letter, None)
        if carried is not None and not carried.end.done():
            carried.end.set_result(outcome)

    def _break(self, reason: str, code: int | None = None) -> None:
        """Whatever was said is unknown, and tried later; the rest may go another way."""
        if not self.is_open:
            return
        self.is_open = False
        self._transport.abort()
        if self._alarm is not None:
            self._alarm.cancel()
        for letter in self._conversation.under_way():
            if letter is not self._conversation.unharmed():
                self._end(letter, Unreachable(reason, code))
        for carried in self._carried.values():
            if not carried.end.done():
                carried.end.set_exception(NotBegun())
        self._carried.clear()
        if not self._closed.done():
            self._closed.set_result(None)
