"""How is a file of customers taken in while it still arrives?

It is read on a thread beside the loop, so that pages and probes go on, and stored in short
transactions, so that whoever else writes does. Memory holds one batch, whatever the size. The
audit's line is written with the first batch and brought up to date with each: however it ends,
it says how far the file came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import imports
from statuspage.database import Store
from statuspage.rules.imports import Bad, Entry, Reader
from statuspage.tables import AuditEntry

BATCH = 200
"""Lines in a transaction: well under 100 ms."""
PIECE = 16 * 1024
LISTED = 1000
_TRIES = 3


@dataclass(slots=True)
class Told:
    """What has come of the lines so far; ``silent`` and ``rejected`` are the first thousand."""

    added: int = 0
    updated: int = 0
    kept: int = 0
    silent: list[int] = field(default_factory=list)
    silent_total: int = 0
    rejected: list[Bad] = field(default_factory=list)
    rejected_total: int = 0

    def note(self, counts: imports.Counts) -> None:
        self.added += counts.added
        self.updated += counts.updated
        self.kept += counts.kept
        self.silent_total += len(counts.silent)
        self.silent += counts.silent[: LISTED - len(self.silent)]

    def reject(self, bad: Bad) -> None:
        self.rejected_total += 1
        if len(self.rejected) < LISTED:
            self.rejected.append(bad)

    @property
    def in_short(self) -> dict[str, int]:
        return {
            "added": self.added,
            "updated": self.updated,
            "kept": self.kept,
            "silent": self.silent_total,
            "rejected": self.rejected_total,
        }


@dataclass(slots=True)
class Intake:
    """One file on its way in. ``rehearsing``: nothing is stored, only foreseen."""

    store: Store
    reader: Reader
    manner: imports.Manner
    who: str
    now: datetime
    rehearsing: bool = False
    told: Told = field(default_factory=Told)
    stored_to: int = 0
    """The last line that is stored, so that a file that was cut can be explained."""
    _waiting: list[Entry] = field(default_factory=list)
    _audit_id: int | None = None

    async def take(self, piece: bytes) -> None:
        """Some bytes more. Raises ``Unreadable``."""
        for at in range(0, len(piece), PIECE):
            lines = await asyncio.to_thread(self.reader.read, piece[at : at + PIECE])
            await self._sort(lines)

    async def end(self) -> None:
        """That was all of it. Raises ``Unreadable``."""
        await self._sort(self.reader.end())
        await self.keep(whole=True)

    async def keep(self, *, whole: bool = False) -> None:
        """Store what waits. A file that was cut may end in half an address: that is not taken."""
        batch, self._waiting = self._waiting, []
        if self.rehearsing:
            await self._foresee(batch)
        elif batch or whole:
            await self._store(batch, whole=whole)

    async def _sort(self, lines: Sequence[Entry | Bad]) -> None:
        for one in lines:
            if isinstance(one, Bad):
                self.told.reject(one)
                continue
            self._waiting.append(one)
            if len(self._waiting) >= BATCH:
                await self.keep()

    async def _foresee(self, batch: Sequence[Entry]) -> None:
        async with self.store.read() as session:
            self.told.note(await imports.foresee(session, batch, self.manner))

    async def _store(self, batch: Sequence[Entry], *, whole: bool) -> None:
        """Of two files with the same new address, the second finds it taken, and looks again."""
        for tries in range(1, _TRIES + 1):
            try:
                async with self.store.write() as session:
                    counts = await imports.store(session, batch, self.manner, self.now)
                    self.told.note(counts)
                    await self._note(session, whole=whole)
            except IntegrityError:
                if tries == _TRIES:
                    raise
            else:
                break
        self.stored_to = batch[-1].line if batch else self.stored_to

    async def _note(self, session: AsyncSession, *, whole: bool) -> None:
        detail = {
            **self.told.in_short,
            "whole": whole,
            "confirm": self.manner.confirm,
            "basis": self.manner.basis,
            "source": self.manner.source,
        }
        entry = await session.get(AuditEntry, self._audit_id) if self._audit_id else None
        if entry is None:
            entry = AuditEntry(at=self.now, who=self.who, did="subscribers imported", what="file")
            session.add(entry)
        entry.detail = detail
        await session.flush()
        self._audit_id = entry.id
