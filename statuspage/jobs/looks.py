"""What did one look bring, what follows from it, and how is that written down?

A look that is back is judged by what was believed before it; when we ourselves are cut off
no verdict moves. Rows are written for many looks at once, and fenced: who has lost the
claim on a check (a machine that slept) changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from checks.result import Grade, Result
from checks.verdict import Belief, Policy, Verdict, freeze, judge, next_look
from statuspage.rules.looks import Look, pack, slot_of
from statuspage.settings import Check as CheckSettings
from statuspage.tables import Change, Check, Looks

CHECKS: sa.Table = Check.__table__  # type: ignore[attr-defined]
LOOKS: sa.Table = Looks.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Looked:
    """One look that has come back: with what was believed before it."""

    check: CheckSettings
    component_id: str
    before: Verdict
    result: Result
    begun_at: datetime
    ended_at: datetime
    policy: Policy

    @property
    def is_bad_news(self) -> bool:
        """A failure that would move what is believed."""
        return self.result.grade is Grade.FAILED and self.before.belief is not Belief.FAILED

    @property
    def is_no_news(self) -> bool:
        """Well, as it was believed and never doubted to be."""
        calm = self.before.belief is Belief.WELL and not self.before.in_doubt
        return calm and self.result.grade is Grade.WELL


@dataclass(frozen=True, slots=True)
class Judged:
    """A look and what follows from it. ``verdict`` is the old one when we were cut off."""

    look: Looked
    verdict: Verdict
    next_due_at: datetime
    is_put_off: bool = False
    """It tells of our own connection, and nothing of the target."""

    @property
    def change(self) -> tuple[str, str] | None:
        """(old, new) when what is believed changed; a first good answer is no news."""
        old, new = _state(self.look.before), _state(self.verdict)
        return None if old == new or (old, new) == ("unknown", "well") else (old, new)

    @property
    def doubt_moved(self) -> bool:
        """A doubt that came or went without a change: a change is shown once it is settled,
        or visitors would read of an outage a moment before its incident is there.
        """
        if self.change is not None:
            return False
        return self._is_first_belief or self.verdict.in_doubt != self.look.before.in_doubt

    @property
    def _is_first_belief(self) -> bool:
        """What was never looked at is known now."""
        return (
            self.look.before.belief is Belief.UNKNOWN and self.verdict.belief is not Belief.UNKNOWN
        )

    @property
    def began_to_doubt(self) -> bool:
        return self.verdict.in_doubt and not self.look.before.in_doubt

    @property
    def is_calm(self) -> bool:
        return self.verdict.belief is Belief.WELL and not self.verdict.in_doubt


def judge_look(look: Looked) -> Judged:
    verdict = judge(look.before, look.result, look.policy, look.ended_at)
    return Judged(look, verdict, look.begun_at + next_look(verdict, look.policy))


def put_off(look: Looked) -> Judged:
    """We are cut off: no verdict changes, and it is asked again soon."""
    pause = min(look.policy.confirm_interval, look.policy.interval)
    return Judged(look, look.before, look.ended_at + pause, is_put_off=True)


async def write_down(session: AsyncSession, looks: Sequence[Judged], who: str) -> None:
    """Beliefs, due times, what was seen and changes; the claims are given back."""
    await session.execute(_RECORD, [_row(one, who) for one in looks])
    if seen := [_seen(one.look) for one in looks if not one.is_put_off]:
        await session.execute(_APPEND[session.get_bind().dialect.name], seen)
    session.add_all([_change(one, *one.change) for one in looks if one.change is not None])


def _state(verdict: Verdict) -> str:
    return "flapping" if verdict.flapping else verdict.belief.value


_RECORD = (
    sa.update(CHECKS)
    .where(CHECKS.c.id == sa.bindparam("check_id"), CHECKS.c.lease_by == sa.bindparam("by"))
    .values(
        verdict=sa.bindparam("frozen"),
        belief=sa.bindparam("state"),
        looked_at=sa.bindparam("looked"),
        latency_ms=sa.bindparam("latency"),
        says=sa.bindparam("said"),
        address=sa.bindparam("place"),
        next_due_at=sa.bindparam("due"),
        lease_by=None,
        lease_until=None,
    )
)


def _row(one: Judged, who: str) -> dict[str, Any]:
    result = one.look.result
    return {
        "check_id": one.look.check.id,
        "by": who,
        "frozen": freeze(one.verdict),
        "state": _state(one.verdict),
        "looked": one.verdict.looked_at,  # of what was put off we have seen nothing
        "latency": result.latency_ms,
        "said": result.says,
        "place": result.address,
        "due": one.next_due_at,
    }


def _change(one: Judged, old: str, new: str) -> Change:
    return Change(
        check_id=one.look.check.id,
        component_id=one.look.component_id,
        old=old,
        new=new,
        at=one.look.ended_at,
        since=one.verdict.since or one.look.ended_at,
        says=one.look.result.says,
    )


def _append(insert: Callable[[sa.Table], Any]) -> sa.Insert:
    """To the row of its check and five minutes, which need not be read for it."""
    new = insert(LOOKS)
    both = LOOKS.c.packed.op("||")(new.excluded.packed)
    statement: sa.Insert = new.on_conflict_do_update(
        index_elements=["check_id", "slot_at"],
        set_={
            "asked": LOOKS.c.asked + new.excluded.asked,
            "failed": LOOKS.c.failed + new.excluded.failed,
            "says": sa.case((new.excluded.failed > 0, new.excluded.says), else_=LOOKS.c.says),
            "packed": sa.cast(both, sa.LargeBinary),  # SQLite makes it a text
            "rolled_up": False,
        },
    )
    return statement


_APPEND = {"postgresql": _append(postgresql.insert), "sqlite": _append(sqlite.insert)}


def _seen(look: Looked) -> Mapping[str, Any]:
    result = look.result
    slot_at = slot_of(look.ended_at)
    seen = Look(look.ended_at - slot_at, result.grade, result.latency_ms, result.fault)
    failed = result.grade is Grade.FAILED
    return {
        "check_id": look.check.id,
        "slot_at": slot_at,
        "asked": 1,
        "failed": int(failed),
        "says": result.says if failed else "",
        "packed": pack(seen),
        "rolled_up": False,
    }
