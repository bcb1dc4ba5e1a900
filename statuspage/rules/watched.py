"""When did somebody look?

Of each hour a row remembers in which of its twelve five minutes there was a look, one bit each,
and of each day a row in which of its hours. So ninety days are known as finely as the looks
themselves were from a row a day, and those of the hours in which there was not always a look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from statuspage.rules.looks import SLOT
from statuspage.rules.uptime import Span, joined

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE_HOUR = (1 << HOUR // SLOT) - 1
WHOLE_DAY = (1 << DAY // HOUR) - 1


def spans(days: Iterable[tuple[datetime, int]], parts: Mapping[datetime, int]) -> list[Span]:
    """What the days of one check (when each began, its bits) make up, oldest first. ``parts``:
    the bits of those hours that are not whole, by when they began.
    """
    partly = {begun.date() for begun in parts}
    return joined(
        piece for begun, bits in days for piece in _day(begun, bits, parts, begun.date() in partly)
    )


def _day(begun: datetime, bits: int, parts: Mapping[datetime, int], partly: bool) -> Iterator[Span]:
    if bits == WHOLE_DAY and not partly:
        yield Span(begun, begun + DAY)
        return
    for n in range(DAY // HOUR):
        if bits >> n & 1:
            hour = begun + n * HOUR
            yield from _hour(hour, parts.get(hour, WHOLE_HOUR))


def _hour(begun: datetime, bits: int) -> Iterator[Span]:
    if bits == WHOLE_HOUR:
        yield Span(begun, begun + HOUR)
        return
    for n in range(HOUR // SLOT):
        if bits >> n & 1:
            yield Span(begun + n * SLOT, begun + (n + 1) * SLOT)
