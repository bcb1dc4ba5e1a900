"""How has each component fared, as far as this process has read it?

This is no job but a part of ``publish``, which shows it with every change. So what is over is
read once and remembered, as long as nobody touches it, and only what is open is read each time.
When somebody looked is read every five minutes, with a beat of its own: that reads much, and no
change waits for it but the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import fared, measured
from statuspage.pages.again import Again
from statuspage.premises import Premises
from statuspage.rules.desk import Rows
from statuspage.rules.fared import DAYS, Fared, Past, calendar, fare, gaps
from statuspage.rules.looks import slot_of
from statuspage.rules.uptime import Span, Trouble, joined, maintained

READ_AGAIN = timedelta(minutes=5)
A_DAY = timedelta(days=1)


class Faring:
    """What this process knows of it."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._said: dict[str, tuple[fared.State, fared.Said]] = {}
        self._looked: dict[str, tuple[Span, ...]] = {}
        """When somebody looked at each component."""
        self._over: tuple[datetime | None, list[tuple[str, Span]]] = None, []
        """When each check looked on the days before yesterday, and which yesterday that was."""
        self._read_at: datetime | None = None
        self._fare = Again[str, Past, Fared](fare)

    async def of_all(self, session: AsyncSession, rows: Rows, now: datetime) -> Mapping[str, Fared]:
        """Of every public component."""
        days = calendar(now, self.premises.settings.site.zone)
        if self._read_at is None:
            await self._read(session, now)
        troubles = await self._troubles(session, days.whole.begins, now)
        planned = await fared.maintenances(session, days.whole.begins)
        away = gaps(self._looks(), days.whole.begins, now)
        return self._fare(
            {
                one.id: Past(
                    days=days,
                    since=rows.components[one.id].created_at,
                    watched=self._looked.get(one.id, ()),
                    gaps=away,
                    troubles=tuple(troubles.get(one.id, ())),
                    maintained=tuple(maintained(one.id, planned, now)),
                    is_measured=bool(one.checks),
                    target=one.slo,
                )
                for one in self.premises.settings.components
                if one.public and one.id in rows.components
            }
        )

    async def read_again(self, now: datetime) -> None:
        """Every five minutes, and sooner as long as nobody has looked. Before the first time there
        is nothing to be read again.
        """
        read_at, is_known = self._read_at, any(self._looked.values())
        if read_at is None or (is_known and timedelta(0) <= now - read_at < READ_AGAIN):
            return
        async with self.premises.store.read() as session:
            await self._read(session, now)

    async def _read(self, session: AsyncSession, now: datetime) -> None:
        settings, yesterday = self.premises.settings, slot_of(now - A_DAY, A_DAY)
        if self._over[0] != yesterday:
            since = now - DAYS * A_DAY
            self._over = yesterday, await measured.seen_by_all(session, since, yesterday)
        looked = self._over[1] + await measured.seen_by_all(session, yesterday)
        of, seen = await fared.checks(session), dict[str, list[Span]]()
        for check, span in looked:
            seen.setdefault(of[check], []).append(span)
        self._looked = {
            one.id: tuple(joined(seen.get(one.id, ()), measured.reach(settings, one)))
            for one in settings.components
        }
        self._read_at = now

    def _looks(self) -> Iterable[Span]:
        """Of whatever it was."""
        return (span for spans in self._looked.values() for span in spans)

    async def _troubles(
        self, session: AsyncSession, since: datetime, now: datetime
    ) -> Mapping[str, list[Trouble]]:
        """By component."""
        states = await fared.incidents(session, since)
        known = {id: one for id, one in self._said.items() if id in states and one[0] == states[id]}
        said = await fared.said(session, states.keys() - known.keys(), now)
        self._said = known | {
            id: (state, told) for id, told in said.items() if (state := states[id]) is not None
        }
        troubles: dict[str, list[Trouble]] = {}
        for told in (*(told for _, told in known.values()), *said.values()):
            for component, trouble in told:
                troubles.setdefault(component, []).append(trouble)
        return troubles
