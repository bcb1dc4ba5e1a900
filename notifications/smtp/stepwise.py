"""How do letters go to a relay that takes one line at a time?

By aiosmtplib, one letter after the other.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from notifications.channel import Accepted, Outcome
from notifications.replies import answered, outcome, readable
from notifications.smtp.transaction import NotBegun, Transaction


class Stepwise:
    """Takes a client over that has been let in."""

    def __init__(self, smtp: SMTP) -> None:
        self._smtp = smtp
        self.offers = frozenset(smtp.esmtp_extensions)
        self._turn = asyncio.Lock()
        self._in_hand = 0
        self.used_at = asyncio.get_running_loop().time()

    @property
    def is_open(self) -> bool:
        return self._smtp.is_connected

    @property
    def is_idle(self) -> bool:
        return self._in_hand == 0

    async def carry(self, this: Transaction, limit_s: float) -> Outcome:
        """What came of it; ``limit_s`` counts from its first word. Raises ``NotBegun``."""
        self._in_hand += 1
        try:
            async with self._turn:
                return await self._begin(this, limit_s)
        finally:
            self._in_hand -= 1
            self.used_at = asyncio.get_running_loop().time()

    async def close(self, patience_s: float) -> None:
        if self.is_open and self.is_idle:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=patience_s)
        self._smtp.close()

    async def _begin(self, this: Transaction, limit_s: float) -> Outcome:
        if not self.is_open:
            raise NotBegun
        try:
            return await self._exchange(this, limit_s)
        except BaseException:
            self._smtp.close()  # cancelled in mid-dialogue: the next answer would be another's
            raise

    async def _exchange(self, this: Transaction, limit_s: float) -> Outcome:
        try:
            async with asyncio.timeout(limit_s):
                refused, reply = await self._smtp.sendmail(
                    *(this.sender, [this.recipient], this.raw),
                    mail_options=this.mail_options,
                    rcpt_options=this.rcpt_options,
                )
        except (SMTPException, OSError) as error:
            if _is_out_of_step(error):
                self._smtp.close()
            return outcome(error, in_envelope=True)
        for met in refused.values():
            return answered(met.code, met.message)
        return Accepted(readable(reply))


def _is_out_of_step(error: Exception) -> bool:
    """No answer in time, or one that is none."""
    is_nonsense = isinstance(error, SMTPResponseException) and not 400 <= error.code <= 599
    return isinstance(error, OSError) or is_nonsense
