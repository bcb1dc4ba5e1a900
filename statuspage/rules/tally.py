"""What remains of many looks, so that hours and days can be told from minutes?

Counts, and how long the answers took as a histogram whose classes grow by 4 % each: any
percentile is told within 2 % (DDSketch, Masson et al., 2019), and those of twelve five minutes
added up are those of the hour, which no percentile of percentiles is. A look that failed took
no response time: how long we waited in vain says nothing of how fast it answers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from checks.result import Grade
from statuspage.rules import varints
from statuspage.rules.looks import Look

GROWTH = 1.04
SHORTEST_MS = 0.01
"""All that is shorter is one class: no probe over a network is."""
_LOG_GROWTH = math.log(GROWTH)


@dataclass(frozen=True, slots=True)
class Tally:
    """``times``: how many answers fell into each class. ``+`` and ``-`` count together and
    take out again.
    """

    asked: int = 0
    failed: int = 0
    slow: int = 0
    times: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        return self._with(other, 1)

    def __sub__(self, other: Tally) -> Tally:
        return self._with(other, -1)

    def _with(self, other: Tally, sign: int) -> Tally:
        times = dict(self.times)
        for each, n in other.times.items():
            times[each] = times.get(each, 0) + sign * n
        return Tally(
            self.asked + sign * other.asked,
            self.failed + sign * other.failed,
            self.slow + sign * other.slow,
            {each: n for each, n in times.items() if n},
        )

    def percentile_ms(self, share: float) -> float | None:
        """What ``share`` (0 to 1) of the answers were no slower than; None where none was."""
        total = sum(self.times.values())
        wanted, counted = max(math.ceil(share * total), 1), 0
        for each in sorted(self.times):
            counted += self.times[each]
            if counted >= wanted:
                return _middle_ms(each)
        return None


def tally(looks: Iterable[Look]) -> Tally:
    seen = tuple(looks)
    grades = Counter(look.grade for look in seen)
    times = Counter(
        _class(look.latency_ms)
        for look in seen
        if look.latency_ms is not None and look.grade is not Grade.FAILED
    )
    return Tally(len(seen), grades[Grade.FAILED], grades[Grade.SLOW], times)


def _class(latency_ms: float) -> int:
    return max(math.ceil(math.log(max(latency_ms, SHORTEST_MS) / SHORTEST_MS) / _LOG_GROWTH), 0)


def _middle_ms(each: int) -> float:
    """The value that is equally far, by share, from both ends of a class."""
    return SHORTEST_MS * GROWTH**each * 2 / (1 + GROWTH)


def pack(times: Mapping[int, int]) -> bytes:
    """How far each class is from the one before, and how many fell into it. None is less than
    nothing, whatever was taken out: what cannot be written would be tried for ever.
    """
    numbers, before = [], 0
    for each in sorted(each for each, n in times.items() if n > 0):
        numbers += [each - before, times[each]]
        before = each
    return varints.written(numbers)


def unpack(packed: bytes) -> dict[int, int]:
    numbers = varints.read(packed)
    times, before = {}, 0
    for step, n in zip(numbers, numbers, strict=False):
        before += step
        times[before] = n
    return times
