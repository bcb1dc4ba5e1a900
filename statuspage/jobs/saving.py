"""Do the files in ``state_dir`` have what is shown?

They are for the next start, so nobody waits for them: a slow disk, or a full one, keeps no page
from being shown. While pages change many times a second they are written once a second; what was
erased leaves the disk at once.

This is no job but a part of ``publish``.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from statuspage import snapshots
from statuspage.premises import Premises
from statuspage.snapshots import Snapshots, Written

logger = logging.getLogger(__name__)

PAUSE_S = 1.0
READ_AGAIN_S = 60.0
"""So often all that is on the disk is compared: what has gone bad there is mended."""


class Saving:
    """One at a time, and the newest next."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._next: tuple[Snapshots, int] | None = None
        self._task: asyncio.Task[None] | None = None
        self._written, self._compared_at = Written(), 0.0
        self._at_once = asyncio.Event()
        self._is_closing = False

    def soon(self, shown: Snapshots, not_before: int, *, at_once: bool = False) -> None:
        """``not_before``: an older set holds what must be gone."""
        self._next = shown, not_before
        if at_once:
            self._at_once.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._save_all())

    async def close(self) -> None:
        """What is shown is on the disk."""
        self._is_closing = True
        self._at_once.set()
        if self._task is not None:
            await self._task

    async def _save_all(self) -> None:
        while self._next is not None:
            (newest, not_before), self._next = self._next, None
            self._at_once.clear()
            await self._save(newest, not_before)
            if self._is_closing:
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._at_once.wait(), PAUSE_S)

    async def _save(self, shown: Snapshots, not_before: int) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._compared_at > READ_AGAIN_S:
            self._written.forget()
            self._compared_at = now
        try:
            await asyncio.to_thread(
                snapshots.save,
                self.premises.settings.site.state_dir,
                shown.pages,
                gates=shown.gates,
                shut_gates=shown.shut_gates,
                revision=shown.revision,
                not_before=not_before,
                written=self._written,
            )
        except snapshots.SnapshotsNotSaved as error:
            self.premises.metrics.snapshot_failures.inc()
            logger.error("The pages could not be saved for the next start: %s.", error)  # noqa: TRY400
