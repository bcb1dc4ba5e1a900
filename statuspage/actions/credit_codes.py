"""Who gets which code?

A code is bound to a customer in the transaction that makes their delivery, so before its
letter is composed: a letter that is sent again after a crash bears the same code, and no code
reaches two. The database's keys see to it; nothing ever frees a bound code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import recipients
from statuspage.errors import Fault, Invalid
from statuspage.tables import CreditCode, Subscriber

_UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_CODES: sa.Table = CreditCode.__table__  # type: ignore[attr-defined]


async def add(session: AsyncSession, incident_id: str, codes: Sequence[str]) -> int:
    """More codes for an incident's customers; how many were new. Raises ``Invalid`` for one
    that was uploaded for another incident, without repeating it: it is worth money.
    """
    await _refuse_those_of_others(session, incident_id, codes)
    upsert: Any = _UPSERTS[session.get_bind().dialect.name](CreditCode)
    rows = [{"incident_id": incident_id, "code": code} for code in dict.fromkeys(codes)]
    before = await counts(session, incident_id)
    await session.execute(upsert.on_conflict_do_nothing(index_elements=["code"]), rows)
    return sum((await counts(session, incident_id)).values()) - sum(before.values())


async def remove_free(session: AsyncSession, incident_id: str) -> int:
    """Take back what nobody has; how many that were."""
    gone = await session.execute(
        sa.delete(CreditCode)
        .where(*_free(incident_id))
        .returning(col(CreditCode.id))
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


async def counts(session: AsyncSession, incident_id: str) -> dict[str, int]:
    """How many are ``free``, and how many ``bound`` to somebody."""
    found = await session.execute(
        sa.select(sa.func.count(), sa.func.count(col(CreditCode.subscriber_id))).where(
            col(CreditCode.incident_id) == incident_id
        )
    )
    total, bound = found.one()
    return {"free": total - bound, "bound": bound}


async def needed(session: AsyncSession, incident_id: str) -> int:
    """How many are to get a code of this incident, and have none yet."""
    theirs = sa.select(col(CreditCode.id)).where(
        col(CreditCode.incident_id) == incident_id,
        col(CreditCode.subscriber_id) == col(Subscriber.id),
    )
    found = await session.scalar(
        sa.select(sa.func.count())
        .select_from(Subscriber)
        .where(
            col(Subscriber.state) == "active",
            col(Subscriber.only_incident_id).is_(None),
            recipients.were_told(incident_id),
            sa.not_(theirs.exists()),
        )
    )
    return int(found or 0)


async def missing(session: AsyncSession, incident_id: str) -> int:
    """How many more codes are needed than there are."""
    free = (await counts(session, incident_id))["free"]
    return max(await needed(session, incident_id) - free, 0)


async def bind(
    session: AsyncSession, incident_id: str, subscribers: Sequence[str], now: datetime
) -> bool:
    """One code for each who has none yet; False when there are too few, and nothing is bound."""
    have = await of(session, incident_id, subscribers)
    without = [id for id in subscribers if id not in have]
    free = await session.scalars(
        sa.select(col(CreditCode.id))
        .where(*_free(incident_id))
        .order_by(col(CreditCode.id))
        .limit(len(without))
        .with_for_update()
    )
    ids = free.all()
    if len(ids) < len(without):
        return False
    if without:
        await session.execute(
            sa.update(_CODES)
            .where(_CODES.c.id == sa.bindparam("its_id"), _CODES.c.subscriber_id.is_(None))
            .values(subscriber_id=sa.bindparam("whose"), bound_at=now),
            [{"its_id": id, "whose": whose} for id, whose in zip(ids, without, strict=True)],
        )
    return True


async def of(
    session: AsyncSession, incident_id: str, subscribers: Collection[str]
) -> Mapping[str, str]:
    """Subscriber -> code, of those who have one."""
    found = await session.execute(
        sa.select(col(CreditCode.subscriber_id), col(CreditCode.code)).where(
            col(CreditCode.incident_id) == incident_id,
            col(CreditCode.subscriber_id).in_(subscribers),
        )
    )
    return {str(whose): code for whose, code in found}


def _free(incident_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return col(CreditCode.incident_id) == incident_id, col(CreditCode.subscriber_id).is_(None)


async def _refuse_those_of_others(
    session: AsyncSession, incident_id: str, codes: Sequence[str]
) -> None:
    found = await session.scalars(
        sa.select(col(CreditCode.code)).where(
            col(CreditCode.code).in_(codes), col(CreditCode.incident_id) != incident_id
        )
    )
    others = set(found.all())
    wrong = [
        Fault(("body", "codes", place), "Was uploaded for another incident.")
        for place, code in enumerate(codes)
        if code in others
    ]
    if wrong:
        raise Invalid("Some codes are another incident's.", faults=wrong)
