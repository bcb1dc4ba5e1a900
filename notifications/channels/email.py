"""How does a letter get to the mail server?

By aiosmtplib, over one kept connection, one recipient a message (a partial refusal would be
no exception). Rules: the whole exchange ends within the time limit; whatever leaves the
dialogue out of step closes the connection, and the next letter opens another; a drop after
DATA leaves the outcome unknown and is tried again with the same Message-ID. Every outcome
is a value, and no address is logged.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import unquote

from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from notifications.channel import Accepted, Manners, Outcome, Parcel, Refused, Wiring
from notifications.dkim import Signer
from notifications.mime import mailbox, message, needs_smtputf8
from notifications.relay import parse
from notifications.replies import answered, outcome, readable

_IDLE_S = 20.0  # after so long the connection is asked before it is trusted with a letter
_GOODBYE_S = 2.0


class Email:
    """One connection to one mail server. Raises ``ValueError`` for a URL that it can't read."""

    schemes: ClassVar[frozenset[str]] = frozenset({"mailto"})
    wants_body: ClassVar[bool] = False
    fills_in: ClassVar[bool] = True

    def __init__(self, server: str, timeout_s: float = 60.0, signer: Signer | None = None) -> None:
        options = parse(server).options()
        self._smtp = SMTP(**options, timeout=timeout_s, local_hostname=_own_name())
        self._timeout_s, self._signer = timeout_s, signer
        self._used_at = 0.0

    @classmethod
    def manners(cls, wiring: Wiring) -> Manners:
        lines = wiring.connections if wiring.mail_server else 0
        return Manners(lines=lines, per_second=wiring.max_per_second)

    @classmethod
    def wired(cls, wiring: Wiring) -> Self:
        return cls(wiring.mail_server, wiring.timeout_s or 60.0, wiring.signer)

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
        if self._smtp.is_connected and error is None:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=_GOODBYE_S)
        self._smtp.close()

    async def send(self, parcel: Parcel) -> Outcome:
        try:
            to = mailbox(parcel.recipient)
        except ValueError as error:
            return Refused(str(error))
        raw = message(parcel)
        if self._signer is not None:
            raw = self._signer.sign(raw, parcel.sent_at)
        options = ["SMTPUTF8"] if needs_smtputf8(parcel) else []
        try:
            return await self._exchange(mailbox(parcel.sender), to, raw, options)
        except BaseException:
            self._smtp.close()  # cancelled in mid-dialogue: the next answer would be another's
            raise

    async def _exchange(self, sender: str, to: str, raw: bytes, options: list[str]) -> Outcome:
        let_in = False
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._connect()
                let_in = True
                refused, reply = await self._smtp.sendmail(sender, [to], raw, mail_options=options)
        except (SMTPException, OSError) as error:
            if isinstance(error, OSError):  # timeouts too: the dialogue is out of step
                self._smtp.close()
            return outcome(error, in_envelope=let_in)
        self._used_at = asyncio.get_running_loop().time()
        for met in refused.values():
            return answered(met.code, met.message)
        return Accepted(readable(reply))

    async def _connect(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._smtp.is_connected and now - self._used_at > _IDLE_S:
            try:
                await self._smtp.noop(timeout=_GOODBYE_S)
            except (SMTPException, OSError):
                self._smtp.close()
        if not self._smtp.is_connected:
            try:
                await self._smtp.connect()
                await self._greet()
            except BaseException:
                self._smtp.close()
                raise

    async def _greet(self) -> None:
        """Said here, not with the first letter, so that a relay's bad day is not a letter's."""
        if self._smtp.is_ehlo_or_helo_needed:
            try:
                await self._smtp.ehlo()
            except SMTPHeloError:
                if not self._smtp.is_connected:
                    raise
                await self._smtp.helo()


@cache
def _own_name() -> str:
    """For EHLO (RFC 5321 4.1.4). Not ``getfqdn``: it asks a DNS server that may be what is down."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


CHANNEL = Email
