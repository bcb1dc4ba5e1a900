"""What remains of the looks of five minutes that are over?

Their figures, and those of their hour and day, to which they are added in the same transaction
that says so: a crash adds nothing twice. A look that comes late (the store was away) makes its
row undone again, and only what it changed is added. A few rows at a time, so that no probe waits;
on PostgreSQL one worker at a time, since two would add to the same hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.premises import Premises
from statuspage.rules import looks, tally
from statuspage.rules.looks import SLOT, slot_of
from statuspage.rules.tally import Tally
from statuspage.tables import Figures, Looks
from statuspage.tables.history import DAY, FIVE_MINUTES, HOUR

GRACE = timedelta(seconds=10)
"""A look that ended in the last second of its five minutes is written in the next."""
AT_ONCE = 20
ADVISORY_LOCK = 4_718_203_116
LOOKS: sa.Table = Looks.__table__  # type: ignore[attr-defined]
FIGURES: sa.Table = Figures.__table__  # type: ignore[attr-defined]
Key = tuple[str, int, datetime]
"""Of a row of figures: check, minutes, when it begins."""


async def roll_up(premises: Premises, now: datetime) -> None:
    """All that is over, the oldest first."""
    over = now - SLOT - GRACE
    while True:
        async with premises.store.write() as session:
            if await _roll_up_some(session, over) < AT_ONCE:
                return


async def _roll_up_some(session: AsyncSession, over: datetime) -> int:
    """Answers of how many rows; none where another worker is at it."""
    if not await _is_our_turn(session):
        return 0
    found = await session.execute(
        sa.select(LOOKS)
        .where(sa.not_(LOOKS.c.rolled_up), LOOKS.c.slot_at <= over)
        .order_by(LOOKS.c.slot_at)
        .limit(AT_ONCE)
    )
    rows = found.all()
    if rows:
        await _write(session, _added(rows, await _known(session, rows)))
        await session.execute(_DONE, [_done(row) for row in rows])
    return len(rows)


async def _is_our_turn(session: AsyncSession) -> bool:
    if session.get_bind().dialect.name == "sqlite":
        return True
    asked = sa.text("SELECT pg_try_advisory_xact_lock(:key)")
    return bool(await session.scalar(asked, {"key": ADVISORY_LOCK}))


def _keys(row: sa.Row[Any]) -> tuple[Key, Key, Key]:
    hour, day = (slot_of(row.slot_at, timedelta(minutes=length)) for length in (HOUR, DAY))
    return (
        (row.check_id, FIVE_MINUTES, row.slot_at),
        (row.check_id, HOUR, hour),
        (row.check_id, DAY, day),
    )


async def _known(
    session: AsyncSession, rows: Sequence[sa.Row[Any]]
) -> dict[Key, tuple[Tally, int]]:
    """The figures so far, with their bits. Asked by each column of the key: a few more rows
    than are needed, and always by the index.
    """
    keys = [key for row in rows for key in _keys(row)]
    ids, lengths, begun = (set(column) for column in zip(*keys, strict=True))
    found = await session.execute(
        sa.select(FIGURES).where(
            FIGURES.c.check_id.in_(ids),
            FIGURES.c.minutes.in_(lengths),
            FIGURES.c.begins_at.in_(begun),
        )
    )
    return {
        (row.check_id, row.minutes, row.begins_at): (
            Tally(row.asked, row.failed, row.slow, tally.unpack(row.times)),
            row.seen,
        )
        for row in found.all()
    }


def _added(
    rows: Sequence[sa.Row[Any]], known: dict[Key, tuple[Tally, int]]
) -> dict[Key, tuple[Tally, int]]:
    """Only what changes, as it is from now on."""
    changed: dict[Key, tuple[Tally, int]] = {}
    nothing = Tally(), 0
    for row in rows:
        minutes, hour, day = _keys(row)
        more, counted = tally.tally(looks.unpack(row.packed)), known.get(minutes, nothing)[0]
        if row.asked >= counted.asked:  # or the row was deleted meanwhile, and began anew
            more -= counted
        changed[minutes] = counted + more, 1
        for key, part, within in ((hour, minutes, SLOT), (day, hour, timedelta(minutes=HOUR))):
            before, bits = changed.get(key) or known.get(key, nothing)
            bit = 1 << (part[2] - key[2]) // within
            changed[key] = before + more, bits | bit
    return changed


async def _write(session: AsyncSession, changed: dict[Key, tuple[Tally, int]]) -> None:
    rows = [
        {
            "check_id": check_id,
            "minutes": minutes,
            "begins_at": begins_at,
            "asked": what.asked,
            "failed": what.failed,
            "slow": what.slow,
            "seen": bits,
            "times": tally.pack(what.times),
        }
        for (check_id, minutes, begins_at), (what, bits) in changed.items()
    ]
    await session.execute(_REPLACE[session.get_bind().dialect.name], rows)


def _replace(insert: Callable[[sa.Table], Any]) -> sa.Insert:
    new = insert(FIGURES)
    statement: sa.Insert = new.on_conflict_do_update(
        index_elements=["check_id", "minutes", "begins_at"],
        set_={name: new.excluded[name] for name in ("asked", "failed", "slow", "seen", "times")},
    )
    return statement


_REPLACE = {"postgresql": _replace(postgresql.insert), "sqlite": _replace(sqlite.insert)}

_DONE = (
    sa.update(LOOKS)
    .where(
        LOOKS.c.check_id == sa.bindparam("its_check"),
        LOOKS.c.slot_at == sa.bindparam("its_slot"),
        LOOKS.c.asked == sa.bindparam("its_looks"),  # or one came meanwhile: then it is undone
    )
    .values(rolled_up=True)
)


def _done(row: sa.Row[Any]) -> dict[str, Any]:
    return {"its_check": row.check_id, "its_slot": row.slot_at, "its_looks": row.asked}
