"""How do the operators hear of it, before any customer and on a path of its own?

Calls are rows of their own, sent over connections of their own, all at once: neither the
customers' queue nor an operator's hook that hangs holds up another's call. While one is
under way new ones are looked for, so each leaves within a second of being made. Rules: no
target stands in a log or a reason, for a hook's address is a secret; after an hour of trying
a call is old news and is given up; what came of a call is kept until the store takes it, for
who is called twice wonders what is new.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlmodel import col

from notifications import channels
from notifications.alarms import Alarm, freeze_alarm, thaw_alarm
from notifications.call import write
from notifications.channel import Accepted, Outcome, Parcel, Refused, Unreachable, Wiring
from notifications.identity import message_id, thread_id
from statuspage.database import STORE_AWAY, Store
from statuspage.jobs import lease
from statuspage.metrics import Metrics
from statuspage.rules import telling
from statuspage.settings import Settings
from statuspage.tables import Call

logger = logging.getLogger(__name__)
GIVE_UP_AFTER = timedelta(hours=1)
PAUSES = tuple(timedelta(seconds=s) for s in (2, 4, 8, 15, 30, 60))
"""After the first failed attempt, the second …; the last one repeats."""
PATIENCE_S = 10.0
LEASE = timedelta(seconds=PATIENCE_S + 2)
"""Whoever has a call and does not answer any more holds it up no longer than a relay may."""
GRACE_S = 3.0
_MOST_AT_ONCE = 50
_POLL_S = 0.25


async def call(
    store: Store, settings: Settings, metrics: Metrics, now: datetime, who: str
) -> timedelta | None:
    """Send every call that is due; answers when to come back, None: nothing waits."""
    waits = await _next_due(store, now)  # a reader: an idle tick must not queue with the writers
    if waits != timedelta(0):
        return waits
    loop = asyncio.get_running_loop()
    began = loop.time()
    under_way: dict[asyncio.Task[None], int] = {}
    try:
        while True:
            at = now + timedelta(seconds=loop.time() - began)
            for due in await _claim_beside(store, at, who, under_way.values()):
                work = _send_and_record(store, settings, metrics, due, at, who)
                under_way[asyncio.create_task(work)] = due.id or 0
            if not under_way:
                return await _next_due(store, at)
            ended, _ = await asyncio.wait(
                under_way, timeout=_POLL_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in ended:
                del under_way[task]
                task.result()
    finally:
        await _let_end(set(under_way))


async def _let_end(under_way: set[asyncio.Task[None]]) -> None:
    """What is cut off is sent once more, under the same Message-ID: better to wait a little."""
    if under_way:
        _, late = await asyncio.wait(under_way, timeout=GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def call_at_once(settings: Settings, alarm: Alarm) -> None:
    """Without the store, for when it takes nothing: a full disk. Said once, not tried again."""
    facts, at = freeze_alarm(alarm), alarm.at
    targets = [target.get_secret_value() for target in settings.operators.notify]
    made = (
        Call(key=f"{alarm.occasion}:{at.isoformat()}", target=target, facts=facts)
        for target in targets
    )
    outcomes = await asyncio.gather(*(_send(settings, one, at) for one in made))
    for outcome in outcomes:
        if not isinstance(outcome, Accepted):
            logger.error("A call to operators was lost: %s", outcome.reason)


async def _claim_beside(
    store: Store, now: datetime, who: str, under_way: Collection[int]
) -> list[Call]:
    """More of them; none while the store is away and something is under way."""
    try:
        return await _claim(store, now, who, under_way)
    except STORE_AWAY:
        if not under_way:
            raise
        return []


async def _claim(store: Store, now: datetime, who: str, under_way: Collection[int]) -> list[Call]:
    async with store.write() as session:
        ids = await lease.claim(
            session,
            Call,
            col(Call.state) == "queued",
            col(Call.due_at) <= now,
            # a claim of our own may have lapsed while the store was away
            col(Call.id).not_in(under_way),
            order_by=(col(Call.due_at), col(Call.id)),
            limit=_MOST_AT_ONCE,
            who=who,
            length=LEASE,
        )
        if not ids:
            return []
        found = await session.scalars(sa.select(Call).where(col(Call.id).in_(ids)))
        return list(found.all())


async def _send_and_record(
    store: Store, settings: Settings, metrics: Metrics, due: Call, at: datetime, who: str
) -> None:
    began = asyncio.get_running_loop().time()
    outcome = await _send(settings, due, at)
    at += timedelta(seconds=asyncio.get_running_loop().time() - began)
    if isinstance(outcome, Accepted):
        metrics.calls_sent.inc()
    values = _record(due, outcome, at)
    while not await _is_written(store, due, values, who):  # noqa: ASYNC110  nobody announces it
        await asyncio.sleep(_POLL_S)


async def _is_written(store: Store, due: Call, values: Mapping[str, Any], who: str) -> bool:
    """False: the store is away."""
    try:
        async with store.write() as session:
            await session.execute(
                sa.update(Call)
                .where(col(Call.id) == due.id, col(Call.lease_by) == who)
                .values(lease_by=None, lease_until=None, **values)
                .execution_options(synchronize_session=False)
            )
    except STORE_AWAY:
        return False
    return True


async def _send(settings: Settings, due: Call, at: datetime) -> Outcome:
    kind = channels.kind_for(due.target)
    relay = settings.operators_relay.get_secret_value()
    if kind is None:
        return Refused("there is no way to such a target")
    if kind == "email" and not relay:
        return Refused("no mail relay is configured")
    channel = channels.kinds()[kind]
    parcel = _parcel(settings, due, channel.recipient(due.target), at)
    signer = settings.mail.dkim.signer
    wiring = Wiring(mail_server=relay, timeout_s=PATIENCE_S, signer=signer)
    async with channel.wired(wiring) as opened:
        return await opened.send(parcel)


def _parcel(settings: Settings, due: Call, recipient: str, at: datetime) -> Parcel:
    told = write(thaw_alarm(due.facts), telling.site(settings))
    domain = urlsplit(settings.site.url).hostname or "localhost"
    about = (thread_id(due.incident_id, recipient, domain),) if due.incident_id else ()
    return Parcel(
        sender=settings.mail.sender or f"Avviso <avviso@{domain}>",
        recipient=recipient,
        subject=told.subject,
        text=told.text,
        body=told.body,
        # the same when tried again, so that a repeat is recognised
        message_id=message_id(due.key, recipient, domain),
        references=about,
        sent_at=at,
    )


def _record(due: Call, outcome: Outcome, at: datetime) -> dict[str, Any]:
    attempts = due.attempts + 1
    if isinstance(outcome, Accepted):
        return {"state": "sent", "sent_at": at, "attempts": attempts, "reason": None}
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    told = {"attempts": attempts, "reason": outcome.reason}
    if isinstance(outcome, Unreachable) and at + pause - due.created_at < GIVE_UP_AFTER:
        logger.warning("Call %d to operators, attempt %d: %s", due.id, attempts, outcome.reason)
        return {**told, "due_at": at + pause}
    logger.error("Call %d to operators is given up: %s", due.id, outcome.reason)
    return {**told, "state": "failed"}


async def _next_due(store: Store, now: datetime) -> timedelta | None:
    async with store.read() as session:
        due_at = await session.scalar(
            sa.select(sa.func.min(col(Call.due_at))).where(
                col(Call.state) == "queued", lease.is_free(Call)
            )
        )
    return None if due_at is None else max(due_at - now, timedelta(0))
