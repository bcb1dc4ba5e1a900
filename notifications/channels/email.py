"""How does a letter get to the mail server?

One recipient a message (a partial refusal would be no exception), over one kept connection:
several letters under way where the relay offers PIPELINING, else one after the other by
aiosmtplib, which opens every connection. Rules: the whole exchange ends within the time limit;
whatever leaves the dialogue out of step closes the connection, and the next letter opens
another; a drop after DATA leaves the outcome unknown and is tried again with the same
Message-ID. Every outcome is a value, and no address is logged.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import unquote

from aiosmtplib import SMTPException

from notifications.channel import Manners, Outcome, Parcel, Refused, ToldIn, Unreachable, Wiring
from notifications.dkim import Signer
from notifications.mime import mailbox, message
from notifications.relay import Relay, parse
from notifications.relays import Relays
from notifications.replies import outcome
from notifications.smtp.door import Session, enter
from notifications.smtp.transaction import NotBegun, transaction

_AT_ONCE = 3
"""One whose body is on its way, one that asks to be let in, and the next at hand."""
_TIMES_NOT_BEGUN = 3
_GOODBYE_S = 2.0
_IDLE_S = 20.0
"""After so long a connection is not trusted with a letter: a firewall forgets it in silence."""


class Email:
    """One connection to one mail server. Raises ``ValueError`` for a URL that it can't read."""

    schemes: ClassVar[frozenset[str]] = frozenset({"mailto"})
    told_in: ClassVar[ToldIn] = "letters"
    fills_in: ClassVar[bool] = True

    def __init__(
        self, server: str | Relays, timeout_s: float = 60.0, signer: Signer | None = None
    ) -> None:
        self._relays = server if isinstance(server, Relays) else Relays(parse(server))
        self._timeout_s, self._signer = timeout_s, signer
        self._session: Session | None = None
        self._relay: Relay | None = None
        self._retired: list[Session] = []
        self._entering: asyncio.Task[tuple[Session, Relay]] | None = None

    @classmethod
    def manners(cls, wiring: Wiring) -> Manners:
        lines = wiring.connections if wiring.mail_server else 0
        pace, domain = wiring.max_per_second, wiring.per_domain
        return Manners(lines=lines, at_once=_AT_ONCE, per_second=pace, per_domain=domain)

    @classmethod
    def wired(cls, wiring: Wiring) -> Self:
        return cls(wiring.relays or known(wiring), wiring.timeout_s or 60.0, wiring.signer)

    @staticmethod
    def recipient(url: str) -> str:
        """``mailto:oncall@acme.example`` → the mailbox (RFC 6068 without its header fields)."""
        return unquote(url.partition(":")[2].partition("?")[0])

    async def __aenter__(self) -> Self:
        return self  # connects with the first letter: a relay that is away is an outcome

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._entering is not None:
            self._entering.cancel()
            await asyncio.gather(self._entering, return_exceptions=True)
        sessions = [*self._retired, *([self._session] if self._session is not None else [])]
        for session in sessions:
            await session.close(_GOODBYE_S if error is None else 0)

    async def send(self, parcel: Parcel) -> Outcome:
        """Several may be under way; they are taken up in the order in which they came, those that
        are signed as they are ready.
        """
        try:
            mailbox(parcel.recipient)
        except ValueError as error:
            return Refused(str(error))
        raw = message(parcel)
        if self._signer is not None:
            loop = asyncio.get_running_loop()
            raw = await loop.run_in_executor(_signing(), self._signer.sign, raw, parcel.sent_at)
        for _ in range(_TIMES_NOT_BEGUN):
            with suppress(NotBegun):
                return await self._send(parcel, raw)
        return Unreachable("the mail server keeps closing the connection")

    async def _send(self, parcel: Parcel, raw: bytes) -> Outcome:
        time = asyncio.get_running_loop().time
        began = time()
        try:
            session = await self._let_in()
        except (SMTPException, OSError) as error:
            return outcome(error, in_envelope=False)
        asked = transaction(parcel, raw, session.offers)
        if asked is None:
            return Refused("the mail server does not take addresses beyond ASCII (SMTPUTF8)")
        return await session.carry(asked, self._timeout_s - (time() - began))

    async def _let_in(self) -> Session:
        """Those who wait for the same door hear the same answer."""
        await self._close_retired()
        session = self._session
        if session is not None and session.is_open and not self._is_stale(session):
            return session
        if session is not None:
            self._retired.append(session)
            self._session = None
        if self._entering is None:
            self._entering = asyncio.create_task(enter(self._relays, self._timeout_s))
        entering = self._entering
        try:
            entered, self._relay = await asyncio.shield(entering)
        finally:
            if entering.done() and self._entering is entering:
                self._entering = None
        self._session = entered
        return entered

    def _is_stale(self, session: Session) -> bool:
        now = asyncio.get_running_loop().time()
        if session.is_idle and now - session.used_at > _IDLE_S:
            return True
        is_wanted = self._relay is None or self._relays.is_wanted(self._relay)
        return not is_wanted or self._relays.asks_first(now)

    async def _close_retired(self) -> None:
        """What is under way on them ends first."""
        for session in [one for one in self._retired if one.is_idle or not one.is_open]:
            self._retired.remove(session)
            await session.close(0)


@cache
def _signing() -> ThreadPoolExecutor:
    """The mathematics of a signature take longer than all else about a letter, and need not
    keep the event loop: beside it they run on another core.
    """
    return ThreadPoolExecutor(2, thread_name_prefix="signing")


def known(wiring: Wiring) -> Relays:
    """What there is, and nothing met yet."""
    first, second = (
        parse(server, wiring.oauth_token_file) if server else None
        for server in (wiring.mail_server, wiring.second_server)
    )
    if first is None:
        raise ValueError("there is no mail server")
    return Relays(first, second)


CHANNEL = Email
