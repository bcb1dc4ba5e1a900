"""How are the looks of five minutes kept in one row?

Packed one behind the other, about five bytes each, so that a look is added to its row without
reading it. A look is three numbers, or four where it failed: when it ended, in milliseconds since
the row began, with its grade in the two lowest bits; its response time in tenths of a
millisecond, one more than it was, since 0 says that nothing was measured; its fault, 0 for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from checks.result import Fault, Grade
from statuspage.rules import varints

SLOT = timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)
_GRADES = {grade.weight: grade for grade in Grade}
_FAULTS: tuple[Fault, ...] = (
    Fault.NAME_NOT_FOUND,
    Fault.REFUSED,
    Fault.UNREACHABLE,
    Fault.TIMED_OUT,
    Fault.TLS,
    Fault.CLOSED,
    Fault.PROTOCOL_ERROR,
    Fault.TOO_MANY_REDIRECTS,
    Fault.WRONG_STATUS,
    Fault.WRONG_CONTENT,
    Fault.LOGIN_REFUSED,
    Fault.QUERY_ERROR,
    Fault.NOT_READY,
    Fault.READ_ONLY,
    Fault.PROBE_ERROR,
)
"""A fault is written as its place here, counted from 1: new ones come last."""
_NUMBERS = {fault: n for n, fault in enumerate(_FAULTS, start=1)}


@dataclass(frozen=True, slots=True)
class Look:
    """``after``: how long after its five minutes began it ended, to the millisecond."""

    after: timedelta
    grade: Grade
    latency_ms: float | None = None
    fault: Fault | None = None


def slot_of(at: datetime, length: timedelta = SLOT) -> datetime:
    """When the five minutes, the hour or the day (UTC) began."""
    seconds = int(length.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def pack(look: Look) -> bytes:
    """To be put behind what is there."""
    numbers = [look.after // MILLISECOND << 2 | look.grade.weight, _tenths(look.latency_ms)]
    if look.grade is Grade.FAILED:
        numbers.append(_NUMBERS[look.fault] if look.fault else 0)
    return varints.written(numbers)


def _tenths(latency_ms: float | None) -> int:
    return 0 if latency_ms is None else round(max(latency_ms, 0.0) * 10) + 1


def unpack(packed: bytes) -> Iterator[Look]:
    """In the order in which they were written. Of a row that was damaged, what can be read."""
    numbers = varints.read(packed)
    for head in numbers:
        grade, tenths = _GRADES.get(head & 3), next(numbers, None)
        if grade is None or tenths is None:
            return
        number = next(numbers, None) if grade is Grade.FAILED else 0
        if number is None or number > len(_FAULTS):
            return
        yield Look(
            after=(head >> 2) * MILLISECOND,
            grade=grade,
            latency_ms=(tenths - 1) / 10 if tenths else None,
            fault=_FAULTS[number - 1] if number else None,
        )
