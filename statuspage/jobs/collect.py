"""What has come to our mailboxes, and does our own letter arrive?

Every minute each mailbox that is configured is read: letters that came back are recorded, all
of a batch in one transaction, and only then marked as looked at. What is killed between the
two is read again, and counts no second time. A mailbox that hangs is cut off, and holds up
neither the other nor the next minute; that it cannot be read is logged once. The canary is
looked after by the same job, for whether it has arrived is known only after looking.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from notifications import bounce, mailboxes
from notifications.bounce import Bounce
from notifications.channel import Unreachable
from notifications.mailbox import Mail, Mailbox
from statuspage.actions import bounces, canary
from statuspage.actions.return_paths import COMES_BACK_WITHIN
from statuspage.premises import Premises
from statuspage.rules import canary as rules

logger = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)
WHILE_OUT = timedelta(seconds=2)
"""So often it is looked whether the canary has arrived."""
MOST = 200
"""Mails a batch: a transaction stays under 100 ms."""
PATIENCE_S = 30.0
"""For one batch of one mailbox."""


@dataclass
class Look:
    """``ids``: the Message-IDs that lay there; ``blind``: why nothing could be read."""

    more: bool = False
    ids: frozenset[str] = field(default_factory=frozenset)
    blind: str | None = None


class Collect:
    """Remembers which mailboxes cannot be read, and since when it watches."""

    def __init__(self, premises: Premises, patience_s: float = PATIENCE_S) -> None:
        bounced, mail = premises.settings.bounces, premises.settings.mail
        self._premises, self._patience_s = premises, patience_s
        self._returns = mailboxes.configured(bounced.imap.get_secret_value(), bounced.maildir)
        own = mailboxes.configured(mail.canary_imap.get_secret_value(), mail.canary_maildir)
        shared = self._returns if mail.canary == bounced.address else ()
        self._nests = own or shared
        """Where the canary arrives; none: the relay's acceptance counts."""
        self._boxes = tuple(dict.fromkeys((*self._returns, *self._nests)))
        self._away: dict[Mailbox, str] = {}
        self._began: datetime | None = None

    async def tick(self, now: datetime) -> timedelta:
        """Read them all, a batch each, and look after the canary; answers when to come back."""
        self._began = min(self._began or now, now)
        looks = await asyncio.gather(*(self._look(box, now) for box in self._boxes))
        wait = await self._watch_canary(dict(zip(self._boxes, looks, strict=True)), now)
        return timedelta(0) if any(look.more for look in looks) else wait

    # ---- mailboxes

    async def _look(self, box: Mailbox, now: datetime) -> Look:
        try:
            async with asyncio.timeout(self._patience_s):
                look = await self._read(box, now)
        except TimeoutError:
            look = Look(blind="the mailbox did not answer in time")
        finally:
            box.close()  # also wakes the thread that we no longer wait for
        self._note(box, look.blind)
        return look

    async def _read(self, box: Mailbox, now: datetime) -> Look:
        mails = await asyncio.to_thread(box.fetch, MOST, now - COMES_BACK_WITHIN)
        if isinstance(mails, Unreachable):
            return Look(blind=mails.reason)
        read = await asyncio.to_thread(_read_all, mails)
        ids = {mail.key: id for mail, id, _ in read}
        ours = await self._record([(mail, found) for mail, _, found in read if found], now)
        ours |= await self._canaries(ids)
        await asyncio.to_thread(box.settle, sorted(ours), ours=True)
        await asyncio.to_thread(box.settle, sorted(ids.keys() - ours), ours=False)
        return Look(more=len(mails) == MOST, ids=frozenset(ids.values()))

    async def _record(self, read: Sequence[tuple[Mail, Bounce]], now: datetime) -> set[str]:
        """The keys of those that were letters of ours."""
        if not read:
            return set()
        async with self._premises.store.write() as session:
            found = [one for _, one in read]
            outcomes = await bounces.came_back(session, self._premises.settings, found, now)
        self._premises.nudges.nudge("call")
        pairs = zip(read, outcomes, strict=True)
        return {mail.key for (mail, _), outcome in pairs if outcome != "ignored"}

    async def _canaries(self, ids: dict[str, str]) -> set[str]:
        """The keys of our own letter, which nobody need read."""
        if not ids or not self._premises.settings.mail.canary:
            return set()
        async with self._premises.store.read() as session:
            letter = (await canary.known(session)).letter
        own = canary.id_of(letter, self._premises.settings) if letter else None
        return {key for key, id in ids.items() if id == own}

    def _note(self, box: Mailbox, reason: str | None) -> None:
        """Said when it begins, and when it is over."""
        before = self._away.pop(box, None)
        if reason is not None:
            self._away[box] = reason
            if before is None:
                logger.warning("A mailbox cannot be read: %s.", reason)
        elif before is not None:
            logger.warning("The mailbox can be read again.")

    # ---- the canary

    async def _watch_canary(self, looks: dict[Mailbox, Look], now: datetime) -> timedelta:
        """Answers when to come back."""
        settings, store = self._premises.settings, self._premises.store
        if not (settings.mail.canary and settings.mail.server.get_secret_value()):
            return EVERY
        async with store.read() as session:
            known = await canary.known(session)
        if known.is_out:
            nests = [looks[box] for box in self._nests]
            async with store.write() as session:
                await canary.watch(
                    session,
                    settings,
                    frozenset[str]().union(*(look.ids for look in nests)),
                    self._began or now,
                    now,
                    has_mailbox=bool(nests),
                    blind=next((look.blind for look in nests if look.blind), None),
                )
        if rules.is_due(known, now):
            async with store.write() as session:
                await canary.send(session, settings, now)
        async with store.read() as session:
            after = await canary.known(session)
        if after != known:
            self._premises.nudges.nudge("deliver", "call")
        self._measure(after, now)
        soon = WHILE_OUT if after.is_out and after.lost_at is None else EVERY
        return min(soon, rules.next_due(after, now))

    def _measure(self, known: rules.Canary, now: datetime) -> None:
        metrics, since = self._premises.metrics, known.well_at or known.sent_at
        metrics.canary_took.set(known.took_s or 0)
        metrics.canary_age.set((now - since).total_seconds() if since else 0)


def _read_all(mails: Sequence[Mail]) -> list[tuple[Mail, str, Bounce | None]]:
    """Each with its own Message-ID (empty: it has none) and what it says of a letter of ours."""
    return [(mail, bounce.own_id(mail.head), bounce.read(mail.head)) for mail in mails]
