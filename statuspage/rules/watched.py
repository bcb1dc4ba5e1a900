"""When did somebody look?

Of each hour a row remembers in which of its twelve five minutes there was a look, one bit each,
so that ninety days are known as finely as the looks themselves were, in a row an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from statuspage.rules.looks import SLOT
from statuspage.rules.uptime import Span, joined

HOUR = timedelta(hours=1)
WHOLE_HOUR = (1 << HOUR // SLOT) - 1


def spans(hours: Iterable[tuple[datetime, int]], reach: timedelta) -> list[Span]:
    """What the five minutes of these hours (when each began, its bits) make up, oldest first,
    of several checks too. ``reach``: how long the last look stands for what follows.
    """
    seen: dict[datetime, int] = {}
    for begun, bits in hours:
        seen[begun] = seen.get(begun, 0) | bits
    return joined((span for begun, bits in seen.items() for span in _pieces(begun, bits)), reach)


def _pieces(begun: datetime, bits: int) -> Iterator[Span]:
    if bits == WHOLE_HOUR:
        yield Span(begun, begun + HOUR)
        return
    for n in range(HOUR // SLOT):
        if bits >> n & 1:
            yield Span(begun + n * SLOT, begun + (n + 1) * SLOT)
