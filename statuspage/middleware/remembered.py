"""What did we hear last, and who asks anew, so that next to nobody waits for it?

An answer stands for ``KEPT_S``. Once it is older than ``FRESH_S``, the next who needs it has it
asked for again in a thread, and goes on with the one that is there. Only who finds none waits,
``PATIENCE_S`` at most, counted from when the asking began: while it hangs, the others do not
wait for it in their turn, nor for the next ones after one that learned nothing. One asking is
under way at a time.

A thread for each asking and not a pool: servers fork after the application was loaded, and a
pool's threads would stay behind.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

log = logging.getLogger("statuspage.middleware")

PATIENCE_S = 0.2
"""A visitor's. What is asked may take longer, and is remembered when it comes."""
FRESH_S = 1.0
"""Also how soon after one that failed the next asking may begin."""
KEPT_S = 5.0
LOST_S = 60.0
"""An asking this old has no thread any more: the process was forked while it was under way."""

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """One question's answer. To be used by threads and by tasks alike.

    :param ask: in a thread; answers None where nothing could be learned
    :param clock: seconds that never go back
    :param begin: starts a function without waiting for it
    """

    def __init__(
        self,
        ask: Callable[[], Answer | None],
        *,
        clock: Callable[[], float] = time.monotonic,
        begin: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._ask, self._clock, self._begin = ask, clock, begin or _in_a_thread
        self._lock = threading.Lock()
        self._asking: Future[Answer | None] | None = None
        self._began_at = self._heard_at = self._failed_at = -math.inf
        self._heard: Answer | None = None

    def now(self) -> Answer | None:
        """The answer, waited for at most ``PATIENCE_S``; None where there is none by then."""
        heard, asking, left_s = self._look()
        if asking is None:
            return heard
        try:
            return asking.result(left_s)
        except TimeoutError:
            return None

    async def soon(self) -> Answer | None:
        """The same for a task."""
        heard, asking, left_s = self._look()
        if asking is None:
            return heard
        # not wait_for: that would end the asking for everybody else, too
        waited = asyncio.wrap_future(asking)
        await asyncio.wait({waited}, timeout=left_s)
        return waited.result() if waited.done() else None

    def _look(self) -> tuple[Answer | None, Future[Answer | None] | None, float]:
        """What is known, or else the asking that is worth waiting for, and how long (s)."""
        fresh: Future[Answer | None] | None = None
        with self._lock:
            now = self._clock()
            if self._is_due(now):
                fresh = self._asking = Future()
                self._began_at = now
        if fresh is not None:
            self._start(fresh)
        with self._lock:
            if now - self._heard_at < KEPT_S:
                return self._heard, None, 0.0
            left_s = self._began_at + PATIENCE_S - now
            is_hopeful = left_s > 0 and now - self._failed_at >= KEPT_S
            return None, self._asking if is_hopeful else None, left_s

    def _is_due(self, now: float) -> bool:
        since_s = now - self._began_at
        return since_s >= FRESH_S if self._asking is None else since_s >= LOST_S

    def _start(self, asking: Future[Answer | None]) -> None:
        try:
            self._begin(lambda: self._carry_out(asking))
        except RuntimeError as full:  # no further thread, or the interpreter is about to end
            log.warning("the gate could not be asked: %s", full)
            self._settle(asking, None)

    def _carry_out(self, asking: Future[Answer | None]) -> None:
        answer: Answer | None = None
        try:
            answer = self._ask()
        except Exception:  # the application must not suffer by a mistake of ours
            log.exception("the gate could not be asked")
        self._settle(asking, answer)

    def _settle(self, asking: Future[Answer | None], answer: Answer | None) -> None:
        with self._lock:
            if answer is None:
                self._failed_at = self._clock()
            else:
                self._heard, self._heard_at = answer, self._clock()
                self._failed_at = -math.inf
            if self._asking is asking:
                self._asking = None
        asking.set_result(answer)


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="avviso-gate", daemon=True).start()
