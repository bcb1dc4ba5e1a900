"""How does a process hear at once that another one has changed something?

On PostgreSQL whoever raises the revision notifies, with the commit, and every process listens
on a connection of its own (a pooled one would be handed to others). A hint makes it fast, not
right: one that is lost costs a poll, so while the listener cannot be had nothing stops. SQLite
has one process, which nudges itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from statuspage.actions.revision import CHANNEL
from statuspage.nudges import Nudges
from statuspage.premises import Premises

logger = logging.getLogger(__name__)

WOKEN = ("publish", "announce", "call", "deliver")
AFTER_FAILURE_S = 1.0


@asynccontextmanager
async def heard(premises: Premises) -> AsyncIterator[None]:
    """As long as this lasts, what other processes change wakes this one's jobs."""
    if premises.store.is_sqlite:
        yield
        return
    listener = asyncio.create_task(_listen_on(premises.store.url, premises.nudges))
    try:
        yield
    finally:
        listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listener


async def _listen_on(url: str, nudges: Nudges) -> None:
    """Listen, and again after each loss."""
    is_lost = False
    while True:
        try:
            await _listen(url, nudges)
        except (psycopg.Error, OSError):
            if not is_lost:
                logger.warning("What other processes change is seen by polling alone.")
            is_lost = True
        else:
            is_lost = False
        await asyncio.sleep(AFTER_FAILURE_S)


async def _listen(url: str, nudges: Nudges) -> None:
    """Until the connection ends."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        nudges.nudge(*WOKEN)  # what was said while nobody listened
        async for _ in connection.notifies():
            nudges.nudge(*WOKEN)
