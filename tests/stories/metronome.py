"""How long does this machine keep somebody waiting who wants to run?

What must happen within a tenth of a second happens later where other work has the cores. A
thread that wants to run every few milliseconds knows by how much: on a calm machine by next to
nothing, so that what is asserted of a tenth of a second stays one.
"""

from __future__ import annotations

import threading
import time
from collections import deque

_BEAT_S = 0.01
_REMEMBERED = 500


class Metronome:
    """Beats from when it is made until it is stopped."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        self._over = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def stop(self) -> None:
        self._over.set()

    def latest(self, within_s: float = 1.0) -> float:
        """By how many seconds the latest beat of the last second came too late."""
        since = time.monotonic() - within_s
        return max((late for at, late in list(self._late) if at >= since), default=0.0)

    def _beat(self) -> None:
        while not self._over.is_set():
            due = time.monotonic() + _BEAT_S
            time.sleep(_BEAT_S)
            now = time.monotonic()
            self._late.append((now, max(now - due, 0.0)))
