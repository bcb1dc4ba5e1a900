"""What has come to our mailboxes?

Every minute each mailbox that is configured is read: letters that came back are recorded, all
of a batch in one transaction, and only then marked as looked at. What is killed between the
two is read again, and counts no second time. A mailbox that hangs is cut off, and holds up
neither the other nor the next minute; that it cannot be read is logged once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from notifications import bounce, mailboxes
from notifications.bounce import Bounce
from notifications.channel import Unreachable
from notifications.mailbox import Mail, Mailbox
from statuspage.actions import bounces
from statuspage.actions.return_paths import COMES_BACK_WITHIN
from statuspage.premises import Premises

logger = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)
MOST = 200
"""Mails a batch: a transaction stays under 100 ms."""
PATIENCE_S = 30.0
"""For one batch of one mailbox."""


class Collect:
    """Remembers which mailboxes cannot be read."""

    def __init__(self, premises: Premises, patience_s: float = PATIENCE_S) -> None:
        told = premises.settings.bounces
        self._premises, self._patience_s = premises, patience_s
        self._boxes = mailboxes.configured(told.imap.get_secret_value(), told.maildir)
        self._away: dict[Mailbox, str] = {}

    async def tick(self, now: datetime) -> timedelta:
        """Read them all, a batch each; answers when to come back."""
        more = await asyncio.gather(*(self._read(box, now) for box in self._boxes))
        return timedelta(0) if any(more) else EVERY

    async def _read(self, box: Mailbox, now: datetime) -> bool:
        """Whether there is more to read."""
        try:
            async with asyncio.timeout(self._patience_s):
                mails = await asyncio.to_thread(box.fetch, MOST, now - COMES_BACK_WITHIN)
                self._note(box, mails.reason if isinstance(mails, Unreachable) else None)
                if isinstance(mails, Unreachable) or not mails:
                    return False
                ours = await self._record(mails, now)
                others = [mail.key for mail in mails if mail.key not in ours]
                await asyncio.to_thread(box.settle, ours, ours=True)
                await asyncio.to_thread(box.settle, others, ours=False)
                return len(mails) == MOST
        except TimeoutError:
            self._note(box, "it did not answer in time")
            return False
        finally:
            box.close()  # also wakes the thread that we no longer wait for

    async def _record(self, mails: Sequence[Mail], now: datetime) -> list[str]:
        """The keys of those that were ours to deal with."""
        read = await asyncio.to_thread(_read_all, mails)
        if not read:
            return []
        async with self._premises.store.write() as session:
            found = [one for _, one in read]
            outcomes = await bounces.came_back(session, self._premises.settings, found, now)
        self._premises.nudges.nudge("call")
        pairs = zip(read, outcomes, strict=True)
        return [key for (key, _), outcome in pairs if outcome != "ignored"]

    def _note(self, box: Mailbox, reason: str | None) -> None:
        """Said when it begins, and when it is over."""
        before = self._away.pop(box, None)
        if reason is not None:
            self._away[box] = reason
            if before is None:
                logger.warning("A mailbox cannot be read: %s.", reason)
        elif before is not None:
            logger.warning("The mailbox can be read again.")


def _read_all(mails: Sequence[Mail]) -> list[tuple[str, Bounce]]:
    read = ((mail.key, bounce.read(mail.head)) for mail in mails)
    return [(key, found) for key, found in read if found is not None]
