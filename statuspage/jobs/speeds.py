"""How fast did each component answer, as far as this process has read it?

This is no job but a part of ``publish``, with a beat of its own: a change never waits for it, and
a few are read at a time, so that nobody waits. A day is read again every five minutes, a week and
a quarter, whose steps are longer, every hour. Of several checks the answers are taken together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

from statuspage.actions import measured
from statuspage.premises import Premises
from statuspage.rules.response_times import STEPS, Period, period
from statuspage.rules.tally import Tally
from statuspage.settings import Component

AGAIN = {"day": timedelta(minutes=5), "week": timedelta(hours=1), "quarter": timedelta(hours=1)}
AT_ONCE = 10
"""So many at the least; of many components a twentieth."""
SOON = timedelta(milliseconds=200)


class Speeds:
    """What this process has read of it."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._read: dict[tuple[str, str], Period] = {}

    @property
    def of_all(self) -> Mapping[str, tuple[Period, ...]]:
        """By component, the day first."""
        found: dict[str, tuple[Period, ...]] = {}
        for name in STEPS:
            for (id, which), one in self._read.items():
                if which == name:
                    found[id] = (*found.get(id, ()), one)
        return found

    async def read_on(self, now: datetime) -> timedelta | None:
        """Those of which the last reading is too old; what was never read comes first."""
        shown = [one for one in self.premises.settings.components if one.public and one.checks]
        some = max(AT_ONCE, len(shown) // 20)
        due = list(islice(self._due(shown, now), some))
        for component, name in due:
            self._read[component.id, name] = await self._period(component, name, now)
        return SOON if len(due) == some else None

    def _due(self, shown: list[Component], now: datetime) -> Iterator[tuple[Component, str]]:
        pairs = [(one, name) for name in STEPS for one in shown]
        yield from (pair for pair in pairs if (pair[0].id, pair[1]) not in self._read)
        for one, name in pairs:
            read = self._read.get((one.id, name))
            if read is not None and not timedelta(0) <= now - read.until < AGAIN[name]:
                yield one, name

    async def _period(self, component: Component, name: str, now: datetime) -> Period:
        length, step = STEPS[name]
        counted: dict[datetime, Tally] = {}
        async with self.premises.store.read() as session:
            for check in component.checks:
                since = now - length - step
                found = await measured.figures(session, check.id, step // _MINUTE, since)
                for begun, what in found:
                    counted[begun] = counted[begun] + what if begun in counted else what
        return await asyncio.to_thread(period, name, sorted(counted.items(), key=_begun), now)


_MINUTE = timedelta(minutes=1)


def _begun(one: tuple[datetime, Tally]) -> datetime:
    return one[0]
